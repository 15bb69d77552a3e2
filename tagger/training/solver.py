"""TF-IDF rows and targets → weights: one linear support vector machine for each topic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from tagger.features import Rows, document_frequencies, inverse_frequencies, tfidf
from tagger.linear import scores
from tagger.settings import Settings
from tagger.training.corpus import Corpus

__all__ = ["Fitted", "fit", "score"]

# Tight enough that the last bits of another processor's arithmetic do not show in the weights' first five digits.
_TOLERANCE = 1e-5
_ITERATIONS = 20_000


@dataclass(frozen=True)
class Fitted:
    """What fitting gives: float64 idf (features,), weights (features, topics) and bias (topics,).

    `known` (topics,) is False for topics that had no example to be told from, or none to learn from.
    """

    idf: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    known: NDArray[np.bool_]


def fit(corpus: Corpus, settings: Settings) -> Fitted:
    """Fit to the texts of a corpus: features that none of them holds get no weight, in IDF neither."""
    features = corpus.features
    frequencies = document_frequencies(corpus.counts, features=features)
    idf = inverse_frequencies(frequencies, documents=len(corpus.counts), minimum=settings.minimum_documents)
    rows = tfidf(corpus.counts, idf)
    matrix = csr_matrix((rows.values, rows.columns, rows.indptr), shape=(len(rows), features))
    targets = corpus.targets
    known = np.asarray(targets.any(axis=0) & ~targets.all(axis=0))
    weights = np.zeros((features, targets.shape[1]))
    bias = np.where(targets.all(axis=0), 1.0, -1.0)
    weighing = np.where(np.arange(len(rows)) < corpus.examples, 1.0, settings.keyword_weight)
    costs = _costs(targets, weighing, settings)
    for topic in np.flatnonzero(known):
        # liblinear's own random numbers are global, so that threads would break repeatability: one topic at a time.
        machine = LinearSVC(
            C=settings.cost, dual=True, tol=_TOLERANCE, max_iter=_ITERATIONS, random_state=settings.seed
        )
        machine.fit(matrix, targets[:, topic], sample_weight=costs[:, topic])
        weights[:, topic] = machine.coef_[0]
        bias[topic] = machine.intercept_[0]
    return Fitted(idf, weights, bias, known)


def score(counts: Rows, fitted: Fitted) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Score counted texts, shape (rows, topics), and tell which of them have no feature that the fit knows."""
    rows = tfidf(counts, fitted.idf)
    entries = np.bincount(rows.row_of_entries(), weights=rows.values != 0, minlength=len(rows))
    return scores(rows, fitted.weights, fitted.bias), entries == 0


def _costs(targets: NDArray[np.bool_], weights: NDArray[np.float64], settings: Settings) -> NDArray[np.float64]:
    """Weigh each row for each topic, shape (rows, topics).

    "balanced" is scikit-learn's: total / (classes × total of the class). The classes are a topic's examples and the
    rest, or in exclusive models the topics.
    """
    costs = np.repeat(weights[:, np.newaxis], targets.shape[1], axis=1)
    if settings.class_weight == "none":
        return costs
    total = weights.sum()
    inside = weights @ targets
    if settings.exclusive:
        balance = total / (targets.shape[1] * np.maximum(inside, 1e-12))
        return np.asarray(costs * balance[targets.argmax(axis=1)][:, np.newaxis])
    with np.errstate(divide="ignore"):
        return np.asarray(costs * np.where(targets, total / (2 * inside), total / (2 * (total - inside))))
