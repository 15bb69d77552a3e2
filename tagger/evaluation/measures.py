"""Targets, probabilities and assigned topics → measures; each function is one formula.

`weights` (examples,) count an example several times or not at all, which is what resampling documents needs; a measure
that is not defined, for want of examples or of assigned topics, is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Bin",
    "Ranking",
    "brier_score",
    "calibration_error",
    "confusion",
    "coverage",
    "f1_score",
    "ratio",
    "reliability",
]

_BINS = 10
_KEPT = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5)


@dataclass(frozen=True)
class Bin:
    """The examples whose probability lies between two bounds: how probable they were, and how many were right."""

    low: float
    high: float
    count: int
    probability: float | None
    observed: float | None


class Ranking:
    """One topic's examples in falling order of probability, sorted once and measured under many weightings."""

    def __init__(self, probability: NDArray[np.float64], target: NDArray[np.bool_], *, pairs: int = 1) -> None:
        """`pairs` is how many probabilities each example has, one after another."""
        order = np.argsort(-probability, kind="stable")
        hits = np.flatnonzero(target[order])
        # Equal probabilities count as one step, as in scikit-learn's average_precision_score.
        ends = np.flatnonzero(np.append(np.diff(probability[order]) != 0, True))
        step = np.searchsorted(ends, hits)
        self._first_hits = np.flatnonzero(np.diff(step, prepend=-1))
        ends = ends[step[self._first_hits]]
        # Recall rises at these steps alone, and what comes after the last of them is of no account.
        self._hits = order[hits] // pairs
        self._seen = order[: ends.max(initial=-1) + 1] // pairs
        self._starts = np.concatenate([[0], ends[:-1] + 1])

    def average_precision(self, weights: NDArray[np.float64]) -> float:
        """Measure the mean of the precision at each rise of recall."""
        if not len(self._hits):
            return float("nan")
        gained = np.add.reduceat(weights.take(self._hits), self._first_hits)
        seen = np.cumsum(np.add.reduceat(weights.take(self._seen), self._starts))
        true = np.cumsum(gained)
        if true[-1] == 0:
            return float("nan")
        precision = np.divide(true, seen, out=np.zeros_like(true), where=seen > 0)
        return float((precision * gained).sum() / true[-1])


def ratio(part: ArrayLike, whole: ArrayLike) -> NDArray[np.float64]:
    """Divide, NaN where there is nothing to divide by: precision, recall, accuracy."""
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0))


def f1_score(true: ArrayLike, assigned: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Return 2·true / (assigned + target), the harmonic mean of precision and recall."""
    return ratio(2 * np.asarray(true), np.asarray(assigned) + np.asarray(target))


def brier_score(probability: NDArray[np.float64], target: NDArray[np.bool_]) -> float:
    """Return the mean squared difference of probability and outcome, over examples and topics (Brier 1950)."""
    return float(((probability - target) ** 2).mean())


def reliability(probability: NDArray[np.float64], correct: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Sort probabilities into ten bins of equal width and compare each bin's mean with its share of correct ones."""
    bin_of = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    counts = np.bincount(bin_of, minlength=_BINS)
    expected = np.bincount(bin_of, weights=probability, minlength=_BINS)
    observed = np.bincount(bin_of, weights=correct, minlength=_BINS)
    return tuple(
        Bin(i / _BINS, (i + 1) / _BINS, int(n), float(p / n) if n else None, float(o / n) if n else None)
        for i, (n, p, o) in enumerate(zip(counts, expected, observed, strict=True))
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Return the expected calibration error: the bins' gaps, weighted by their size (Naeini et al., AAAI 2015)."""
    gaps = [
        b.count * abs(b.probability - b.observed) for b in bins if b.probability is not None and b.observed is not None
    ]
    return sum(gaps) / max(1, sum(b.count for b in bins))


def confusion(
    target: NDArray[np.bool_], assigned: NDArray[np.bool_], probability: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count what was taken for what, and what was given besides: shapes (topics + 1, topics + 1) and (topics,).

    Rows are true, columns assigned, the last of both "none". Topics that are right count on the diagonal. Of the others
    in an example, the most probable of those that it has was taken for the most probable of those that it was given,
    the second for the second, and so on; what is left of the first was taken for none, and what is left of the second
    was given besides. So a row adds up to the examples that have its topic, the last row to those that have none, and a
    column together with what was given besides to the examples that were given its topic.
    """
    topics = target.shape[1]
    target, assigned = (np.hstack([part, ~part.any(axis=1, keepdims=True)]) for part in (target, assigned))
    probability = np.hstack([probability, np.zeros((len(target), 1))])
    missed, wrong = _by_probability(target & ~assigned, probability), _by_probability(assigned & ~target, probability)
    table = np.zeros((topics + 1, topics + 1), dtype=np.int64)
    np.fill_diagonal(table, (target & assigned).sum(axis=0))
    # An example has each place once at most, so that pairs are those with example and place in common.
    _, of_missed, of_wrong = np.intersect1d(missed.key, wrong.key, assume_unique=True, return_indices=True)
    np.add.at(table, (missed.column[of_missed], wrong.column[of_wrong]), 1)
    np.add.at(table, (np.delete(missed.column, of_missed), topics), 1)
    besides = np.bincount(np.delete(wrong.column, of_wrong), minlength=topics)
    return table, besides[:topics]


class _Places(NamedTuple):
    """The marked columns of examples, those of each in falling order of probability; the key is example and place."""

    key: NDArray[np.int64]
    column: NDArray[np.int64]


def _by_probability(marks: NDArray[np.bool_], probability: NDArray[np.float64]) -> _Places:
    rows, columns = np.nonzero(marks)
    order = np.lexsort((-probability[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    return _Places(rows * marks.shape[1] + place, columns)


def coverage(
    probability: NDArray[np.float64], target: NDArray[np.bool_], assigned: NDArray[np.bool_]
) -> tuple[tuple[float, float, float], ...]:
    """Return what abstaining costs: the share of assigned topics kept, their least probability, their precision."""
    sure = probability[assigned]
    right = target[assigned][np.argsort(-sure, kind="stable")]
    sure = np.sort(sure)[::-1]
    kept = [(share, max(1, round(share * len(sure)))) for share in _KEPT] if len(sure) else []
    return tuple((share, float(sure[n - 1]), float(right[:n].mean())) for share, n in kept)
