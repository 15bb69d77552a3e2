"""Judges beside the library's own machine: naive Bayes and the nearest texts, taught on the other folds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.naive_bayes import ComplementNB

from tagger.scoring.linear import squash
from tagger.settings import Settings
from tagger.training import Corpus, one_thread
from tagger.training.calibration import fit_calibration
from tagger.training.tfidf import single_character_weight, tfidf_matrix

__all__ = ["judge_by_naive_bayes", "judge_by_nearest"]

_NEAREST = 10
# From a feature that more texts hold hardly anything follows for two that share it, and looking at these takes most of
# the time.
_COMMON = 0.02
_MOST_TEXTS = 120
_ROWS = 1000  # texts looked at together, so that what they share with others fits into 200 MB
# What the nearest texts weigh against a text that is like none.
_NOWHERE = 0.1
_EDGE = 0.01
_MANY_FEATURES = 1 << 20


def judge_by_naive_bayes(corpus: Corpus, settings: Settings, folds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return calibrated probabilities of exclusive topics by complement naive Bayes (Rennie et al., ICML 2003).

    `folds` (examples,) says which fold each example is in; the result is float64 (examples, topics).
    """
    rows, targets = _rows(corpus, settings), corpus.targets[: corpus.examples]
    found = np.zeros(targets.shape)
    for rest, fold in _splits(folds):
        machine = ComplementNB().fit(rows[rest], targets[rest].argmax(axis=1))
        scores = machine.predict_log_proba(rows[fold])
        # A topic of this fold alone is less likely than any other.
        found[fold] = scores.min(axis=1, keepdims=True) - 1
        found[np.ix_(fold, machine.classes_)] = scores
    return _calibrated(found, targets, settings)


def judge_by_nearest(corpus: Corpus, settings: Settings, folds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return calibrated probabilities by the share that each topic has among the nearest texts, weighed by cosine."""
    rows, targets = _rows(corpus, settings), corpus.targets[: corpus.examples]
    held = np.bincount(rows.indices, minlength=rows.shape[1])
    rare = rows[:, held <= np.clip(_COMMON * rows.shape[0], _NEAREST, _MOST_TEXTS)].astype(np.float32)
    norms = np.sqrt(np.asarray(rare.multiply(rare).sum(axis=1)).ravel())
    rare = csr_matrix(diags(1 / np.maximum(norms, 1e-9)) @ rare, dtype=np.float32)
    shares = np.zeros(targets.shape)
    for rest, fold in _splits(folds):
        others, theirs = rare[rest].T.tocsr(), targets[rest].astype(np.float32)
        for first in range(0, len(fold), _ROWS):
            mine = fold[first : first + _ROWS]
            near = _nearest(rare[mine] @ others)
            weights = np.asarray(near.sum(axis=1)).reshape(-1, 1)
            shares[mine] = (near @ theirs) / (weights + _NOWHERE)
    return _calibrated(np.log((shares + _EDGE) / (1 + _EDGE - shares)), targets, settings)


def _nearest(similarities: csr_matrix) -> csr_matrix:
    """Keep the largest ones of each row."""
    sizes = np.diff(similarities.indptr)
    row = np.repeat(np.arange(len(sizes)), sizes)
    # None is above 1, so that rows stay apart.
    order = np.argsort(2.0 * row - similarities.data, kind="stable")
    kept = order[np.arange(len(order)) - np.repeat(similarities.indptr[:-1], sizes) < _NEAREST]
    return csr_matrix((similarities.data[kept], (row[kept], similarities.indices[kept])), shape=similarities.shape)


def _rows(corpus: Corpus, settings: Settings) -> csr_matrix:
    weight = single_character_weight(corpus.targets[: corpus.examples], settings)
    return tfidf_matrix(corpus, weight, minimum=settings.minimum_documents)[1][: corpus.examples]


def _splits(folds: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    for number in range(int(folds.max()) + 1):
        yield np.flatnonzero(folds != number), np.flatnonzero(folds == number)


def _calibrated(scores: NDArray[np.float64], targets: NDArray[np.bool_], settings: Settings) -> NDArray[np.float64]:
    """Make probabilities of scores, both (examples, topics)."""
    exclusive = bool(settings.exclusive)
    known, prior = np.full(len(targets), _MANY_FEATURES), targets.mean(axis=0)
    with one_thread():
        calibration = fit_calibration(scores, targets, known=known, exclusive=exclusive, prior=prior)
    return squash(calibration.log_odds(scores, known), exclusive=exclusive)
