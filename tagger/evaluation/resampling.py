"""Predictions → measures, and what they would be with other documents: 95% intervals from drawing documents again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.evaluation.measures import Ranking, f1_score, ratio

__all__ = ["MEASURES", "RESAMPLES", "Estimate", "Predictions", "Statistic", "estimate", "resamples_of"]

RESAMPLES = 1000
# From so many examples times topics on, where a resample takes a tenth of a second and intervals are narrow, there are
# fewer: the ends of an interval are then those of the 5th and the 195th of 200.
_MUCH = 400_000
_RESAMPLES_OF_MUCH = 200
# What a `Statistic` gives after the measures of each topic.
MEASURES = (
    "mean average precision",
    "macro-precision",
    "macro-recall",
    "macro-F1",
    "micro-average precision",
    "micro-precision",
    "micro-recall",
    "micro-F1",
    "exact match",
    "false tag rate",
)


@dataclass(frozen=True)
class Predictions:
    """What a tagger, or one for each fold, said of labelled examples.

    Attributes:
        topics: the names of the columns.
        groups: int64 (examples,), the number of each example's document.
        target, assigned: bool (examples, topics).
        probability: float64 (examples, topics).
        exclusive: whether a text has no more than one topic.
        titles: what people read for the topics; without them, the names.
        trained_on: how many examples of each topic were learnt from; without them, as many as there are here.
    """

    topics: tuple[str, ...]
    groups: NDArray[np.int64]
    target: NDArray[np.bool_]
    assigned: NDArray[np.bool_]
    probability: NDArray[np.float64]
    exclusive: bool
    titles: tuple[str, ...] = ()
    trained_on: tuple[int, ...] = ()


@dataclass(frozen=True)
class Estimate:
    """A measure with the bounds of its 95% interval, by resampling documents; all None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


class Statistic:
    """Every measure that has an interval, in one array, for one bootstrap sample, given as weights per example."""

    def __init__(self, predictions: Predictions) -> None:
        p = predictions
        self._topics = len(p.topics)
        self._rankings = [Ranking(p.probability[:, k], p.target[:, k]) for k in range(self._topics)]
        self._pairs = Ranking(p.probability.ravel(), p.target.ravel(), pairs=max(1, self._topics))
        plain = ~p.target.any(axis=1)
        exact = (p.target == p.assigned).all(axis=1)
        # Few topics are marked in an example.
        self._marked, self._marks = np.nonzero(np.hstack([p.target & p.assigned, p.assigned, p.target]))
        self._example_marks = np.stack([exact, plain & p.assigned.any(axis=1), plain], axis=1).astype(np.float64)

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return all measures in order, shape (4 × topics + 10,): `MEASURES` are the last ten.

        Average precision, precision, recall and F1 of each topic; their means; the same over all pairs; exact match;
        and the share of examples without a topic that were given one.
        """
        marks = np.bincount(self._marks, weights.take(self._marked), minlength=3 * self._topics)
        true, assigned, target = marks.reshape(3, self._topics)
        average = np.array([ranking.average_precision(weights) for ranking in self._rankings])
        each = np.array([average, ratio(true, assigned), ratio(true, target), f1_score(true, assigned, target)])
        sums = np.array([true.sum(), assigned.sum(), target.sum()])
        pairs = self._pairs.average_precision(weights)
        micro = np.array([pairs, ratio(sums[0], sums[1]), ratio(sums[0], sums[2]), f1_score(*sums)])
        exact, tagged, plain = weights @ self._example_marks
        whole = np.array([ratio(exact, weights.sum()), ratio(tagged, plain)])
        return np.concatenate([each.ravel(), _mean(each), micro, whole])


def _mean(each: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average over the topics for which a measure is defined, NaN where it is for none."""
    defined = np.isfinite(each)
    return ratio(np.where(defined, each, 0.0).sum(axis=1), defined.sum(axis=1))


def resamples_of(predictions: Predictions) -> int:
    """Return how often documents are drawn again for intervals of these predictions."""
    return RESAMPLES if predictions.target.size < _MUCH else _RESAMPLES_OF_MUCH


def estimate(
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    groups: NDArray[np.int64],
    seed: int,
    *,
    resamples: int = RESAMPLES,
) -> list[Estimate]:
    """Compute a statistic, and again for documents drawn with replacement: the 2.5th to the 97.5th percentile."""
    _, document = np.unique(groups, return_inverse=True)
    documents = int(document.max(initial=-1)) + 1
    random = np.random.default_rng(seed)
    values = statistic(np.ones(len(groups)))
    drawn = np.array(
        [
            statistic(
                np.bincount(random.integers(documents, size=documents), minlength=documents)[document].astype(float)
            )
            for _ in range(resamples)
        ]
    )
    return [
        Estimate(*(_number(x) for x in (value, *_interval(draws))))
        for value, draws in zip(values, drawn.T, strict=True)
    ]


def _interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    defined = draws[np.isfinite(draws)]
    if not defined.size:
        return float("nan"), float("nan")
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
