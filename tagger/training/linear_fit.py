"""TF-IDF rows and targets → a linear model: two linear SVMs for each topic, averaged into one.

The first SVM learns from the rows as they are, the second from rows whose features are scaled by their log-count ratios
(`tagger.training.svm`). Scaled up are the features that separate the topic from the rest, so that a small weight, which
costs little, makes them count; scaled down are those that occur everywhere. The SVMs err on different texts, so their
average is better than either. Both are linear, so the average is too: one weight for each feature, the first SVM's and
the second's times its scale, averaged.

Both learn from the length of a text beside its features (`tagger.scoring.linear.length_scores`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from tagger.errors import SettingsError
from tagger.messages import _
from tagger.scoring.linear import LinearModel
from tagger.scoring.weights import SharedWeights
from tagger.settings import Settings
from tagger.training.corpus import Corpus
from tagger.training.merging import Merged, merge_columns
from tagger.training.pseudo_labels import add_pseudo_labels
from tagger.training.svm import (
    TOLERANCE,
    LogCountRatios,
    class_weights,
    fit_svm,
    fit_svms,
    one_each,
    sample_weights,
    scale_columns,
)
from tagger.training.tfidf import LENGTH_SCALE, length_columns, single_character_weight, tfidf_matrix

__all__ = ["fit_candidates", "fit_linear"]

# Where there are unlabelled texts, a feature must be in so many texts, labelled or not: one that a single text has
# tells nothing, and most features of a large pool are such.
_MINIMUM_UNLABELLED = 2
# With 30 examples the second SVM gets half of its largest share, which is a half; with fewer, less. The examples are
# those on the smaller side, in the topic or out of it. Ratios of ten texts are noise: there the plain average loses
# half a point to the first SVM alone, and this wins it back.
_HALF_SHARE_EXAMPLES = 30.0


def fit_linear(corpus: Corpus, settings: Settings) -> tuple[LinearModel, NDArray[np.bool_]]:
    """Fit to the texts of a corpus; return the model, and which topics could be learnt (topics,).

    It is the average of both SVMs unless `settings` say otherwise. What they may raise, `fit_candidates` says.
    """
    models, learnt = fit_candidates(corpus, settings)
    return models[-1], learnt


def fit_candidates(
    corpus: Corpus, settings: Settings, *, tolerance: float = TOLERANCE
) -> tuple[list[LinearModel], NDArray[np.bool_]]:
    """Fit to the texts of a corpus; return the first SVM's model, the average where there is one, and topics learnt.

    `tolerance` is how near to their optimum the SVMs come.

    A topic can be learnt that has examples and others to be told from. Features that none of the texts contains have
    no weight, and no IDF either.

    Raises:
        SettingsError: when there is no feature to learn from.
    """
    if not corpus.features:
        raise SettingsError(
            _(
                "no feature occurs in minimum_documents={number} documents: lower it, or add text",
                number=settings.minimum_documents,
            )
        )
    minimum = max(settings.minimum_documents, _MINIMUM_UNLABELLED) if corpus.unlabelled else settings.minimum_documents
    character_weight = single_character_weight(corpus.targets[: corpus.examples], settings)
    idf, matrix = tfidf_matrix(corpus, character_weight, minimum=minimum)
    merged = merge_columns(matrix)
    row_weights = sample_weights(corpus, settings)
    ratios = LogCountRatios(merged.matrix, row_weights, merged.copies) if settings.count_ratios is not False else None
    length_matrix = _length_columns(corpus, settings)
    matrix = hstack([merged.matrix, length_matrix], format="csr")
    if corpus.unlabelled:
        corpus = add_pseudo_labels(corpus, matrix, settings)
    targets = corpus.targets
    # A row for each topic, as the solver gives them.
    weights = np.zeros((targets.shape[1], matrix.shape[1]))
    learnt = np.asarray(targets.any(axis=0) & ~targets.all(axis=0))
    bias = np.where(targets.all(axis=0), 1.0, -1.0)
    costs = class_weights(targets, row_weights, settings)
    # liblinear's own random numbers are global, so that threads would break repeatability: one after another.
    found, bias[learnt] = fit_svms(matrix, targets[:, learnt], costs[:, learnt], settings, tolerance)
    weights[learnt] = found.T
    del found
    models = [_model(idf, merged, weights, bias)]
    if ratios is not None:
        bias = bias.copy()
        fitted = np.flatnonzero(learnt)
        # Of two topics with the same ratios each is the opposite of the other.
        opposite = len(fitted) == 2 and one_each(targets[:, learnt], settings)
        for topic in fitted[int(opposite) :]:
            target, cost = targets[:, topic], costs[:, topic]
            scale = np.concatenate([ratios.of(target), np.ones(length_matrix.shape[1])])
            scaled, offset = fit_svm(scale_columns(matrix, scale), target, cost, settings, tolerance)
            share = _ratio_share(target, row_weights)
            weights[topic] += share * (scale * scaled - weights[topic])
            bias[topic] += share * (offset - bias[topic])
        if opposite:
            weights[fitted[0]], bias[fitted[0]] = -weights[fitted[1]], -bias[fitted[1]]
        models.append(_model(idf, merged, weights, bias))
    return models, learnt


def _model(
    idf: NDArray[np.float64], merged: Merged, weights: NDArray[np.float64], bias: NDArray[np.float64]
) -> LinearModel:
    """Return a model of SVMs with these weights (topics, columns + knots): of merged columns, then of lengths.

    Times IDF, as tagging sums the weights of plain counts; the IDF itself is stored too, for it gives a row's norm.
    """
    columns = len(merged.first)
    factors = idf[merged.first] / np.sqrt(merged.copies)
    shared = SharedWeights(merged.columns, np.multiply(weights[:, :columns].T, factors[:, np.newaxis], order="C"))
    return LinearModel(idf, shared, bias, np.multiply(weights[:, columns:].T, LENGTH_SCALE, order="C"))


def _length_columns(corpus: Corpus, settings: Settings) -> csr_matrix:
    """Return the length columns of a corpus; a keyword represents texts of any length and has none."""
    if not settings.lengths:
        return csr_matrix((len(corpus.counts), 0))
    texts = np.ones(len(corpus.counts), dtype=bool)
    texts[corpus.examples : corpus.labelled] = False
    return length_columns(corpus.character_counts, texts)


def _ratio_share(target: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """Return the share of the second SVM in the average, up to a half."""
    texts = min(weights[target].sum(), weights[~target].sum())
    return float(0.5 * texts / (texts + _HALF_SHARE_EXAMPLES))
