"""Out-of-fold scores → calibration: which probability a score means, of texts with few features and with many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression

from tagger.scoring.linear import Calibration, scarcity

__all__ = ["fit_calibration"]

# A sigmoid has two parameters; with fewer examples than this its slope is taken from all topics together.
_MIN_OWN_SLOPE = 10
# Where nothing can be measured: a score of ±1, the edge of a support vector machine's margin, is 88% sure.
_DEFAULT_SLOPE = 2.0
# All but no penalty; the smoothed targets already keep the slope finite. What depends on scarcity has a penalty of 1.
_PENALTY = 1e6


def fit_calibration(
    scores: NDArray[np.float64],
    targets: NDArray[np.bool_],
    *,
    known: NDArray[np.int64],
    exclusive: bool,
    prior: NDArray[np.float64],
) -> Calibration:
    """Fit to out-of-fold scores (examples, topics), NaN where a fold could not score a topic.

    `known` (examples,) says how many features each was scored by. Multi-label: a sigmoid for each topic, fitted to
    smoothed targets (Platt 1999, Probabilistic outputs for support vector machines). Exclusive: one temperature (Guo et
    al. 2017, arXiv 1706.04599) for texts of many features, and one for those of few.
    """
    topics = targets.shape[1]
    none = np.zeros(topics)
    if exclusive:
        many, few = _inverse_temperatures(scores, targets, scarcity(known))
        return Calibration(exclusive, none + many, none, none + (few - many), none, prior)
    shared = _shared_slope(scores, targets)
    slope, offset, scarce_slope, scarce_offset = np.full(topics, shared), np.zeros(topics), none.copy(), none.copy()
    for topic in range(topics):
        scored = np.isfinite(scores[:, topic])
        x, y = scores[scored, topic], targets[scored, topic]
        few = min(y.sum(), (~y).sum()) < _MIN_OWN_SLOPE
        if not few:
            scarce = scarcity(known[scored])
            slope[topic], scarce_slope[topic], scarce_offset[topic], offset[topic] = _platt(x, y, scarce)
            if slope[topic] + scarce_slope[topic] < 0:  # the more a text of few features has, the less it would be
                slope[topic], scarce_slope[topic], scarce_offset[topic], offset[topic] = _platt(x, y, 0 * scarce)
        if few or slope[topic] <= 0:
            slope[topic], scarce_slope[topic], scarce_offset[topic] = shared, 0.0, 0.0
            known_outcome = y.any() and not y.all()
            offset[topic] = (
                _platt(np.zeros_like(x), y, np.zeros_like(x))[3] - shared * x.mean() if known_outcome else 0.0
            )
    return Calibration(exclusive, slope, offset, scarce_slope, scarce_offset, prior)


def _platt(
    scores: NDArray[np.float64], targets: NDArray[np.bool_], scarce: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Fit a sigmoid; return its slope, what scarcity adds to it and to the offset, and the offset.

    Every example counts as both outcomes, nearly all of it as the one that was seen.
    """
    inside, outside = targets.sum(), (~targets).sum()
    certainty = np.where(targets, (inside + 1) / (inside + 2), 1 / (outside + 2))
    # Columns so much smaller cost so much more: their coefficients have a penalty of 1, the slope's all but none.
    small = _PENALTY**-0.5
    x = np.tile(np.stack([scores, small * scarce * scores, small * scarce], axis=1), (2, 1))
    y = np.repeat([True, False], len(scores))
    fitted = LogisticRegression(C=_PENALTY, tol=1e-8, max_iter=1000, solver="newton-cholesky")
    fitted.fit(x, y, sample_weight=np.concatenate([certainty, 1 - certainty]))
    slope, by_slope, by_offset = fitted.coef_[0].tolist()
    return slope, small * by_slope, small * by_offset, float(fitted.intercept_[0])


def _shared_slope(scores: NDArray[np.float64], targets: NDArray[np.bool_]) -> float:
    scored = np.isfinite(scores)
    x, y = scores[scored], targets[scored]
    if not y.any() or y.all():
        return _DEFAULT_SLOPE
    slope = _platt(x, y, np.zeros_like(x))[0]
    return slope if slope > 0 else _DEFAULT_SLOPE


def _inverse_temperatures(
    scores: NDArray[np.float64], targets: NDArray[np.bool_], scarce: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the inverse temperatures of texts of many features and of none; between them it is interpolated."""
    scored = np.isfinite(scores).all(axis=1)
    x, y, scarce = scores[scored], targets[scored], scarce[scored]
    if not len(x):
        return _DEFAULT_SLOPE, _DEFAULT_SLOPE
    # As in a sigmoid's fit, nothing is quite certain: each topic is granted one example more than it has.
    certainty = (len(y) * y + 1 / y.shape[1]) / (len(y) + 1)

    def loss(logs: NDArray[np.float64]) -> float:
        many, few = np.exp(logs)
        margins = (many + (few - many) * scarce)[:, np.newaxis] * x
        # A pull of one example to one temperature, where texts are all of one kind.
        apart = (logs[0] - logs[1]) ** 2 / len(x)
        return float((logsumexp(margins, axis=1) - (certainty * margins).sum(axis=1)).mean() + apart)

    found = minimize(loss, np.full(2, np.log(_DEFAULT_SLOPE)), bounds=[(-3.0, 4.0)] * 2, method="L-BFGS-B")
    many, few = np.exp(found.x).tolist()
    return many, few
