"""Out-of-fold scores → calibration: which probability a score means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression

from tagger.scoring.linear import Calibration

__all__ = ["fit_calibration"]

# A sigmoid has two parameters; with fewer examples than this its slope is taken from all topics together.
_MIN_OWN_SLOPE = 10
# Where nothing can be measured: a score of ±1, the edge of a support vector machine's margin, is 88% sure.
_DEFAULT_SLOPE = 2.0
# All but no penalty; the smoothed targets already keep the slope finite.
_PENALTY = 1e6


def fit_calibration(
    scores: NDArray[np.float64], targets: NDArray[np.bool_], *, exclusive: bool, prior: NDArray[np.float64]
) -> Calibration:
    """Fit to out-of-fold scores (examples, topics), NaN where a fold could not score a topic.

    Multi-label: a sigmoid for each topic, fitted to smoothed targets (Platt 1999, Probabilistic outputs for support
    vector machines). Exclusive: one temperature (Guo et al. 2017, arXiv 1706.04599).
    """
    topics = targets.shape[1]
    if exclusive:
        slope = np.full(topics, _inverse_temperature(scores, targets))
        return Calibration(exclusive=True, slope=slope, offset=np.zeros(topics), prior=prior)
    shared = _shared_slope(scores, targets)
    slope, offset = np.full(topics, shared), np.zeros(topics)
    for topic in range(topics):
        scored = np.isfinite(scores[:, topic])
        x, y = scores[scored, topic], targets[scored, topic]
        if min(y.sum(), (~y).sum()) >= _MIN_OWN_SLOPE:
            slope[topic], offset[topic] = _platt(x, y)
        if slope[topic] <= 0 or min(y.sum(), (~y).sum()) < _MIN_OWN_SLOPE:
            slope[topic] = shared
            offset[topic] = _platt(np.zeros_like(x), y)[1] - shared * x.mean() if y.any() and not y.all() else 0.0
    return Calibration(exclusive=False, slope=slope, offset=offset, prior=prior)


def _platt(scores: NDArray[np.float64], targets: NDArray[np.bool_]) -> tuple[float, float]:
    """Fit a sigmoid: every example counts as both outcomes, nearly all of it as the one that was seen."""
    inside, outside = targets.sum(), (~targets).sum()
    certainty = np.where(targets, (inside + 1) / (inside + 2), 1 / (outside + 2))
    x = np.concatenate([scores, scores])[:, np.newaxis]
    y = np.repeat([True, False], len(scores))
    fitted = LogisticRegression(C=_PENALTY, tol=1e-8, max_iter=1000)
    fitted.fit(x, y, sample_weight=np.concatenate([certainty, 1 - certainty]))
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _shared_slope(scores: NDArray[np.float64], targets: NDArray[np.bool_]) -> float:
    scored = np.isfinite(scores)
    x, y = scores[scored], targets[scored]
    if not y.any() or y.all():
        return _DEFAULT_SLOPE
    slope, _ = _platt(x, y)
    return slope if slope > 0 else _DEFAULT_SLOPE


def _inverse_temperature(scores: NDArray[np.float64], targets: NDArray[np.bool_]) -> float:
    scored = np.isfinite(scores).all(axis=1)
    x, y = scores[scored], targets[scored]
    if not len(x):
        return _DEFAULT_SLOPE
    # As in a sigmoid's fit, nothing is quite certain: each topic is granted one example more than it has.
    certainty = (len(y) * y + 1 / y.shape[1]) / (len(y) + 1)

    def loss(log_slope: float) -> float:
        margins = np.exp(log_slope) * x
        return float((logsumexp(margins, axis=1) - (certainty * margins).sum(axis=1)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 4.0), method="bounded").x))
