"""TF-IDF rows and targets → weights: one linear support vector machine for each topic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from tagger.features import document_frequencies, inverse_frequencies, tfidf
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


def fit(corpus: Corpus, rows: NDArray[np.int64], settings: Settings) -> Fitted:
    """Fit to these rows of the corpus alone: features that only other rows hold get no weight, in IDF neither."""
    counts = corpus.counts.take(rows)
    features = len(corpus.vocabulary)
    frequencies = document_frequencies(counts, features=features)
    idf = inverse_frequencies(frequencies, documents=len(rows), minimum=settings.minimum_documents)
    weighed = tfidf(counts, idf)
    matrix = csr_matrix((weighed.values, weighed.columns, weighed.indptr), shape=(len(rows), features))
    targets = corpus.targets[rows]
    known = np.asarray(targets.any(axis=0) & ~targets.all(axis=0))
    weights = np.zeros((features, targets.shape[1]))
    bias = np.where(targets.all(axis=0), 1.0, -1.0)
    costs = _costs(targets, corpus.weights[rows], settings)
    for topic in np.flatnonzero(known):
        # liblinear's own random numbers are global, so that threads would break repeatability: one topic at a time.
        machine = LinearSVC(
            C=settings.cost, dual=True, tol=_TOLERANCE, max_iter=_ITERATIONS, random_state=settings.seed
        )
        machine.fit(matrix, targets[:, topic], sample_weight=costs[:, topic])
        weights[:, topic] = machine.coef_[0]
        bias[topic] = machine.intercept_[0]
    return Fitted(idf, weights, bias, known)


def score(corpus: Corpus, rows: NDArray[np.int64], fitted: Fitted) -> NDArray[np.float64]:
    """Score these rows of the corpus, shape (rows, topics); NaN for topics that are not known."""
    raw = scores(tfidf(corpus.counts.take(rows), fitted.idf), fitted.weights, fitted.bias)
    raw[:, ~fitted.known] = np.nan
    return raw


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
