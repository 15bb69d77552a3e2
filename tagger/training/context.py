"""Out-of-fold scores of documents → what their paragraphs tell of one another, where that helps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from tagger.context import Context, by_article, surroundings
from tagger.linear import squash
from tagger.settings import Settings
from tagger.training.calibration import fit_calibration
from tagger.training.folds import split_documents

__all__ = ["fit_context"]

# With fewer documents of several examples there is too little to learn from: three coefficients of each topic's score
# and three of its probability, for every topic.
_FEWEST_DOCUMENTS = 20
# What is fitted has columns of variance 1; of 0.01, 0.1, 1 and 10, all from 0.1 up were level.
_COST = 1.0
# Probabilities are kept this far from 0 and 1 when they are compared.
_EDGE = 1e-6


def fit_context(
    scores: NDArray[np.float64],
    alone: NDArray[np.float64],
    targets: NDArray[np.bool_],
    groups: NDArray[np.int64],
    settings: Settings,
) -> tuple[Context | None, NDArray[np.float64]]:
    """Learn from out-of-fold scores, and the probabilities that examples have by themselves, all (examples, topics).

    Gives None and `alone` where there are too few documents of several examples, where a topic could not be scored, or
    where documents that were left out are told no better (by log loss); else the context, and the probabilities that
    it gives to the examples of documents left out.
    """
    order, lengths = by_article(groups)
    several = order[np.repeat(lengths > 1, lengths)]
    lengths = lengths[lengths > 1]
    if len(lengths) < _FEWEST_DOCUMENTS or not np.isfinite(scores[several]).all():
        return None, alone
    raw, around = scores[several], surroundings(np.concatenate([scores, alone], axis=1)[several], lengths)
    target = targets[several]
    margins = np.empty_like(raw)
    for rest, fold in split_documents(groups[several], target, folds=settings.folds, seed=settings.seed):
        margins[fold] = _margins(_fit(raw[rest], around[rest], target[rest]), raw[fold], around[fold])
    fitted = _fit(raw, around, target)
    exclusive = bool(settings.exclusive)
    calibration = fit_calibration(margins, target, exclusive=exclusive, prior=np.zeros(target.shape[1]))
    slope, offset = calibration.slope, calibration.offset
    together = alone.copy()
    together[several] = squash(slope * margins + offset, exclusive=exclusive)
    if _log_loss(together[several], target) >= _log_loss(alone[several], target):
        return None, alone
    return Context(slope * fitted.own, slope * fitted.offset + offset, slope * fitted.others), together


def _fit(raw: NDArray[np.float64], around: NDArray[np.float64], targets: NDArray[np.bool_]) -> Context:
    """Fit a logistic regression for each topic, of its own score and of all that the others say."""
    topics = targets.shape[1]
    found = Context(np.ones(topics), np.zeros(topics), np.zeros((around.shape[1], topics)))
    for topic in np.flatnonzero(targets.any(axis=0) & ~targets.all(axis=0)):
        rows = np.column_stack([raw[:, topic], around])
        spread = np.maximum(rows.std(axis=0), _EDGE)
        machine = LogisticRegression(C=_COST, tol=1e-6, max_iter=1000)
        machine.fit((rows - rows.mean(axis=0)) / spread, targets[:, topic])
        coefficients = machine.coef_[0] / spread
        found.own[topic] = coefficients[0]
        found.others[:, topic] = coefficients[1:]
        found.offset[topic] = machine.intercept_[0] - coefficients @ rows.mean(axis=0)
    return found


def _margins(context: Context, raw: NDArray[np.float64], around: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(context.own * raw + context.offset + around @ context.others)


def _log_loss(probability: NDArray[np.float64], targets: NDArray[np.bool_]) -> float:
    seen = np.where(targets, probability, 1 - probability)
    return -float(np.log(np.maximum(seen, _EDGE)).mean())
