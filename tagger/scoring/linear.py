"""Counted rows × weights → scores → probabilities → topics.

How long a text is may tell of its topics too, as headlines of one desk are longer than those of another. What length
adds to a score is a line with bends: it has a value at each of `KNOTS` norms, four to every doubling, and is straight
on the logarithm of the length between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tagger.features.extraction import Rows, sublinear

__all__ = [
    "KNOTS",
    "Calibration",
    "assign",
    "best_topics",
    "knots",
    "length_scores",
    "probabilities",
    "rank",
    "scores",
    "squash",
]


# Weights worked on at once: 2 MB of float64.
_CACHED = 1 << 18
# Of 1, 2, 3, 4 and 8 to a doubling, 4 and 8 were best. The last one stands for all texts of 4,096 characters and more.
_TO_A_DOUBLING = 4
KNOTS = 12 * _TO_A_DOUBLING + 1


@dataclass(frozen=True)
class Calibration:
    """How scores become probabilities.

    Multi-label: a sigmoid of `slope * score + offset` for each topic (Platt 1999). Exclusive: the softmax of
    `slope * score`, all slopes being one inverse temperature (Guo et al. 2017, arXiv 1706.04599). A text without one
    known feature has nothing to be scored by and gets `prior`, the share of each topic in the training data.

    Attributes:
        slope, offset, prior: float64 (topics,).
    """

    exclusive: bool
    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    prior: NDArray[np.float64]


def scores(
    counts: Rows, idf: NDArray[np.floating], weights: NDArray[np.floating], bias: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Score counted texts, shape (rows, topics), and tell which of them have no feature to be scored by, (rows,).

    The score is that of the text's TF-IDF row of length 1, `tagger.features.extraction.tfidf`, under a linear machine. `weights`
    (features, topics) are the machine's times IDF, so that the features of a row are added up as they stand, and what
    comes of them is divided by the row's length once.
    """
    raw = np.empty((len(counts), weights.shape[1]))
    norms = np.empty(len(counts))
    # As many rows at once as keep what is added up in the processor's cache.
    ends = np.searchsorted(counts.indptr, np.arange(0, counts.indptr[-1], max(1, _CACHED // max(1, weights.shape[1]))))
    bounds = np.unique(np.concatenate([[0], ends, [len(counts)]]))
    for first, last in pairwise(bounds.tolist()):
        part = counts.slice(first, last)
        # Nine of ten features stand in a text once: all are added up so, and for the others what is wanting.
        repeated = part.keep(part.values != 1)
        factors = sublinear(repeated.values)
        squares = part.sums(np.square(idf.take(part.columns), dtype=np.float64))
        squares += repeated.sums(np.square(idf.take(repeated.columns), dtype=np.float64) * (factors * factors - 1))
        raw[first:last] = part.sums(weights.take(part.columns, axis=0))
        raw[first:last] += repeated.sums(weights.take(repeated.columns, axis=0) * (factors - 1)[:, np.newaxis])
        norms[first:last] = np.sqrt(squares)
    empty = norms == 0
    norms[empty] = 1
    return raw / norms[:, np.newaxis] + bias, empty


def length_scores(character_counts: NDArray[np.int64], length_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what the norms of texts, in characters, add to their scores, shape (texts, topics).

    `length_weights` holds what each knot adds, (KNOTS, topics), or is (0, topics) where length adds nothing.
    """
    if not len(length_weights):
        return np.zeros((len(character_counts), length_weights.shape[1]))
    below, share = knots(character_counts)
    nearness = share[:, np.newaxis]
    return np.asarray((1 - nearness) * length_weights[below] + nearness * length_weights[below + 1])


def knots(character_counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give for each length the knot below it, which is never the last, and how near the next one it is, 0 to 1."""
    position = np.minimum(_TO_A_DOUBLING * np.log2(np.maximum(character_counts, 1)), KNOTS - 1)
    below = np.minimum(position.astype(np.int64), KNOTS - 2)
    return below, position - below


def probabilities(
    raw: NDArray[np.float64], calibration: Calibration, *, empty: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Calibrate scores (rows, topics); rows that are `empty` have no features and get the prior."""
    result = squash(calibration.slope * raw + calibration.offset, exclusive=calibration.exclusive)
    if empty is not None:
        result[empty] = calibration.prior
    return result


def squash(margins: NDArray[np.float64], *, exclusive: bool) -> NDArray[np.float64]:
    """Turn log odds (rows, topics) into probabilities: the softmax of each row, or the logistic function of each."""
    if exclusive:
        powers = np.exp(margins - margins.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    return np.asarray((1 + np.tanh(margins / 2)) / 2)  # without overflow at either end


def assign(
    probability: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    *,
    exclusive: bool,
    always: bool,
    empty: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:
    """Choose topics: those from their threshold up, the best alone where `exclusive`, and it anyway where `always`.

    Rows that are `empty` have no features to be judged by, and get no topic but where `always`.
    """
    assigned = probability >= thresholds
    if empty is not None:
        assigned = assigned & ~empty[:, np.newaxis]
    if exclusive or always:
        best = best_topics(probability)
        assigned = assigned & best if exclusive else assigned
        assigned = assigned | best if always else assigned
    return assigned


def rank(probability: NDArray[np.float64], assigned: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the topics assigned to all rows, by their columns, the most probable of each row first, and each row's end.

    >>> columns, ends = rank(np.array([[0.6, 0.2, 0.9], [0.1, 0.1, 0.1]]), np.array([[True, False, True], [False] * 3]))
    >>> columns.tolist(), ends.tolist()
    ([2, 0], [2, 2])
    """
    rows, columns = np.nonzero(assigned)
    order = np.lexsort((-probability[rows, columns], rows))
    return columns[order], np.cumsum(assigned.sum(axis=1))


def best_topics(probability: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the most probable topic of each row, the first of equals: bool (rows, topics)."""
    best = np.zeros(probability.shape, dtype=bool)
    if probability.size:
        best[np.arange(len(probability)), probability.argmax(axis=1)] = True
    return best
