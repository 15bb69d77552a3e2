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
from sklearn.linear_model import LogisticRegression

from tagger.scoring.linear import best_topics
from tagger.settings import Settings
from tagger.training.corpus import Corpus
from tagger.training.folds import split_documents
from tagger.training.svm import ROUGH, TOLERANCE, class_weights, fit_svm, sample_weights

__all__ = ["add_pseudo_labels", "placed_rows", "placed_scores"]

# Size of the coordinates beside features, whose rows have norm 1. Of 1, 2, 3 and 4, 3 was best or level.
_COORDINATE_SCALE = 3.0
# Folds that tell what scores mean: 3 were as good as 5.
_FOLDS = 3
# With fewer examples in a topic, or out of it, nothing tells what its scores mean.
_SEEN = 2
# Not Platt's smoothed targets: each grants every topic a text or so, which of 65 topics doubled what they took.
_SIGMOID_COST = 10.0


def add_pseudo_labels(corpus: Corpus, matrix: csr_matrix, settings: Settings) -> Corpus:
    """Return the corpus with topics for its unlabelled texts; the rows of `matrix` are those of the corpus.

    Exclusive: the topic of the highest score. Multi-label: each topic takes the texts of the highest scores, as many as
    its probabilities add up to, and the best topic is taken anyway where one always is.
    """
    rows = placed_rows(corpus, matrix)
    scores = placed_scores(corpus, rows, settings)
    labels = best_topics(scores)
    if not settings.exclusive:
        taken = np.rint(_expected_shares(corpus, rows, scores, settings) * len(scores))
        likeliest = np.argsort(np.argsort(-scores, axis=0, kind="stable"), axis=0) < taken
        labels = labels | likeliest if settings.always_assign else likeliest
    return replace(corpus, targets=np.concatenate([corpus.targets[: corpus.labelled], labels]))


def placed_rows(corpus: Corpus, matrix: csr_matrix) -> csr_matrix:
    """Return the rows of a corpus with their coordinates beside their features."""
    return hstack([matrix, csr_matrix(_COORDINATE_SCALE * corpus.latent)], format="csr")


def placed_scores(corpus: Corpus, rows: csr_matrix, settings: Settings) -> NDArray[np.float64]:
    """Score the unlabelled texts by SVMs that learn from the labelled ones alone: (unlabelled, topics).

    `rows` are those of the corpus. A topic that cannot be learnt has the score minus infinity.
    """
    texts = np.arange(len(corpus.counts))
    return _scores(corpus, rows, settings, known=texts[: corpus.labelled], asked=texts[corpus.labelled :])


def _scores(
    corpus: Corpus,
    rows: csr_matrix,
    settings: Settings,
    *,
    known: NDArray[np.int64],
    asked: NDArray[np.int64],
    tolerance: float = TOLERANCE,
) -> NDArray[np.float64]:
    targets = corpus.targets[known]
    costs = class_weights(targets, sample_weights(corpus, settings)[known], settings)
    scores = np.full((len(asked), targets.shape[1]), -np.inf)
    for topic in np.flatnonzero(targets.any(axis=0) & ~targets.all(axis=0)):
        weights, bias = fit_svm(rows[known], targets[:, topic], costs[:, topic], settings, tolerance)
        scores[:, topic] = rows[asked] @ weights + bias
    return scores


def _expected_shares(
    corpus: Corpus, rows: csr_matrix, scores: NDArray[np.float64], settings: Settings
) -> NDArray[np.float64]:
    """Return the share of the unlabelled texts that each topic is expected to have: the mean of its probabilities.

    Examples that were drawn at random have the shares of the pool, those that were chosen topic by topic have not. What
    a score means, folds of the examples tell: the "probability average" of Bella et al., Quantification via probability
    estimators (ICDM 2010). A topic that folds show too seldom has the share that it has among the examples.
    """
    targets = corpus.targets[: corpus.examples]
    held_out = np.full(targets.shape, -np.inf)
    keywords = np.arange(corpus.examples, corpus.labelled)
    for rest, fold in split_documents(corpus.groups, targets, folds=_FOLDS, seed=settings.seed):
        known = np.concatenate([rest, keywords])
        held_out[fold] = _scores(corpus, rows, settings, known=known, asked=fold, tolerance=ROUGH)
    shares = targets.mean(axis=0)
    for topic in range(len(shares)):
        scored = np.isfinite(held_out[:, topic])
        x, y = held_out[scored, topic, np.newaxis], targets[scored, topic]
        if min(y.sum(), (~y).sum()) >= _SEEN:
            sigmoid = LogisticRegression(C=_SIGMOID_COST).fit(x, y)
            shares[topic] = sigmoid.predict_proba(scores[:, topic, np.newaxis])[:, 1].mean()
    return np.asarray(shares)
