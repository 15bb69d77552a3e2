"""A corpus → a classifier: a linear model, and calibration, context and thresholds chosen on out-of-fold scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tagger.scoring.articles import measure_chance
from tagger.scoring.classifier import Classifier
from tagger.scoring.linear import LinearModel, best_topics, squash
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
from tagger.training.held_out import HeldOut, out_of_fold_scores
from tagger.training.linear_fit import fit_linear
from tagger.training.mixing import Mixture, fit_mixture
from tagger.training.svm import class_weights

__all__ = ["decide", "fit_classifier"]


def fit_classifier(corpus: Corpus, settings: Settings, *, held_out: HeldOut | None = None, jobs: int = 1) -> Classifier:
    """Fit to the whole corpus; calibrate and choose thresholds on the scores of folds that were left out.

    `settings` must have nothing left open, but for `count_ratios`. `held_out` are the scores where they are known.
    """
    held_out = held_out or out_of_fold_scores(corpus, settings, jobs=jobs)
    mixture, decided = decide(corpus, settings, held_out, np.arange(corpus.examples))
    linear, _ = fit_linear(corpus, replace(settings, count_ratios=held_out.count_ratios))
    return replace(decided, linear=linear if mixture is None else mixture.of_model(linear))


def decide(
    corpus: Corpus, settings: Settings, held_out: HeldOut, rows: NDArray[np.int64]
) -> tuple[Mixture | None, Classifier]:
    """Return what is to be made of scores, by the out-of-fold scores of these examples alone.

    That is a mixture of scores, None where there is none, and a classifier without features, which knows what mixed
    scores mean: calibration, context and thresholds.
    """
    targets, known = corpus.targets[rows], held_out.known[rows]
    groups, character_counts = corpus.groups[rows], corpus.character_counts[rows]
    exclusive = bool(settings.exclusive)
    scores = held_out.scores[rows]
    mixture = None
    if exclusive:
        mild = settings if settings.class_weight == "none" else replace(settings, class_weight="auto")
        mixture = fit_mixture(scores, targets, class_weights(targets, np.ones(len(rows)), mild)[:, 0])
        scores = scores if mixture is None else mixture.of_scores(scores)
    calibration = fit_calibration(scores, targets, known=known, exclusive=exclusive, prior=_prior(targets, settings))
    alone = calibration.log_odds(scores, known)
    text_thresholds = _choose_thresholds(squash(alone, exclusive=exclusive), targets, settings)
    limit = settings.max_false_paragraph_rate
    of_paragraphs = settings if limit is None else replace(settings, max_false_tag_rate=limit)
    context, paragraph_thresholds = None, text_thresholds
    probability = squash(alone, exclusive=exclusive)
    if settings.context:
        context, probability, among = fit_context(
            alone,
            targets,
            groups=groups,
            character_counts=character_counts,
            # Equal texts that do not say where they are from are no paragraphs of one article.
            furniture=(corpus.furniture[rows] & ~targets.any(axis=1)) | ~corpus.named[rows],
            settings=settings,
        )
        if context is not None:
            paragraph_thresholds = _choose_thresholds(probability[among], targets[among], of_paragraphs)
    may_lack = not (exclusive or settings.always_assign)
    topics = targets.shape[1]
    nothing = np.zeros((0, topics))
    return mixture, Classifier(
        linear=LinearModel(np.zeros(0), nothing, np.zeros(topics), nothing),
        calibration=calibration,
        context=context,
        text_thresholds=text_thresholds,
        paragraph_thresholds=paragraph_thresholds,
        chance=measure_chance(probability, targets, groups) if may_lack else None,
        exclusive=exclusive,
        always_assign=bool(settings.always_assign),
    )


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
