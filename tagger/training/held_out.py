"""A corpus → scores of each example by fits that did not see its document."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tagger.scoring.linear import best_topics
from tagger.settings import FOLDS, Settings
from tagger.training.corpus import Corpus
from tagger.training.course import Course, ignore
from tagger.training.folds import split_documents
from tagger.training.linear_fit import fit_candidates
from tagger.training.parallel import in_processes
from tagger.training.svm import ROUGH

__all__ = ["MANY", "HeldOut", "out_of_fold_scores"]

# Exclusive topics of which each has too few examples to be told from all others by log-count ratios: of 400 topics of
# 25 headlines the average of both SVMs was worse than the first alone by more than chance, and its runs, one a topic,
# took as long as all others.
MANY = 128

_Split = tuple[NDArray[np.int64], NDArray[np.int64]]
_Scored = tuple[list[NDArray[np.float64]], NDArray[np.int64]]


@dataclass(frozen=True)
class HeldOut:
    """Scores of examples by fits to the other folds' documents.

    Attributes:
        scores: float64 (examples, topics), NaN where the other folds could not teach a topic, and everywhere where
            there is only one document.
        known: int64 (examples,), how many features each example was scored by.
        folds: int64 (examples,), the number of the fold that each example is in.
        count_ratios: whether the second SVM has a share in them.
    """

    scores: NDArray[np.float64]
    known: NDArray[np.int64]
    folds: NDArray[np.int64]
    count_ratios: bool


def out_of_fold_scores(
    corpus: Corpus,
    settings: Settings,
    *,
    jobs: int = 1,
    leave_out: NDArray[np.bool_] | None = None,
    course: Course = ignore,
) -> HeldOut:
    """Score each example by a fit to the other folds' documents (and all keywords).

    Examples marked in `leave_out` (examples,) are scored, but no fit learns from them.

    Where the settings leave open whether the second SVM has a share, it has, but that of exclusive topics the first
    fold tells whether it pays; where they are more than `MANY`, it has none. `jobs` is the number of processes.
    `course` is told the share of the folds that is done.
    """
    targets = corpus.targets[: corpus.examples]
    splits = list(split_documents(corpus.groups, targets, folds=settings.folds or FOLDS, seed=settings.seed))
    if leave_out is not None:
        splits = [(rest[~leave_out[rest]], fold) for rest, fold in splits]
    bare = corpus.without_feature_names()
    scored: list[_Scored] = []
    if settings.count_ratios is None and settings.exclusive and targets.shape[1] > MANY:
        settings = replace(settings, count_ratios=False)
    if settings.count_ratios is None and settings.exclusive:
        scored = [_score_fold(bare, settings, *split) for split in splits[:1]]
        pays = all(ratios_pay(found[0], found[1], targets[splits[0][1]]) for found, _ in scored)
        settings = replace(settings, count_ratios=pays)
        scored = [(found[: 1 + pays], known) for found, known in scored]
        course(len(scored) / max(1, len(splits)))
    rest = [(bare, settings, *split) for split in splits[len(scored) :]]
    for found in in_processes(_score_fold, rest, jobs=jobs):
        scored.append(found)
        course(len(scored) / len(splits))
    held_out, known = np.full(targets.shape, np.nan), np.zeros(len(targets), dtype=np.int64)
    folds = np.zeros(len(targets), dtype=np.int64)
    for number, ((_, fold), (candidates, features)) in enumerate(zip(splits, scored, strict=True)):
        held_out[fold], known[fold], folds[fold] = candidates[-1], features, number
    return HeldOut(held_out, known, folds, settings.count_ratios is not False)


def ratios_pay(first: NDArray[np.float64], average: NDArray[np.float64], targets: NDArray[np.bool_]) -> bool:
    """Return whether the average of both SVMs does as well as the first alone, by the scores of examples.

    It does unless it is worse by more than chance: of the examples that only one of the two gets right, it has fewer by
    more than the square root of their number.
    """
    best = [best_topics(np.nan_to_num(scores, nan=-1.0)) for scores in (first, average)]
    right = [(found & targets).any(axis=1) for found in best]
    lost, won = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    return bool(lost - won <= np.sqrt(lost + won))


def _score_fold(corpus: Corpus, settings: Settings, rest: NDArray[np.int64], fold: NDArray[np.int64]) -> _Scored:
    """Return the scores of a fold's examples by each candidate, and how many features they were scored by."""
    models, learnt = fit_candidates(corpus.part(rest), settings, tolerance=ROUGH)
    counts, character_counts = corpus.unseen(fold, known=rest), corpus.character_counts[fold]
    found = [model.scores(counts, character_counts) for model in models]
    return [np.where(learnt, raw, np.nan) for raw, _ in found], found[0][1]
