"""Labels and predictions → micro-F1, macro-F1 and exact match, with 95% intervals by bootstrap of the examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["judge"]

Labels = Sequence[Sequence[str]]
_RESAMPLES = 1000
# Resamples worked on at once.
_PART = 100


def judge(truth: Labels, predicted: Labels) -> dict[str, list[float]]:
    """Give each measure as [value, low, high]; macro-F1 over the topics that the true labels name."""
    names = sorted({label for labels in truth for label in labels})
    target, assigned = (
        np.array([[name in labels for name in names] for labels in rows], dtype=np.float32)
        for rows in (truth, predicted)
    )
    # Topics that only predictions name count as errors too.
    numbers = np.array([len(set(labels)) for labels in predicted], dtype=np.float32)
    exact = np.array([set(a) == set(b) for a, b in zip(truth, predicted, strict=True)], dtype=np.float32)
    random = np.random.default_rng(0)
    parts = [np.ones((1, len(exact)), dtype=np.float32)]
    parts += [
        random.multinomial(len(exact), np.full(len(exact), 1 / len(exact)), size=_PART).astype(np.float32)
        for _ in range(_RESAMPLES // _PART)
    ]
    values = np.concatenate([_measures(weights, target, assigned, numbers, exact) for weights in parts])
    low, high = np.percentile(values[1:], [2.5, 97.5], axis=0)
    return {
        name: [round(float(x), 4) for x in (values[0, column], low[column], high[column])]
        for column, name in enumerate(("micro", "macro", "exact"))
    }


def _measures(weights: NDArray[np.float32], *columns: NDArray[np.float32]) -> NDArray[np.float64]:
    target, assigned, numbers, exact = columns
    true = (weights @ (target * assigned)).astype(np.float64)
    wanted = (weights @ target).astype(np.float64)
    micro = 2 * true.sum(axis=1) / (wanted.sum(axis=1) + weights @ numbers)
    both = wanted + weights @ assigned
    with np.errstate(invalid="ignore", divide="ignore"):
        macro = np.nanmean(2 * true / both, axis=1)
    return np.stack([micro, macro, weights @ exact / weights.sum(axis=1)], axis=1)
