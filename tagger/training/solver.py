"""TF-IDF rows and targets → weights: two linear support vector machines for each topic, averaged into one.

The first machine learns from the rows as they are. For the second each feature is scaled by its log-count ratio, how
much likelier it is inside the topic than outside (Wang and Manning, Baselines and bigrams, ACL 2012): a feature that
parts the topic from the rest needs less weight to be heard, one that stands everywhere needs more. The machines err
on different texts, so their average is better than either; and as a scaled feature's weight is the scale times a
weight, and the average of two linear functions is linear, what is left of both is one weight for each feature.
"""

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
# Texts that every feature is granted inside and outside a topic before they are counted. Of 0.1, 0.3, 1 and 3 on
# seven sizes of two sets, 0.1 was best on headlines and level with the best on reviews.
_SMOOTHING = 0.1
# With so many texts in a topic its ratios are trusted half as much as with any number. Ratios of ten texts are noise:
# there the plain average loses half a point to the first machine alone, and this wins it back.
_HALF_TRUST = 30.0


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
    idf = np.where(frequencies > 0, idf, 0.0) * np.where(corpus.single, settings.character_weight, 1.0)
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
        weights[:, topic], bias[topic] = _machine(matrix, targets[:, topic], costs[:, topic], settings)
        if settings.count_ratios:
            scale = _count_ratios(matrix, targets[:, topic], weighing)
            scaled, offset = _machine(_scale(matrix, scale), targets[:, topic], costs[:, topic], settings)
            share = _trust(targets[:, topic], weighing)
            weights[:, topic] += share * (scale * scaled - weights[:, topic])
            bias[topic] += share * (offset - bias[topic])
    return Fitted(idf, weights, bias, known)


def score(counts: Rows, fitted: Fitted) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Score counted texts, shape (rows, topics), and tell which of them have no feature that the fit knows."""
    rows = tfidf(counts, fitted.idf)
    entries = np.bincount(rows.row_of_entries(), weights=rows.values != 0, minlength=len(rows))
    return scores(rows, fitted.weights, fitted.bias), entries == 0


def _machine(
    matrix: csr_matrix, target: NDArray[np.bool_], costs: NDArray[np.float64], settings: Settings
) -> tuple[NDArray[np.float64], float]:
    machine = LinearSVC(C=settings.cost, dual=True, tol=_TOLERANCE, max_iter=_ITERATIONS, random_state=settings.seed)
    machine.fit(matrix, target, sample_weight=costs)
    return machine.coef_[0], float(machine.intercept_[0])


def _count_ratios(
    matrix: csr_matrix, target: NDArray[np.bool_], weighing: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give |ln(share inside / share outside)| of each feature, scaled so that rows are as long as before on average.

    The shares are those of the texts that hold the feature among all features held.
    """
    held = (matrix != 0).astype(np.float64)
    total = weighing @ held
    inside = (weighing * target) @ held
    shares = [np.where(total > 0, part + _SMOOTHING, 0.0) for part in (inside, total - inside)]
    ratios = np.zeros(matrix.shape[1])
    seen = total > 0
    ratios[seen] = np.abs(np.log((shares[0][seen] / shares[0].sum()) / (shares[1][seen] / shares[1].sum())))
    squares = _scale(matrix, ratios).power(2).sum(axis=1)
    return np.asarray(ratios / np.sqrt(squares.mean()))


def _scale(matrix: csr_matrix, scale: NDArray[np.float64]) -> csr_matrix:
    return csr_matrix((matrix.data * scale[matrix.indices], matrix.indices, matrix.indptr), shape=matrix.shape)


def _trust(target: NDArray[np.bool_], weighing: NDArray[np.float64]) -> float:
    """Give the share of the second machine in the average, up to a half."""
    texts = min(weighing[target].sum(), weighing[~target].sum())
    return float(0.5 * texts / (texts + _HALF_TRUST))


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
