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

__all__ = [
    "POWERS",
    "LogCountRatios",
    "class_weights",
    "fit_svm",
    "fit_svms",
    "one_each",
    "sample_weights",
    "scale_columns",
]

# Of 1e-1 to 1e-5 all gave the same accuracy to four digits on four sets. 1e-3 leaves each weight within 0.02% of the
# largest from where 1e-5 takes it, in half to three quarters of the time.
TOLERANCE = 1e-3
# Of fits to folds, whose weights are not kept. From 1e-3 to 1e-1 accuracy moved by .0005 at most on four sets, and
# macro-F1 by .0012; 1e-1 takes half to two thirds of the time of 1e-3.
ROUGH = 1e-1
_ITERATIONS = 20_000
# Weight of an unlabelled text with pseudo-labels, where a labelled one weighs 1.
_PSEUDO_LABEL_WEIGHT = 0.1
# Texts that every feature is granted inside and outside a topic before they are counted. Of 0.1, 0.3, 1 and 3 on
# seven sizes of two sets, 0.1 was best on headlines and level with the best on reviews.
_SMOOTHING = 0.1
# The power of balanced weights that costs of errors have. On a fold of 44 topics of 5,000 to 12 examples 0, 0.25, 0.5
# and 1 gave accuracies of .803, .805, .797 and .761, and macro-F1 of .745, .772, .767 and .739, before mixing.
POWERS = {"none": 0.0, "auto": 0.25, "balanced": 1.0}


def fit_svms(
    matrix: csr_matrix,
    targets: NDArray[np.bool_],
    costs: NDArray[np.float64],
    settings: Settings,
    tolerance: float = TOLERANCE,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights (features, topics) and biases (topics,) that separate each topic's rows from the rest.

    `costs` (rows, topics) are the weights of the rows for each topic. Where each row has one topic, and costs the same
    for all of them, the solver takes the rows once for all topics.
    """
    topics = targets.shape[1]
    if topics > 1 and one_each(targets, settings):
        svm = _machine(settings, tolerance).fit(matrix, targets.argmax(axis=1), sample_weight=costs[:, 0])
        weights, bias = svm.coef_.T, svm.intercept_
        # Of two topics the second is fitted, and the first is its opposite.
        return (weights, bias) if topics > 2 else (np.hstack([-weights, weights]), np.concatenate([-bias, bias]))
    weights, bias = np.empty((matrix.shape[1], topics)), np.empty(topics)
    for topic in range(topics):
        weights[:, topic], bias[topic] = fit_svm(matrix, targets[:, topic], costs[:, topic], settings, tolerance)
    return weights, bias


def one_each(targets: NDArray[np.bool_], settings: Settings) -> bool:
    """Return whether each row has one topic and costs the same for all of them; keywords may have several."""
    return bool(settings.exclusive) and bool((targets.sum(axis=1) == 1).all())


def fit_svm(
    matrix: csr_matrix,
    target: NDArray[np.bool_],
    costs: NDArray[np.float64],
    settings: Settings,
    tolerance: float = TOLERANCE,
) -> tuple[NDArray[np.float64], float]:
    """Return the weights (features,) and bias that separate the topic's rows; `costs` (rows,) are their weights."""
    svm = _machine(settings, tolerance).fit(matrix, target, sample_weight=costs)
    return svm.coef_[0], float(svm.intercept_[0])


def _machine(settings: Settings, tolerance: float) -> LinearSVC:
    return LinearSVC(C=settings.cost, dual=True, tol=tolerance, max_iter=_ITERATIONS, random_state=settings.seed)


def sample_weights(corpus: Corpus, settings: Settings) -> NDArray[np.float64]:
    """Return the weight of each text of a corpus (texts,): an example 1, a keyword and an unlabelled text less."""
    keywords = corpus.labelled - corpus.examples
    numbers = [corpus.examples, keywords, corpus.unlabelled]
    return np.repeat([1.0, settings.keyword_weight, _PSEUDO_LABEL_WEIGHT], numbers)


def class_weights(targets: NDArray[np.bool_], weights: NDArray[np.float64], settings: Settings) -> NDArray[np.float64]:
    """Return the cost of an error in each row for each topic, shape (rows, topics).

    "balanced" is scikit-learn's: total / (classes × total of the class). The classes are a topic's examples and the
    rest, or in exclusive models the topics, so that all columns are the same.
    """
    power = POWERS[settings.class_weight]
    total = weights.sum()
    inside = weights @ targets
    if settings.exclusive or not power:
        balance = (total / (targets.shape[1] * np.maximum(inside, 1e-12))) ** power
        return np.broadcast_to((weights * balance[targets.argmax(axis=1)])[:, np.newaxis], targets.shape)
    with np.errstate(divide="ignore"):
        balance = np.where(targets, total / (2 * inside), total / (2 * (total - inside))) ** power
    return np.asarray(weights[:, np.newaxis] * balance)


class LogCountRatios:
    """Log-count ratios of the features of rows, which are counted once for all topics.

    `weights` (rows,) say for how many texts each row counts, `copies` (features,) for how many features each.
    """

    def __init__(self, matrix: csr_matrix, weights: NDArray[np.float64], copies: NDArray[np.int64]) -> None:
        self._weights, self._copies = weights, copies
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
        sums = [part @ self._copies[seen] for part in shares]
        ratios[seen] = np.abs(np.log((shares[0] / sums[0]) / (shares[1] / sums[1])))
        norm = np.sqrt(ratios**2 @ self._squares)
        return np.asarray(ratios / norm if norm else ratios)  # 0: no feature, or none that separates the topic


def scale_columns(matrix: csr_matrix, scale: NDArray[np.float64]) -> csr_matrix:
    """Multiply each column by its scale."""
    return csr_matrix((matrix.data * scale[matrix.indices], matrix.indices, matrix.indptr), shape=matrix.shape)
