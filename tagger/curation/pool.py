"""Unlabelled texts of any kind → what is worth looking at: paragraphs where labels are of such, and no copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tagger.copies import LIKENESS, group_copies
from tagger.dataset import Dataset
from tagger.errors import DataError, Problem
from tagger.messages import _
from tagger.records import Example
from tagger.text import split_paragraphs

__all__ = ["FreshTexts", "fresh_texts_of", "paragraphs_of"]

# More unlabelled texts teach no more, and take time: so many of them are drawn.
_MOST = 20_000
# Where fewer of the labelled texts are one paragraph each, labels are of whole articles.
_PARAGRAPHS = 0.9
_SAMPLE = 500  # texts looked at


@dataclass(frozen=True)
class FreshTexts:
    """Unlabelled texts that are no copies, in the order they were given.

    Attributes:
        texts: those that are left, or drawn of them.
        copies: how many were left out, as they are labelled, or nearly copies of what is or came before.
        others: how many more there are that were not drawn.
    """

    texts: tuple[Example, ...]
    copies: int
    others: int

    def __str__(self) -> str:
        if self.others:
            return _(
                "{texts} unlabelled texts, drawn of {all}; {copies} left out that are labelled or nearly copies",
                texts=len(self.texts),
                all=len(self.texts) + self.others,
                copies=self.copies,
            )
        return _(
            "{texts} unlabelled texts; {copies} left out that are labelled or nearly copies",
            texts=len(self.texts),
            copies=self.copies,
        )


def fresh_texts_of(pool: Sequence[Example], dataset: Dataset) -> FreshTexts:
    """Leave out what is nearly a copy of a labelled text or of one before it, and draw some where many are left.

    Raises:
        DataError: when nothing is left.
    """
    labelled = len(dataset.examples)
    groups = group_copies([example.text for example in (*dataset.examples, *pool)], similarity=LIKENESS)[labelled:]
    fresh = np.flatnonzero(groups == np.arange(labelled, labelled + len(pool)))
    if not fresh.size:
        raise DataError(
            dataset.source,
            Problem(_("labels all of the {number} texts, or near copies: name others", number=len(pool))),
        )
    drawn = np.sort(np.random.default_rng(0).permutation(fresh)[:_MOST])
    return FreshTexts(tuple(pool[place] for place in drawn.tolist()), len(pool) - len(fresh), len(fresh) - len(drawn))


def paragraphs_of(pool: Sequence[Example], examples: Sequence[Example], source: str) -> tuple[Example, ...] | None:
    """Split unlabelled articles where what is labelled are paragraphs; None where they are to stay whole.

    They are split where most of them hold several paragraphs and nearly every labelled text holds one. Furniture of
    the page is left out. What names no document is one of its own, by its line in `source`.
    """
    labelled = examples[:_SAMPLE]
    if sum(map(_is_one, labelled)) < _PARAGRAPHS * len(labelled):
        return None
    if 2 * sum(map(_is_one, pool[:_SAMPLE])) >= len(pool[:_SAMPLE]):
        return None
    return tuple(
        Example(part.text, (), example.document or f"{source}:{example.line or place}", number, example.line)
        for place, example in enumerate(pool, start=1)
        for number, part in enumerate(split_paragraphs(example.text), start=1)
        if not part.furniture
    )


def _is_one(example: Example) -> bool:
    return len(split_paragraphs(example.text)) <= 1
