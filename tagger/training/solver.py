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

from tagger.features import Rows, tfidf
from tagger.linear import scores
from tagger.settings import Settings
from tagger.training.corpus import Corpus
from tagger.training.guessing import guess
from tagger.training.machines import train_machine, weigh_rows, weigh_topics
from tagger.training.weighing import weigh

__all__ = ["Fitted", "count_ratios", "fit", "score"]

# A feature of one unlabelled text alone tells nothing, and most features of a large pool are such.
_MINIMUM_UNLABELLED = 2
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
    minimum = max(settings.minimum_documents, _MINIMUM_UNLABELLED) if corpus.unlabelled else settings.minimum_documents
    idf, matrix = weigh(corpus.counts, corpus.single, settings, minimum=minimum)
    if corpus.unlabelled:
        corpus = guess(corpus, matrix, settings)
    targets = corpus.targets
    known = np.asarray(targets.any(axis=0) & ~targets.all(axis=0))
    weights = np.zeros((corpus.features, targets.shape[1]))
    bias = np.where(targets.all(axis=0), 1.0, -1.0)
    row_weights = weigh_rows(corpus, settings)
    costs = weigh_topics(targets, row_weights, settings)
    for topic in np.flatnonzero(known):
        # liblinear's own random numbers are global, so that threads would break repeatability: one topic at a time.
        target, cost = targets[:, topic], costs[:, topic]
        weights[:, topic], bias[topic] = train_machine(matrix, target, cost, settings)
        if settings.count_ratios:
            ratios = count_ratios(matrix, target, row_weights)
            scaled, offset = train_machine(_scale(matrix, ratios), target, cost, settings)
            share = _trust(target, row_weights)
            weights[:, topic] += share * (ratios * scaled - weights[:, topic])
            bias[topic] += share * (offset - bias[topic])
    return Fitted(idf, weights, bias, known)


def score(counts: Rows, fitted: Fitted) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Score counted texts, shape (rows, topics), and tell which of them have no feature that the fit knows."""
    rows = tfidf(counts, fitted.idf)
    entries = np.bincount(rows.row_of_entries(), weights=rows.values != 0, minlength=len(rows))
    return scores(rows, fitted.weights, fitted.bias), entries == 0


def count_ratios(matrix: csr_matrix, target: NDArray[np.bool_], weighing: NDArray[np.float64]) -> NDArray[np.float64]:
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
