"""A dataset → counted features and targets, counted once and shared by every fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import UNNAMED, Dataset
from tagger.features import Occurrences, Rows, count, document_frequencies, extract
from tagger.lookup import Lookup
from tagger.model import Feature
from tagger.segment import Dictionary, open_segmenter, suggest_dictionary
from tagger.settings import Settings
from tagger.text import normalise

__all__ = ["Corpus", "build_corpus"]


@dataclass(frozen=True)
class Corpus:
    """Training texts, counted: first the examples, then each keyword as a text of its own.

    Attributes:
        dictionary: the keywords entered into the segmenter.
        features: how many features there are.
        vocabulary: the features, ordered by kind and text; a feature's place is its column.
        lookup: feature key → column.
        counts: a row for each text.
        targets: bool (texts, topics).
        groups: int64 (examples,), the number of each example's document.
    """

    dictionary: Dictionary
    features: int
    vocabulary: tuple[Feature, ...]
    lookup: Lookup
    counts: Rows
    targets: NDArray[np.bool_]
    groups: NDArray[np.int64]

    @property
    def examples(self) -> int:
        """How many of the texts are examples; the rest are keywords."""
        return len(self.groups)

    def without_vocabulary(self) -> Corpus:
        """Give what fitting needs, light enough to be sent to other processes."""
        nothing = Lookup(np.zeros(1, dtype=np.uint64), np.zeros(1, dtype=np.int32))
        return replace(self, vocabulary=(), lookup=nothing)

    def part(self, rows: NDArray[np.int64]) -> Corpus:
        """Give the corpus of these examples alone, and of all keywords.

        The vocabulary stays whole: features that only other examples hold get no weight in a fit to the part.
        """
        texts = np.concatenate([rows, np.arange(self.examples, len(self.counts))])
        return replace(
            self,
            counts=self.counts.take(texts),
            targets=self.targets[texts],
            groups=self.groups[rows],
        )


def build_corpus(dataset: Dataset, settings: Settings) -> Corpus:
    """Count the features of all examples and keywords."""
    keywords = _keywords(dataset)
    dictionary = suggest_dictionary(keywords, engine=settings.engine) if settings.words else ()
    if settings.keyword_weight == 0:
        keywords = {}
    texts = [normalise(example.text) for example in dataset.examples] + list(keywords)
    segmenter = open_segmenter(settings.engine, dictionary) if settings.words else None
    occurrences = extract(texts, segmenter=segmenter, characters=settings.characters)
    spelled, keys = _features(occurrences)
    lookup = Lookup.build(keys)
    counts = count(occurrences, lookup)
    documents = document_frequencies(counts, features=len(keys))
    topics = [topic.name for topic in dataset.topics]
    assigned = [set(example.topics) for example in dataset.examples] + list(keywords.values())
    return Corpus(
        dictionary=dictionary,
        features=len(keys),
        vocabulary=tuple(Feature(*feature, int(n)) for feature, n in zip(spelled, documents, strict=True)),
        lookup=lookup,
        counts=counts,
        targets=np.array([[topic in names for topic in topics] for names in assigned], dtype=bool).reshape(
            len(assigned), len(topics)
        ),
        groups=_groups(dataset),
    )


def _keywords(dataset: Dataset) -> dict[str, set[str]]:
    """Gather the normalised keywords, each with the topics that name it, in the order of the alphabet."""
    found: dict[str, set[str]] = {}
    for topic in dataset.topics:
        for keyword in topic.keywords:
            found.setdefault(normalise(keyword).strip(), set()).add(topic.name)
    return dict(sorted(found.items()))


def _groups(dataset: Dataset) -> NDArray[np.int64]:
    """Number the documents, shape (examples,).

    Equal texts that name no document are taken for one, or one of them would be tested on the other.
    """
    numbers: dict[str, int] = {}
    keys = [
        f"{UNNAMED}{normalise(example.text).strip()}" if example.document.startswith(UNNAMED) else example.document
        for example in dataset.examples
    ]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _features(occurrences: Occurrences) -> tuple[Sequence[tuple[str, str]], NDArray[np.uint64]]:
    """Spell out the distinct features, ordered by kind and text, and give their keys in that order."""
    keys, first = np.unique(occurrences.keys, return_index=True)
    spelled = [occurrences.feature(int(index)) for index in first]
    order = sorted(range(len(spelled)), key=spelled.__getitem__)
    return [spelled[index] for index in order], keys[order]
