"""Out-of-fold scores of documents → what their paragraphs tell of one another, where that helps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from tagger.scoring.context import Context, evidence, order_by_document
from tagger.scoring.linear import squash
from tagger.settings import Settings
from tagger.training.calibration import fit_calibration
from tagger.training.folds import split_documents

__all__ = ["fit_context"]

# With fewer documents of several examples there is too little to learn from.
_FEWEST_DOCUMENTS = 20
# Of 8, 16 and 32, 8 learnt less and 32 no more.
_UNITS = 16
# L2 penalty: adds _PENALTY / 2 · ‖coefficients‖² to the log loss summed over examples and topics; inputs are
# standardised. Of 2, 6, 15 and 30, 15 was best on kinds of articles that were left out.
_PENALTY = 15.0
# The optimum is never reached, and need not be: from 150 steps to 400 nothing changed.
_STEPS = 150
# Probabilities are kept this far from 0 and 1 when they are compared.
_EDGE = 1e-6


def fit_context(
    scores: NDArray[np.float64],
    alone: NDArray[np.float64],
    targets: NDArray[np.bool_],
    *,
    groups: NDArray[np.int64],
    character_counts: NDArray[np.int64],
    settings: Settings,
) -> tuple[Context | None, NDArray[np.float64]]:
    """Learn from out-of-fold scores, and the probabilities that examples have by themselves, all (examples, topics).

    `groups` and `character_counts` (examples,) number the examples' documents and count their characters. Returns None
    and `alone` where there are too few documents of several examples, where a topic could not be scored, or where
    documents that were left out are predicted no better (by log loss); else the context, and the probabilities that it
    gives to the examples of documents left out.
    """
    order, paragraph_counts = order_by_document(groups)
    several = order[np.repeat(paragraph_counts > 1, paragraph_counts)]
    paragraph_counts = paragraph_counts[paragraph_counts > 1]
    if len(paragraph_counts) < _FEWEST_DOCUMENTS or not np.isfinite(scores[several]).all():
        return None, alone
    inputs, target = (
        evidence(scores[several], alone[several], paragraph_counts, character_counts[several]),
        targets[several],
    )
    margins = np.empty(target.shape)
    for rest, fold in split_documents(groups[several], target, folds=settings.folds, seed=settings.seed):
        margins[fold] = _fit(inputs[rest], target[rest], seed=settings.seed).margins(inputs[fold])
    fitted = _fit(inputs, target, seed=settings.seed)
    exclusive = bool(settings.exclusive)
    calibration = fit_calibration(margins, target, exclusive=exclusive, prior=np.zeros(target.shape[1]))
    slope, offset = calibration.slope, calibration.offset
    together = alone.copy()
    together[several] = squash(slope * margins + offset, exclusive=exclusive)
    if _log_loss(together[several], target) >= _log_loss(alone[several], target):
        return None, alone
    return _rescale(fitted, slope, offset), together


def _fit(inputs: NDArray[np.float64], targets: NDArray[np.bool_], *, seed: int) -> Context:
    """Fit a network to evidence (examples, 7 × topics + 1), by log loss and with a penalty on coefficients (L-BFGS)."""
    middle, spread = inputs.mean(axis=0), np.maximum(inputs.std(axis=0), _EDGE)
    rows = np.column_stack([(inputs - middle) / spread, np.ones(len(inputs))])
    start = _start(rows.shape[1], targets.shape[1], seed)
    cut = start.inner.size

    def unpack(flat: NDArray[np.float64]) -> Context:
        return Context(flat[:cut].reshape(start.inner.shape), flat[cut:].reshape(start.outer.shape))

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = _loss(unpack(flat), rows, targets)
        return value, _flatten(gradient)

    # Threads add up in another order, and short of the optimum last bits grow: any number of them must give the same.
    with threadpool_limits(limits=1, user_api="blas"):
        found = unpack(minimize(loss, _flatten(start), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x)
    inner = found.inner.copy()
    inner[:-1] /= spread[:, np.newaxis]
    inner[-1] -= middle @ inner[:-1]
    return Context(inner, found.outer)


def _start(rows: int, topics: int, seed: int) -> Context:
    """Start from random hidden units, and from no weight on the inputs themselves."""
    random = np.random.default_rng(seed)
    units = random.normal(scale=rows**-0.5, size=(rows, _UNITS))
    return Context(
        np.concatenate([np.zeros((rows, topics)), units], axis=1),
        random.normal(scale=_UNITS**-0.5, size=(_UNITS, topics)),
    )


def _loss(context: Context, rows: NDArray[np.float64], targets: NDArray[np.bool_]) -> tuple[float, Context]:
    """Return the loss, and its gradient in the shape of a context; the last of the `rows`' columns is 1."""
    topics = targets.shape[1]
    sums = rows @ context.inner
    units = np.tanh(sums[:, topics:])
    margins = sums[:, :topics] + units @ context.outer
    penalised = context.inner.copy()
    penalised[-1] = 0.0
    penalty = _PENALTY / 2 * float((penalised**2).sum() + (context.outer**2).sum())
    error = squash(margins, exclusive=False) - targets
    back = np.concatenate([error, (error @ context.outer.T) * (1 - units**2)], axis=1)
    gradient = Context(rows.T @ back + _PENALTY * penalised, units.T @ error + _PENALTY * context.outer)
    return float(np.logaddexp(0, margins).sum() - margins[targets].sum()) + penalty, gradient


def _flatten(context: Context) -> NDArray[np.float64]:
    return np.concatenate([context.inner.ravel(), context.outer.ravel()])


def _rescale(context: Context, slope: NDArray[np.float64], offset: NDArray[np.float64]) -> Context:
    """Calibrate: multiply the margins of each topic by its slope, and add its offset, both (topics,)."""
    inner = context.inner.copy()
    inner[:, : len(slope)] *= slope
    inner[-1, : len(slope)] += offset
    return Context(inner, context.outer * slope)


def _log_loss(probability: NDArray[np.float64], targets: NDArray[np.bool_]) -> float:
    seen = np.where(targets, probability, 1 - probability)
    return -float(np.log(np.maximum(seen, _EDGE)).mean())
