"""Weights of a trained classifier → those that are stored: single precision, or packed where there are many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tagger.scoring.classifier import Classifier
from tagger.scoring.linear import Calibration
from tagger.scoring.weights import PackedWeights, SharedWeights, Weights

__all__ = ["LARGE", "lighten"]

# Bytes of weights in single precision from which it is worth packing them, if that halves them.
LARGE = 1 << 20
# What a weight must add to the log odds of its topic, in a text of no other feature and of norm 1, to be kept. A text
# has a norm of 10 and more, and what is left out has either sign: on 400 topics of headlines, on 100 and on 65 of news
# no probability of a test text moved by more than .0043, one in a thousand by .0037. 0.1 and 0.15 moved them by up to
# .0032 and .0056, in 3% more room and in 3% less.
_TOLD = 0.125
# The largest number of half precision.
_MOST = float(np.finfo(np.float16).max)
# Rows looked at together.
_PART = 1 << 12


def lighten(classifier: Classifier) -> Classifier:
    """Store IDF and weights in single precision: half the size, and no digit of a probability that is shown differs.

    Where weights are many, and packing them halves them, those that tell are kept alone, in half precision.
    """
    linear = classifier.linear
    weights: Weights | None = None
    size = 4 * len(linear.idf) * len(linear.bias)
    if isinstance(linear.weights, SharedWeights) and size >= LARGE:
        packed = _pack(linear.weights, _steepest(classifier.calibration))
        weights = packed if packed.nbytes <= size / 2 else None
    if weights is None:
        weights = linear.weights_of(np.arange(len(linear.idf))).astype(np.float32)
    return replace(classifier, linear=replace(linear, idf=linear.idf.astype(np.float32), weights=weights))


def _steepest(calibration: Calibration) -> NDArray[np.float64]:
    """Return by how much a score of 1 may raise the log odds of each topic (topics,)."""
    return np.maximum(calibration.slope, calibration.slope + calibration.scarce_slope)


def _pack(weights: SharedWeights, slope: NDArray[np.float64]) -> PackedWeights:
    """Keep the weights that a topic's log odds show."""
    masks, values = [], []
    for start in range(0, len(weights.table), _PART):
        part = weights.table[start : start + _PART]
        # Weights are some tens at most.
        part = np.clip(np.where(np.abs(part) * slope > _TOLD, part, 0.0), -_MOST, _MOST).astype(np.float16)
        masks.append(np.packbits(part != 0, axis=1))
        values.append(part[part != 0])
    return PackedWeights(len(slope), weights.rows, np.concatenate(masks), np.concatenate(values))
