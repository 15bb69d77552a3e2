"""Out-of-fold scores → calibration: which probability a score means, of texts with few features and with many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
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
    fitted = np.zeros((4, topics))
    for topic in range(topics):
        scored = np.isfinite(scores[:, topic])
        x, y = scores[scored, topic], targets[scored, topic]
        enough = min(y.sum(), (~y).sum()) >= _MIN_OWN_SLOPE
        own = _fit_sigmoid(x, y, scarcity(known[scored])) if enough else (0.0, 0.0, 0.0, 0.0)
        if own[0] > 0:
            fitted[:, topic] = own
        else:
            offset = _platt(np.zeros((len(x), 1)), y)[1] - shared * x.mean() if y.any() and not y.all() else 0.0
            fitted[:, topic] = shared, offset, 0.0, 0.0
    slope, offset, scarce_slope, scarce_offset = fitted
    return Calibration(exclusive, slope, offset, scarce_slope, scarce_offset, prior)


def _fit_sigmoid(
    scores: NDArray[np.float64], targets: NDArray[np.bool_], scarce: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Return slope and offset of a sigmoid, and what scarcity adds to both.

    Texts without features have a slope of 0 at least: the more such a text scores, the likelier its topic is.
    """
    (slope, by_slope, by_offset), offset = _platt(np.stack([scores, scarce * scores, scarce], axis=1), targets)
    if slope + by_slope < 0:
        (slope, by_offset), offset = _platt(np.stack([(1 - scarce) * scores, scarce], axis=1), targets)
        by_slope = -slope
    return slope, offset, by_slope, by_offset


def _platt(columns: NDArray[np.float64], targets: NDArray[np.bool_]) -> tuple[list[float], float]:
    """Fit a logistic regression to smoothed targets; return its coefficients, and its intercept.

    Every example counts as both outcomes, nearly all of it as the one that was seen. All columns but the first have a
    penalty of 1: made so much smaller they cost so much more.
    """
    inside, outside = targets.sum(), (~targets).sum()
    certainty = np.where(targets, (inside + 1) / (inside + 2), 1 / (outside + 2))
    scale = np.full(columns.shape[1], _PENALTY**-0.5)
    scale[0] = 1.0
    fitted = LogisticRegression(C=_PENALTY, tol=1e-8, max_iter=1000, solver="newton-cholesky")
    fitted.fit(
        np.tile(columns * scale, (2, 1)),
        np.repeat([True, False], len(columns)),
        sample_weight=np.concatenate([certainty, 1 - certainty]),
    )
    return (scale * fitted.coef_[0]).tolist(), float(fitted.intercept_[0])


def _shared_slope(scores: NDArray[np.float64], targets: NDArray[np.bool_]) -> float:
    scored = np.isfinite(scores)
    x, y = scores[scored], targets[scored]
    if not y.any() or y.all():
        return _DEFAULT_SLOPE
    (slope,), _ = _platt(x[:, np.newaxis], y)
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
    own = (x[y] * len(y) + x.mean(axis=1)) / (len(y) + 1)
    margins, powers = np.empty_like(x), np.empty_like(x)

    def loss(logs: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        many, few = np.exp(logs)
        sharpness = many + (few - many) * scarce
        np.multiply(x, sharpness[:, np.newaxis], out=margins)
        most = margins.max(axis=1)
        np.exp(np.subtract(margins, most[:, np.newaxis], out=powers), out=powers)
        sums = powers.sum(axis=1)
        # A pull of one example to one temperature, where texts are all of one kind.
        apart = logs[0] - logs[1]
        lost = (np.log(sums) + most - sharpness * own).mean() + apart**2 / len(x)
        slopes = np.einsum("nt,nt->n", powers, x) / sums - own
        pull = 2 * apart / len(x)
        gradient = [many * ((1 - scarce) * slopes).mean() + pull, few * (scarce * slopes).mean() - pull]
        return float(lost), np.array(gradient)

    found = minimize(loss, np.full(2, np.log(_DEFAULT_SLOPE)), jac=True, bounds=[(-3.0, 4.0)] * 2, method="L-BFGS-B")
    many, few = np.exp(found.x).tolist()
    return many, few
