"""Out-of-fold probabilities → the probability from which each topic is assigned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["choose_thresholds"]

# Without anything to choose by, a topic is assigned where it is likelier than not.
UNMEASURED = 0.5


def choose_thresholds(probabilities: NDArray[np.float64], targets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Choose the threshold of the best F1 for each topic, shape (topics,).

    `probabilities` (examples, topics) are NaN where a fold could not score a topic. A threshold lies half-way
    between two neighbouring probabilities, so that it does not hang on the last bit of either.
    """
    return np.array([_best_f1(p, y) for p, y in zip(probabilities.T, targets.T, strict=True)])


def _best_f1(probability: NDArray[np.float64], target: NDArray[np.bool_]) -> float:
    measured = np.isfinite(probability)
    probability, target = probability[measured], target[measured]
    if not target.any():
        return UNMEASURED
    order = np.argsort(-probability, kind="stable")
    falling = probability[order]
    true = np.cumsum(target[order])
    f1 = 2 * true / (np.arange(1, len(order) + 1) + target.sum())
    following = np.append(falling[1:], 0.0)
    f1[falling == following] = -1.0  # no threshold parts two that are equal
    best = int(np.argmax(f1))
    return float((falling[best] + following[best]) / 2)
