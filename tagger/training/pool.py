"""Whether unlabelled texts help: the labelled ones tell, by folds, before anything is learnt from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import Dataset
from tagger.messages import N_, Message, _
from tagger.scoring.linear import best_topics
from tagger.settings import Settings
from tagger.training.corpus import build_corpus
from tagger.training.held_out import out_of_fold_scores

__all__ = ["PoolTrial", "quality", "try_pool", "with_useful_pool"]


@dataclass(frozen=True)
class PoolTrial:
    """What folds of the labelled texts say about unlabelled ones.

    Attributes:
        texts: how many unlabelled texts were tried.
        with_pool, without_pool: the quality of labelled texts that were left out, learnt with them and without: the
            share that is right where a text has exactly one topic, else the best F1 over all topics.
    """

    texts: int
    with_pool: float
    without_pool: float

    @property
    def helps(self) -> bool:
        """Whether they are to be learnt from."""
        return self.with_pool >= self.without_pool

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self) -> Message:
        """Return what was found and what follows from it."""
        text = _HELPS if self.helps else _HARMS
        return _(text, texts=self.texts, with_pool=self.with_pool, without_pool=self.without_pool)


_HELPS = N_(
    "{texts} unlabelled texts: by folds of the labelled ones {with_pool:.3f} with them and {without_pool:.3f} without, "
    "so they are learnt from"
)
_HARMS = N_(
    "{texts} unlabelled texts: by folds of the labelled ones {with_pool:.3f} with them and {without_pool:.3f} without, "
    "so they would harm and are left out"
)


def with_useful_pool(
    dataset: Dataset, settings: Settings, *, jobs: int = 1, told: Callable[[str], object] | None = None
) -> Dataset:
    """Return a dataset without its unlabelled texts where they would harm.

    What was found stands in its reading, and so on the model's card; `told` is called with it.
    """
    if not dataset.unlabelled:
        return dataset
    trial = try_pool(dataset, settings, jobs=jobs)
    if told is not None:
        told(trial.sentence())
    if dataset.reading is not None:
        dataset = replace(dataset, reading=replace(dataset.reading, notes=(*dataset.reading.notes, trial.sentence())))
    return dataset if trial.helps else replace(dataset, unlabelled=())


def try_pool(dataset: Dataset, settings: Settings, *, jobs: int = 1) -> PoolTrial:
    """Compare training with the unlabelled texts of a dataset and without, on the same folds; settings are resolved."""
    found = [_quality(replace(dataset, unlabelled=texts), settings, jobs=jobs) for texts in (dataset.unlabelled, ())]
    return PoolTrial(len(dataset.unlabelled), *found)


def _quality(dataset: Dataset, settings: Settings, *, jobs: int) -> float:
    corpus = build_corpus(dataset, settings)
    scores = np.nan_to_num(out_of_fold_scores(corpus, settings, jobs=jobs).scores, nan=-np.inf)
    return quality(scores, corpus.targets[: corpus.examples], settings)


def quality(scores: NDArray[np.float64], targets: NDArray[np.bool_], settings: Settings) -> float:
    """Return how good scores are, both (examples, topics), before any threshold is chosen; settings are resolved.

    It is the share that is right where a text has exactly one topic, else the best F1 over all topics.
    """
    if settings.exclusive:
        return float(targets[np.arange(len(targets)), scores.argmax(axis=1)].mean())
    if settings.always_assign:
        scores = np.where(best_topics(scores), np.inf, scores)  # taken whatever the threshold
    return _best_f1(scores.ravel(), targets.ravel(), fewest=len(targets) if settings.always_assign else 1)


def _best_f1(scores: NDArray[np.float64], targets: NDArray[np.bool_], *, fewest: int) -> float:
    """Return the F1 of the threshold that has the best, of all pairs of text and topic together.

    `fewest` is how many pairs are taken at least.
    """
    right = targets[np.argsort(-scores, kind="stable")].cumsum()
    taken = np.arange(1, len(right) + 1)
    return float((2 * right / (taken + targets.sum()))[fewest - 1 :].max())
