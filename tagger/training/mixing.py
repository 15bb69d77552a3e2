"""Out-of-fold scores of exclusive topics → how much the scores of all topics say of each.

Each support vector machine learns to tell one topic from the rest and knows nothing of the others: the scores of rare
topics lie lower than those of frequent ones, and which other topics a text comes near to is lost. Both is in the scores
of examples that were left out. A multinomial logistic regression makes of them

    score of a topic = its own score + Σ mixture · scores of all topics + offset

with a penalty on the mixture, so that where examples are few each topic keeps its own score. Scores are sums of
weights, so that a mixture of them is one too: it goes into the weights, and tagging does nothing that it did not do
before. Of very many topics only the offset is learnt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from tagger.scoring.linear import LinearModel
from tagger.scoring.weights import SharedWeights

__all__ = ["NOT_LEARNT", "Mixture", "fit_mixture"]

# L2 penalty: adds _PENALTY / 2 · ‖mixture‖² to the log loss summed over examples. Of 3, 5, 10, 20 and 40, 5 and 10 had
# the least log loss, the highest accuracy and the highest macro-F1 on parts of two sets of 44 and 10 topics.
_PENALTY = 10.0
# More steps change the third digit of the loss.
_STEPS = 60
# With more topics their pairs are too many to learn of, and weights would be stored of every topic for every feature.
_MOST_TOPICS = 128
# There the offsets alone are learnt, with this penalty on how far they lie from their mean: of 100 and 400 topics of
# headlines, 8,000 to learn from, they won 1.1 points of accuracy and 1.5 to 2.6 of macro-F1. 0 to 5 were level.
_OFFSET_PENALTY = 1.0
# The inverse temperature to start from: a score of ±1 is 88% sure.
_START = 2.0
# What a topic scores that could not be learnt: the far side of the margin.
NOT_LEARNT = -1.0


@dataclass(frozen=True)
class Mixture:
    """Scores of all topics → those that each topic has beside the others.

    Attributes:
        matrix: float64 (topics, topics), a column for each topic that results; None where each keeps its own.
        offset: float64 (topics,).
    """

    matrix: NDArray[np.float64] | None
    offset: NDArray[np.float64]

    def of_scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mixed scores (texts, topics)."""
        if self.matrix is None:
            return np.asarray(raw + self.offset)
        with threadpool_limits(1):
            return np.asarray(raw @ self.matrix + self.offset)

    def of_model(self, linear: LinearModel) -> LinearModel:
        """Return the model that scores texts so."""
        if self.matrix is None:
            return replace(linear, bias=linear.bias + self.offset)
        weights = linear.weights
        with threadpool_limits(1):
            return replace(
                linear,
                weights=replace(weights, table=weights.table @ self.matrix)
                if isinstance(weights, SharedWeights)
                else linear.weights_of(np.arange(len(linear.idf))) @ self.matrix,
                bias=linear.bias @ self.matrix + self.offset,
                length_weights=linear.length_weights @ self.matrix,
            )


def fit_mixture(
    scores: NDArray[np.float64], targets: NDArray[np.bool_], weights: NDArray[np.float64]
) -> Mixture | None:
    """Fit to out-of-fold scores (examples, topics), NaN where a fold could not score a topic.

    `weights` (examples,) say what an error in each example costs. Returns None where there is nothing to be mixed:
    fewer than two topics, or no example whose own topic was scored.
    """
    topics = targets.shape[1]
    known = np.isfinite(scores[targets])
    if topics < 2 or not known.any():
        return None
    given = np.where(np.isfinite(scores[known]), scores[known], NOT_LEARNT)
    if topics > _MOST_TOPICS:
        return Mixture(None, _fit_offsets(given, targets[known], weights[known]))
    centre = given.mean(axis=0)
    x = (given - centre).astype(np.float32)
    lost_by = _log_loss(targets[known], weights[known])

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        sharpness, offset, mixture = np.exp(values[0]), values[1 : topics + 1], values[topics + 1 :]
        mixture = mixture.reshape(topics, topics)
        lost, errors = lost_by(
            x @ (mixture + sharpness * np.eye(topics)).astype(np.float32) + offset.astype(np.float32)
        )
        slopes = (x.T @ errors).astype(np.float64)
        gradient = [[np.trace(slopes) * sharpness], errors.sum(axis=0, dtype=np.float64)]
        gradient.append((slopes + _PENALTY * mixture).ravel())
        return lost + _PENALTY / 2 * float((mixture**2).sum()), np.concatenate(gradient)

    start = np.concatenate([[np.log(_START)], _START * centre, np.zeros(topics * topics)])
    with threadpool_limits(1):
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
        # As sharp as the scores were: how sure they make is for the calibration to say.
        mixture = found[topics + 1 :].reshape(topics, topics) / np.exp(found[0]) + np.eye(topics)
        return Mixture(mixture, found[1 : topics + 1] / np.exp(found[0]) - centre @ mixture)


def _fit_offsets(
    scores: NDArray[np.float64], targets: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what to add to the score of each topic, (topics,)."""
    x = scores.astype(np.float32)
    lost_by = _log_loss(targets, weights)

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        sharpness, offset = np.exp(values[0]), values[1:]
        lost, errors = lost_by(np.float32(sharpness) * x + offset.astype(np.float32))
        apart = offset - offset.mean()
        slope = sharpness * np.einsum("nt,nt->", x, errors, dtype=np.float64)
        pulled = errors.sum(axis=0, dtype=np.float64) + _OFFSET_PENALTY * apart
        return lost + _OFFSET_PENALTY / 2 * float((apart**2).sum()), np.append(slope, pulled)

    start = np.append(np.log(_START), np.zeros(x.shape[1]))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    return np.asarray(found[1:] / np.exp(found[0]))


def _log_loss(
    targets: NDArray[np.bool_], weights: NDArray[np.float64]
) -> Callable[[NDArray[np.float32]], tuple[float, NDArray[np.float32]]]:
    """Return what gives for log odds (examples, topics) the log loss, and its derivative by each of them."""
    examples, topics = targets.shape
    # As in a calibration's fit, nothing is quite certain, so that a topic without examples has a score too.
    certain = ((examples * targets + 1 / topics) / (examples + 1)).astype(np.float32)
    cost = (weights / weights.mean()).astype(np.float32)[:, np.newaxis]

    def lost_by(odds: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
        odds -= odds.max(axis=1, keepdims=True)
        powers = np.exp(odds)
        sums = powers.sum(axis=1, keepdims=True)
        lost = (cost * (np.log(sums) - (certain * odds).sum(axis=1, keepdims=True))).sum(dtype=np.float64)
        return float(lost), cost * (powers / sums - certain)

    return lost_by
