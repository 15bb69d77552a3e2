"""Labels + unlabelled texts → what to label next, the model's guesses, and what more labels would bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tagger.curation.choosing import Pick, Strategy, Why, choose_rows
from tagger.curation.outlook import Outlook, look_ahead
from tagger.curation.pool import FreshTexts, fresh_texts_of
from tagger.dataset import Dataset
from tagger.records import Example
from tagger.settings import Settings
from tagger.tagger import Tagger
from tagger.tagging import classify_texts
from tagger.training import build_corpus, resolve_settings, train_measurably
from tagger.training.pool import PoolTrial, try_pool

__all__ = ["Suggestion", "Suggestions", "suggest"]


@dataclass(frozen=True)
class Suggestion:
    """A text to label next.

    Attributes:
        text: as it was given.
        topics: what the model guesses, the names of topics in their order.
        probability: how sure the guess is: of the topic that is least sure, or that there is none.
        why: "rare": for a topic of few examples; "new": unlike all labelled texts; "unsure": the model is; "random".
        document, paragraph, line: where the text is from, as far as is known.
    """

    text: str
    topics: tuple[str, ...]
    probability: float
    why: Why
    document: str | None
    paragraph: int | None
    line: int | None


@dataclass(frozen=True)
class Suggestions:
    """What to label next, the first to be labelled first, and how it was chosen.

    Attributes:
        texts: what was chosen.
        strategy: how.
        topics: how many were chosen for each topic; empty where none was.
        pool: what was chosen from.
        trial: whether learning from unlabelled texts helps; None where there was no label, or nothing depended on it.
        outlook: what more labels would bring; None where there was no label, or it was not asked for.
    """

    texts: tuple[Suggestion, ...]
    strategy: Strategy
    topics: dict[str, int]
    pool: FreshTexts
    trial: PoolTrial | None
    outlook: Outlook | None


def suggest(  # noqa: PLR0913 - each by its name
    dataset: Dataset,
    pool: Sequence[Example],
    *,
    number: int = 50,
    strategy: Literal["auto"] | Strategy = "auto",
    settings: Settings | None = None,
    ahead: bool = True,
    jobs: int = 1,
    told: Callable[[str], object] | None = None,
) -> Suggestions:
    """Choose what to label next of unlabelled texts, none of them labelled already or nearly a copy of another.

    Args:
        dataset: labels, or without any example topics with keywords, which then are learnt from.
        pool: texts to choose from; their topics do not count.
        number: how many to choose.
        strategy: as `choose_rows` has them; "auto" takes "placed" where folds of the labelled texts say that learning
            from the unlabelled ones helps, and "margin" where they do not.
        settings: how to train.
        ahead: whether to tell what more labels would bring, which takes some twenty trainings.
        jobs: the number of processes.
        told: called with a sentence about each thing that was found, when it is.

    Raises:
        DataError: when there is nothing to learn from, or nothing to choose from.
    """
    tell = told or (lambda _: None)
    found = fresh_texts_of(pool, dataset)
    fresh = found.texts
    tell(str(found))
    plain = replace(dataset, unlabelled=())
    dataset = replace(dataset, unlabelled=tuple(text.text for text in fresh))
    settings = resolve_settings(settings or Settings(), dataset)
    trial = None
    if strategy in ("auto", "placed") and dataset.examples:
        trial = try_pool(dataset, settings, jobs=jobs)
        tell(str(trial))
    if strategy == "auto":
        strategy = "placed" if trial is None or trial.helps else "margin"
    learnt = dataset if trial is not None and trial.helps else plain
    tagger, corpus, _ = train_measurably(learnt, settings, jobs=jobs)
    outlook = None
    if ahead and dataset.examples:
        outlook = look_ahead(corpus, tagger.settings, number)
        tell(str(outlook))
    if learnt is plain:
        corpus = build_corpus(dataset, settings)
    picks = choose_rows(corpus, settings, number, strategy)
    counts = {topic.name: 0 for topic in dataset.topics} if any(pick.topic is not None for pick in picks) else {}
    for pick in picks:
        if pick.topic is not None:
            counts[dataset.topics[pick.topic].name] += 1
    return Suggestions(tuple(_guessed(tagger, picks, fresh)), strategy, counts, found, trial, outlook)


def _guessed(tagger: Tagger, picks: Sequence[Pick], fresh: Sequence[Example]) -> list[Suggestion]:
    chosen = [fresh[pick.row] for pick in picks]
    probability, assigned = classify_texts(tagger.model, [text.text for text in chosen])
    sure = np.where(assigned.any(axis=1), np.where(assigned, probability, 1).min(axis=1), 1 - probability.max(axis=1))
    return [
        Suggestion(
            text=text.text,
            topics=tuple(name for name, has in zip(tagger.topics, row, strict=True) if has),
            probability=value,
            why=pick.why,
            document=text.document,
            paragraph=text.paragraph,
            line=text.line,
        )
        for pick, text, row, value in zip(picks, chosen, assigned.tolist(), sure.tolist(), strict=True)
    ]
