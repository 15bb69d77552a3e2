"""Counted rows × weights → scores → probabilities → topics.

How long a text is may tell of its topics too, as headlines of one desk are longer than those of another. What length
adds to a score is piecewise linear in the logarithm of the length: it has a value at each of `KNOTS` lengths, four to
every doubling, and is interpolated between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tagger.features.extraction import Rows, sublinear
from tagger.scoring.weights import Weights, row_sums

__all__ = [
    "KNOTS",
    "Calibration",
    "LinearModel",
    "assign",
    "best_topics",
    "knots",
    "length_scores",
    "linear_scores",
    "probabilities",
    "rank",
    "scarcity",
    "squash",
]


# Weights worked on at once: 2 MB of float64.
_CACHED = 1 << 18
# Of 1, 2, 3, 4 and 8 to a doubling, 4 and 8 were best. The last one stands for all texts of 4,096 characters and more.
_TO_A_DOUBLING = 4
KNOTS = 12 * _TO_A_DOUBLING + 1
# Of 2, 4 and 8, 2 left single words least sure; longer texts were calibrated as well by all of them.
_HALF_SCARCE = 2.0


@dataclass(frozen=True)
class LinearModel:
    """A linear model over TF-IDF rows, one column of weights for each topic.

    Attributes:
        idf: float (features,).
        weights: float (features, topics), those of the SVMs times IDF, as `linear_scores` takes them.
        bias: float64 (topics,).
        length_weights: float64 (KNOTS, topics), what the length of a text adds; no rows where it adds nothing.
    """

    idf: NDArray[np.floating]
    weights: Weights
    bias: NDArray[np.float64]
    length_weights: NDArray[np.float64]

    def weights_of(self, features: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return the weights of these features (features, topics)."""
        return self.weights[features] if isinstance(self.weights, np.ndarray) else self.weights.take(features)

    def weights_for(self, topic: int) -> NDArray[np.floating]:
        """Return the weight of every feature for a topic (features,)."""
        return self.weights[:, topic] if isinstance(self.weights, np.ndarray) else self.weights.of_topic(topic)

    def weights_at(self, features: NDArray[np.integer], topics: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return the weight of each of these features for the topic beside it: (features,)."""
        if isinstance(self.weights, np.ndarray):
            return np.asarray(self.weights[features, topics])
        found = np.zeros(len(features))
        for topic in np.unique(topics).tolist():
            mine = topics == topic
            found[mine] = self.weights_for(topic).take(features[mine])
        return found

    def scores(
        self, counts: Rows, character_counts: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the scores of counted texts (texts, topics), and how many features each is scored by (texts,)."""
        raw, known = linear_scores(counts, self.idf, self.weights, self.bias)
        return raw + length_scores(character_counts, self.length_weights), known


@dataclass(frozen=True)
class Calibration:
    """How scores become probabilities, which depends on how many features a text is scored by.

    Multi-label: a sigmoid of a linear function of the score for each topic (Platt 1999). Exclusive: the softmax of the
    scores times an inverse temperature (Guo et al. 2017, arXiv 1706.04599). A score is divided by the norm of its text,
    so that two characters can have the score of a page; what it means is learnt for texts of few features and of many
    together, with `scarcity`, which is 1 for none and goes to 0, in both coefficients:

        log odds = (slope + scarce_slope · scarcity) · score + offset + scarce_offset · scarcity

    A text without one known feature has nothing to be scored by and gets `prior`, each topic's share in the training
    data.

    Attributes:
        exclusive: whether a text has no more than one topic.
        slope, offset, scarce_slope, scarce_offset, prior: float64 (topics,).
    """

    exclusive: bool
    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    scarce_slope: NDArray[np.float64]
    scarce_offset: NDArray[np.float64]
    prior: NDArray[np.float64]

    @property
    def prior_log_odds(self) -> NDArray[np.float64]:
        """The log odds that `squash` turns into the prior, float64 (topics,)."""
        share = np.log(np.maximum(self.prior, np.finfo(float).tiny))
        return share if self.exclusive else np.asarray(share - np.log1p(-np.minimum(self.prior, 1 - 1e-12)))

    def log_odds(self, raw: NDArray[np.float64], known: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the log odds that scores (texts, topics) of texts with so many features (texts,) mean."""
        scarce = scarcity(known)[:, np.newaxis]
        return np.asarray((self.slope + self.scarce_slope * scarce) * raw + self.offset + self.scarce_offset * scarce)


def scarcity(known: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how few features texts are scored by: 1 for none, 1/2 for `_HALF_SCARCE`, less for more."""
    return np.asarray(1 / (1 + known / _HALF_SCARCE))


def linear_scores(
    counts: Rows,
    idf: NDArray[np.floating],
    weights: Weights,
    bias: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the scores of counted texts (rows, topics), and how many features each is scored by (rows,).

    The score is that of the text's TF-IDF row of norm 1, `tagger.features.extraction.tfidf`, under a linear model.
    `weights` (features, topics) are those of the model times IDF, so that the weights of a row's features are summed,
    and the sum is divided by the row's norm once. Features of IDF 0 do not count.
    """
    if not isinstance(weights, np.ndarray) and weights.whole is not None:
        weights = weights.whole
    raw = np.empty((len(counts), weights.shape[1]))
    norms = np.empty(len(counts))
    # As many rows at once as keep what is added up in the processor's cache.
    ends = np.searchsorted(counts.indptr, np.arange(0, counts.indptr[-1], max(1, _CACHED // max(1, weights.shape[1]))))
    bounds = np.unique(np.concatenate([[0], ends, [len(counts)]]))
    for first, last in pairwise(bounds.tolist()):
        part = counts.slice(first, last)
        # 90% of features occur once (1 + ln 1 = 1): see `row_sums`.
        repeated = part.keep(part.values != 1)
        factors = sublinear(repeated.values)
        squares = part.sums(np.square(idf.take(part.columns), dtype=np.float64))
        squares += repeated.sums(np.square(idf.take(repeated.columns), dtype=np.float64) * (factors * factors - 1))
        if isinstance(weights, np.ndarray):
            raw[first:last] = row_sums(weights, part, repeated, factors)
        else:
            raw[first:last] = weights.sums(part)
        norms[first:last] = np.sqrt(squares)
    norms[norms == 0] = 1
    known = np.diff(counts.indptr) if idf.all() else counts.sums(np.sign(idf.take(counts.columns))).astype(np.int64)
    return raw / norms[:, np.newaxis] + bias, known


def length_scores(character_counts: NDArray[np.int64], length_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the lengths of texts, in characters, add to their scores, shape (texts, topics).

    `length_weights` are what each knot adds, (KNOTS, topics), or (0, topics) where length adds nothing.
    """
    if not len(length_weights):
        return np.zeros((len(character_counts), length_weights.shape[1]))
    below, share = knots(character_counts)
    nearness = share[:, np.newaxis]
    return np.asarray((1 - nearness) * length_weights[below] + nearness * length_weights[below + 1])


def knots(character_counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for each length the knot below it, which is never the last, and how near the next one it is, 0 to 1."""
    position = np.minimum(_TO_A_DOUBLING * np.log2(np.maximum(character_counts, 1)), KNOTS - 1)
    below = np.minimum(position.astype(np.int64), KNOTS - 2)
    return below, position - below


def probabilities(raw: NDArray[np.float64], known: NDArray[np.int64], calibration: Calibration) -> NDArray[np.float64]:
    """Calibrate scores (rows, topics) of texts with so many features (rows,); those with none get the prior."""
    result = squash(calibration.log_odds(raw, known), exclusive=calibration.exclusive)
    result[known == 0] = calibration.prior
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

    Rows that are `empty` have no known feature, and get no topic but where `always`.
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
    """Return the columns of the topics assigned to all rows, most probable first, and where each row's end.

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
