"""A corpus → a classifier: a linear model, and calibration, context and thresholds chosen on out-of-fold scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tagger.scoring.articles import measure_chance
from tagger.scoring.classifier import Classifier
from tagger.scoring.linear import best_topics, squash
from tagger.scoring.thresholds import (
    OperatingPoint,
    TopicThreshold,
    choose_threshold,
    choose_with_false_tag_limit,
    measure_points,
    thin,
)
from tagger.settings import Settings, parse_objective
from tagger.training.calibration import fit_calibration
from tagger.training.context import fit_context
from tagger.training.corpus import Corpus
from tagger.training.folds import split_documents
from tagger.training.linear_fit import fit_linear
from tagger.training.parallel import in_processes

__all__ = ["fit_classifier", "out_of_fold_scores"]


def fit_classifier(corpus: Corpus, settings: Settings, *, jobs: int = 1) -> Classifier:
    """Fit to the whole corpus; calibrate and choose thresholds on the scores of folds that were left out.

    `settings` must have nothing left open.
    """
    targets = corpus.targets[: corpus.examples]
    exclusive = bool(settings.exclusive)
    held_out, known = out_of_fold_scores(corpus, settings, jobs=jobs)
    calibration = fit_calibration(held_out, targets, known=known, exclusive=exclusive, prior=_prior(targets, settings))
    alone = calibration.log_odds(held_out, known)
    text_thresholds = _choose_thresholds(squash(alone, exclusive=exclusive), targets, settings)
    limit = settings.max_false_paragraph_rate
    of_paragraphs = settings if limit is None else replace(settings, max_false_tag_rate=limit)
    context, paragraph_thresholds = None, text_thresholds
    probability = squash(alone, exclusive=exclusive)
    if settings.context:
        context, probability, among = fit_context(
            alone,
            targets,
            groups=corpus.groups,
            character_counts=corpus.character_counts[: corpus.examples],
            furniture=corpus.furniture & ~targets.any(axis=1),
            settings=settings,
        )
        if context is not None:
            paragraph_thresholds = _choose_thresholds(probability[among], targets[among], of_paragraphs)
    may_lack = not (exclusive or settings.always_assign)
    linear, _ = fit_linear(corpus, settings)
    return Classifier(
        linear=linear,
        calibration=calibration,
        context=context,
        text_thresholds=text_thresholds,
        paragraph_thresholds=paragraph_thresholds,
        chance=measure_chance(probability, targets, corpus.groups) if may_lack else None,
        exclusive=exclusive,
        always_assign=bool(settings.always_assign),
    )


def out_of_fold_scores(
    corpus: Corpus, settings: Settings, *, jobs: int = 1
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Score each example by a fit to the other folds' documents (and all keywords).

    Returns scores (examples, topics), NaN where the other folds could not teach a topic, and everywhere where there is
    only one document; and how many features each example was scored by (examples,). `jobs` is the number of processes.
    """
    targets = corpus.targets[: corpus.examples]
    held_out, known = np.full(targets.shape, np.nan), np.zeros(len(targets), dtype=np.int64)
    splits = list(split_documents(corpus.groups, targets, folds=settings.folds, seed=settings.seed))
    bare = corpus.without_feature_names()
    scored = in_processes(_score_fold, [(bare, settings, rest, fold) for rest, fold in splits], jobs=jobs)
    for (_, fold), found in zip(splits, scored, strict=True):
        held_out[fold], known[fold] = found
    return held_out, known


def _score_fold(
    corpus: Corpus, settings: Settings, rest: NDArray[np.int64], fold: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    linear, learnt = fit_linear(corpus.part(rest), settings)
    raw, known = linear.scores(corpus.unseen(fold, known=rest), corpus.character_counts[fold])
    return np.where(learnt, raw, np.nan), known


def _choose_thresholds(
    probability: NDArray[np.float64], targets: NDArray[np.bool_], settings: Settings
) -> tuple[TopicThreshold, ...]:
    """Measure what thresholds would give for each topic, and choose."""
    best = best_topics(np.nan_to_num(probability, nan=-1.0))
    objective = parse_objective(settings.threshold)
    measured = [
        measure_points(p, y, selectable=top if settings.exclusive else None)
        for p, y, top in zip(probability.T, targets.T, best.T, strict=True)
    ]
    without_topic = probability[~targets.any(axis=1)]
    limited = choose_with_false_tag_limit(measured, without_topic, most=settings.max_false_tag_rate)
    thresholds = []
    for p, y, top, points, within_limit in zip(probability.T, targets.T, best.T, measured, limited, strict=True):
        best_f1 = _always_assigning(p, y, top, settings) if settings.always_assign else within_limit
        chosen = best_f1 if objective.measure == "f1" else choose_threshold(points, objective)
        thresholds.append(TopicThreshold(chosen, best_f1, thin(points, keep=chosen)))
    return tuple(thresholds)


def _always_assigning(
    probability: NDArray[np.float64], target: NDArray[np.bool_], top: NDArray[np.bool_], settings: Settings
) -> OperatingPoint:
    """Choose the threshold of the best F1 where the best topic is assigned anyway."""
    selectable = np.zeros_like(top) if settings.exclusive else None
    points = measure_points(probability, target, selectable=selectable, forced=top)
    chosen = choose_threshold(points, parse_objective("f1"))
    return replace(chosen, threshold=0.0) if settings.exclusive else chosen


def _prior(targets: NDArray[np.bool_], settings: Settings) -> NDArray[np.float64]:
    """Return each topic's share among the examples, one of each outcome added (Laplace)."""
    outcomes = targets.shape[1] if settings.exclusive else 2
    return np.asarray((targets.sum(axis=0) + 1) / (len(targets) + outcomes))
