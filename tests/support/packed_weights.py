"""A tagger's weights packed, as training packs those of many topics."""

from dataclasses import replace

import numpy as np

from tagger.scoring.weights import PackedWeights
from tagger.tagger import Tagger

__all__ = ["packed"]


def packed(tagger: Tagger, *, least: float = 0.0) -> Tagger:
    """Return the same tagger with the weights above `least` alone, in half precision, packed."""
    linear = tagger.model.classifier.linear
    weights = np.asarray(linear.weights).astype(np.float16)
    weights[np.abs(weights) <= least] = 0
    table, rows = np.unique(weights, axis=0, return_inverse=True)
    made = PackedWeights(
        weights.shape[1], rows.ravel().astype(np.int32), np.packbits(table != 0, axis=1), table[table != 0]
    )
    classifier = replace(tagger.model.classifier, linear=replace(linear, weights=made))
    return Tagger(replace(tagger.model, classifier=classifier))
