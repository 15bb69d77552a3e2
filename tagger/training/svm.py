"""TF-IDF rows and a topic → the weights of two linear SVMs, and what each row weighs in them.

The second is an NB-SVM (Wang and Manning, Baselines and bigrams, ACL 2012): its features are scaled by their log-count
ratios, how much likelier they are inside the topic than outside.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from tagger.settings import Settings
from tagger.training.corpus import Corpus

__all__ = ["LogCountRatios", "class_weights", "fit_svm", "sample_weights", "scale_columns"]

# Of 1e-1 to 1e-5 all gave the same accuracy to four digits on four sets. 1e-3 leaves each weight within 0.02% of the
# largest from where 1e-5 takes it, in half to three quarters of the time.
_TOLERANCE = 1e-3
_ITERATIONS = 20_000
# Weight of an unlabelled text with pseudo-labels, where a labelled one weighs 1.
_PSEUDO_LABEL_WEIGHT = 0.1
# Texts that every feature is granted inside and outside a topic before they are counted. Of 0.1, 0.3, 1 and 3 on
# seven sizes of two sets, 0.1 was best on headlines and level with the best on reviews.
_SMOOTHING = 0.1


def fit_svm(
    matrix: csr_matrix, target: NDArray[np.bool_], costs: NDArray[np.float64], settings: Settings
) -> tuple[NDArray[np.float64], float]:
    """Return the weights (features,) and bias that separate the topic's rows; `costs` (rows,) are their weights."""
    svm = LinearSVC(C=settings.cost, dual=True, tol=_TOLERANCE, max_iter=_ITERATIONS, random_state=settings.seed)
    svm.fit(matrix, target, sample_weight=costs)
    return svm.coef_[0], float(svm.intercept_[0])


def sample_weights(corpus: Corpus, settings: Settings) -> NDArray[np.float64]:
    """Return the weight of each text of a corpus (texts,): an example 1, a keyword and an unlabelled text less."""
    keywords = corpus.labelled - corpus.examples
    numbers = [corpus.examples, keywords, corpus.unlabelled]
    return np.repeat([1.0, settings.keyword_weight, _PSEUDO_LABEL_WEIGHT], numbers)


def class_weights(targets: NDArray[np.bool_], weights: NDArray[np.float64], settings: Settings) -> NDArray[np.float64]:
    """Return the cost of an error in each row for each topic, shape (rows, topics).

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


class LogCountRatios:
    """Log-count ratios of the features of rows, which are counted once for all topics.

    `weights` (rows,) say for how many texts each row counts.
    """

    def __init__(self, matrix: csr_matrix, weights: NDArray[np.float64]) -> None:
        self._weights = weights
        self._held = csr_matrix((np.sign(np.abs(matrix.data)), matrix.indices, matrix.indptr), shape=matrix.shape)
        self._total = weights @ self._held
        self._squares = np.bincount(matrix.indices, matrix.data**2, minlength=matrix.shape[1]) / matrix.shape[0]

    def of(self, target: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return |ln(share inside / share outside)| of each feature, scaled to keep the mean norm of the rows.

        The shares are those of the texts that contain the feature among all features contained. `target` (rows,) says
        which rows are inside.
        """
        inside = self._weights[target] @ self._held[target]
        seen = self._total > 0
        shares = [part[seen] + _SMOOTHING for part in (inside, self._total - inside)]
        ratios = np.zeros(len(seen))
        ratios[seen] = np.abs(np.log((shares[0] / shares[0].sum()) / (shares[1] / shares[1].sum())))
        norm = np.sqrt(ratios**2 @ self._squares)
        return np.asarray(ratios / norm if norm else ratios)  # 0: no feature, or none that separates the topic


def scale_columns(matrix: csr_matrix, scale: NDArray[np.float64]) -> csr_matrix:
    """Multiply each column by its scale."""
    return csr_matrix((matrix.data * scale[matrix.indices], matrix.indices, matrix.indptr), shape=matrix.shape)
