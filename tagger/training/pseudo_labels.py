"""Unlabelled texts → pseudo-labels, from the labelled texts near them.

A few labelled texts contain few of the features that speak for a topic. Unlabelled texts show which features go
together: SVMs that see the coordinates of a text by latent semantic analysis (`lsa_coordinates`) beside its features
carry a label over to texts that share no feature with any labelled one. Their pseudo-labels are then learnt as examples
of small weight, so that the features of unlabelled texts get weights of their own and tagging stays one matrix.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from tagger.scoring.linear import best_topics
from tagger.settings import Settings
from tagger.training.corpus import Corpus
from tagger.training.svm import class_weights, fit_svm, sample_weights

__all__ = ["add_pseudo_labels", "placed_rows", "placed_scores"]

# Size of the coordinates beside features, whose rows have norm 1. Of 1, 2, 3 and 4, 3 was best or level.
_COORDINATE_SCALE = 3.0


def add_pseudo_labels(corpus: Corpus, matrix: csr_matrix, settings: Settings) -> Corpus:
    """Return the corpus with topics for its unlabelled texts; the rows of `matrix` are those of the corpus.

    Exclusive: the topic of the highest score. Multi-label: each topic takes as large a share of the unlabelled texts
    as it has of the examples, those of the highest scores, and the best topic is taken anyway where one always is.
    """
    scores = placed_scores(corpus, placed_rows(corpus, matrix), settings)
    targets = corpus.targets[: corpus.labelled]
    labels = best_topics(scores) if settings.exclusive else _take_shares(scores, targets[: corpus.examples], settings)
    return replace(corpus, targets=np.concatenate([targets, labels]))


def placed_rows(corpus: Corpus, matrix: csr_matrix) -> csr_matrix:
    """Return the rows of a corpus with their coordinates beside their features."""
    return hstack([matrix, csr_matrix(_COORDINATE_SCALE * corpus.latent)], format="csr")


def placed_scores(corpus: Corpus, rows: csr_matrix, settings: Settings) -> NDArray[np.float64]:
    """Score the unlabelled texts by SVMs that learn from the labelled ones alone: (unlabelled, topics).

    `rows` are those of the corpus. A topic that cannot be learnt has the score minus infinity.
    """
    labelled = np.arange(len(corpus.counts)) < corpus.labelled
    targets = corpus.targets[labelled]
    costs = class_weights(targets, sample_weights(corpus, settings)[labelled], settings)
    scores = np.full((corpus.unlabelled, targets.shape[1]), -np.inf)
    for topic in np.flatnonzero(targets.any(axis=0) & ~targets.all(axis=0)):
        weights, bias = fit_svm(rows[labelled], targets[:, topic], costs[:, topic], settings)
        scores[:, topic] = rows[~labelled] @ weights + bias
    return scores


def _take_shares(scores: NDArray[np.float64], targets: NDArray[np.bool_], settings: Settings) -> NDArray[np.bool_]:
    taken = np.rint(targets.mean(axis=0) * len(scores)).astype(int)
    ranks = np.argsort(np.argsort(-scores, axis=0, kind="stable"), axis=0)
    labels = ranks < taken
    return np.asarray(labels | best_topics(scores) if settings.always_assign else labels)
