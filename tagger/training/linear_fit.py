"""TF-IDF rows and targets → weights: two linear support vector machines for each topic, averaged into one.

The first machine learns from the rows as they are. For the second each feature is scaled by its log-count ratio, how
much likelier it is inside the topic than outside (Wang and Manning, Baselines and bigrams, ACL 2012): a feature that
parts the topic from the rest needs less weight to be heard, one that stands everywhere needs more. The machines err
on different texts, so their average is better than either; and as a scaled feature's weight is the scale times a
weight, and the average of two linear functions is linear, what is left of both is one weight for each feature.

Both learn from the length of a text beside its features (`tagger.scoring.linear.length_scores`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from tagger.errors import SettingsError
from tagger.features.extraction import Rows
from tagger.scoring.linear import length_scores, scores
from tagger.settings import Settings
from tagger.training.corpus import Corpus
from tagger.training.log_count_ratios import LogCountRatios, scale_columns
from tagger.training.pseudo_labels import pseudo_label
from tagger.training.svm import class_weights, fit_svm, sample_weights
from tagger.training.tfidf import LENGTH_SCALE, length_columns, single_character_weight, tfidf_matrix

__all__ = ["LinearFit", "fit", "score"]

# A feature of one unlabelled text alone tells nothing, and most features of a large pool are such.
_MINIMUM_UNLABELLED = 2
# With so many texts in a topic its ratios are trusted half as much as with any number. Ratios of ten texts are noise:
# there the plain average loses half a point to the first machine alone, and this wins it back.
_HALF_SHARE_EXAMPLES = 30.0


@dataclass(frozen=True)
class LinearFit:
    """What fitting gives: float64 idf (features,), weights (features, topics) and bias (topics,).

    `length_weights` is float64 (KNOTS, topics), what length adds to a score, or (0, topics) where it adds nothing.
    `known` (topics,) is False for topics that had no example to be told from, or none to learn from.
    """

    idf: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    length_weights: NDArray[np.float64]
    known: NDArray[np.bool_]

    @property
    def idf_weights(self) -> NDArray[np.float64]:
        """Weights times IDF, as `tagger.scoring.linear.scores` takes them: (features, topics)."""
        return self.idf[:, np.newaxis] * self.weights


def fit(corpus: Corpus, settings: Settings) -> LinearFit:
    """Fit to the texts of a corpus: features that none of them holds get no weight, in IDF neither.

    Raises:
        SettingsError: when there is no feature to learn from.
    """
    if not corpus.features:
        raise SettingsError(
            f"no feature stands in minimum_documents={settings.minimum_documents} texts: lower it, or give more text"
        )
    minimum = max(settings.minimum_documents, _MINIMUM_UNLABELLED) if corpus.unlabelled else settings.minimum_documents
    character_weight = single_character_weight(corpus.targets[: corpus.examples], settings)
    idf, matrix = tfidf_matrix(corpus.counts, corpus.single, character_weight, minimum=minimum)
    row_weights = sample_weights(corpus, settings)
    ratios = LogCountRatios(matrix, row_weights) if settings.count_ratios else None
    columns_of_length = _length_columns(corpus, settings)
    matrix = hstack([matrix, columns_of_length], format="csr")
    if corpus.unlabelled:
        corpus = pseudo_label(corpus, matrix, settings)
    targets = corpus.targets
    known = np.asarray(targets.any(axis=0) & ~targets.all(axis=0))
    weights = np.zeros((matrix.shape[1], targets.shape[1]))
    bias = np.where(targets.all(axis=0), 1.0, -1.0)
    costs = class_weights(targets, row_weights, settings)
    for topic in np.flatnonzero(known):
        # liblinear's own random numbers are global, so that threads would break repeatability: one topic at a time.
        target, cost = targets[:, topic], costs[:, topic]
        weights[:, topic], bias[topic] = fit_svm(matrix, target, cost, settings)
        if ratios is not None:
            scale = np.concatenate([ratios.of(target), np.ones(columns_of_length.shape[1])])
            scaled, offset = fit_svm(scale_columns(matrix, scale), target, cost, settings)
            share = _ratio_share(target, row_weights)
            weights[:, topic] += share * (scale * scaled - weights[:, topic])
            bias[topic] += share * (offset - bias[topic])
    length_weights = LENGTH_SCALE * weights[corpus.features :]
    return LinearFit(idf, weights[: corpus.features], bias, length_weights, known)


def score(
    counts: Rows, character_counts: NDArray[np.int64], fitted: LinearFit
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Score counted texts, shape (rows, topics), and tell which of them have no feature that the fit knows.

    `character_counts` (rows,) are their lengths in characters.
    """
    raw, empty = scores(counts, fitted.idf, fitted.idf_weights, fitted.bias)
    return raw + length_scores(character_counts, fitted.length_weights), empty


def _length_columns(corpus: Corpus, settings: Settings) -> csr_matrix:
    """Give the length columns of a corpus; a keyword stands for texts of any length and has none."""
    if not settings.lengths:
        return csr_matrix((len(corpus.counts), 0))
    texts = np.ones(len(corpus.counts), dtype=bool)
    texts[corpus.examples : corpus.labelled] = False
    return length_columns(corpus.character_counts, texts)


def _ratio_share(target: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """Give the share of the second machine in the average, up to a half."""
    texts = min(weights[target].sum(), weights[~target].sum())
    return float(0.5 * texts / (texts + _HALF_SHARE_EXAMPLES))
