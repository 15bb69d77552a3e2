"""A corpus → all that decides: a fit, its calibration, context and thresholds, all chosen on out-of-fold scores."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from tagger.context import Context, by_article, judge
from tagger.features import Rows
from tagger.linear import Calibration, assign, best_topics, probabilities
from tagger.settings import Settings
from tagger.thresholds import (
    Operating,
    OperatingPoint,
    choose_sparing,
    choose_threshold,
    measure_points,
    parse_purpose,
    thin,
)
from tagger.training.calibration import fit_calibration
from tagger.training.context import fit_context
from tagger.training.corpus import Corpus
from tagger.training.folds import split_documents
from tagger.training.solver import Fitted, fit, score

__all__ = ["Decider", "out_of_fold_scores", "train_decider"]


@dataclass(frozen=True)
class Decider:
    """What training gives: scores, probabilities and topics for counted texts.

    `settings` have nothing left open.
    """

    settings: Settings
    fitted: Fitted
    calibration: Calibration
    context: Context | None
    operating: tuple[Operating, ...]

    def decide(
        self, counts: Rows, *, groups: NDArray[np.int64], sizes: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Give the probability of every topic for counted texts, and which are assigned, both (texts, topics).

        `groups` (texts,) number the articles that the texts are paragraphs of, `sizes` (texts,) count their characters.
        """
        raw, empty = score(counts, sizes, self.fitted)
        order, lengths = by_article(groups)
        probability = np.empty_like(raw)
        probability[order] = judge(
            raw[order],
            self.calibration,
            empty=empty[order],
            lengths=lengths,
            sizes=sizes[order],
            context=self.context,
        )
        assigned = assign(
            probability,
            np.array([operating.chosen.threshold for operating in self.operating]),
            exclusive=bool(self.settings.exclusive),
            always=bool(self.settings.always_assign),
            empty=empty,
        )
        return probability, assigned


def train_decider(corpus: Corpus, settings: Settings, *, jobs: int = 1) -> Decider:
    """Fit to the whole corpus; calibrate and choose thresholds on the scores of folds that were left out."""
    targets = corpus.targets[: corpus.examples]
    held_out = out_of_fold_scores(corpus, settings, jobs=jobs)
    calibration = fit_calibration(
        held_out, targets, exclusive=bool(settings.exclusive), prior=_prior(targets, settings)
    )
    probability = probabilities(held_out, calibration)
    context = None
    if settings.context:
        context, probability = fit_context(
            held_out,
            probability,
            targets,
            groups=corpus.groups,
            sizes=corpus.sizes[: corpus.examples],
            settings=settings,
        )
    return Decider(
        settings=settings,
        fitted=fit(corpus, settings),
        calibration=calibration,
        context=context,
        operating=_operate(probability, targets, settings),
    )


def out_of_fold_scores(corpus: Corpus, settings: Settings, *, jobs: int = 1) -> NDArray[np.float64]:
    """Score each example by a fit to the other folds' documents (and all keywords), shape (examples, topics).

    NaN where the other folds could not teach a topic, and everywhere where there is one document only. `jobs` is the
    number of processes.
    """
    held_out = np.full((corpus.examples, corpus.targets.shape[1]), np.nan)
    targets = corpus.targets[: corpus.examples]
    splits = list(split_documents(corpus.groups, targets, folds=settings.folds, seed=settings.seed))
    bare = corpus.without_spelling()
    scored = Parallel(n_jobs=jobs)(delayed(_score_fold)(bare, settings, rest, fold) for rest, fold in splits)
    for (_, fold), raw in zip(splits, scored, strict=True):
        held_out[fold] = raw
    return held_out


def _score_fold(
    corpus: Corpus, settings: Settings, rest: NDArray[np.int64], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    fitted = fit(corpus.part(rest), settings)
    raw, _ = score(corpus.unseen(fold, known=rest), corpus.sizes[fold], fitted)
    return np.where(fitted.known, raw, np.nan)


def _operate(probability: NDArray[np.float64], targets: NDArray[np.bool_], settings: Settings) -> tuple[Operating, ...]:
    """Measure what thresholds would give for each topic, and choose."""
    best = best_topics(np.nan_to_num(probability, nan=-1.0))
    purpose = parse_purpose(settings.threshold)
    measured = [
        measure_points(p, y, selectable=top if settings.exclusive else None)
        for p, y, top in zip(probability.T, targets.T, best.T, strict=True)
    ]
    sparing = choose_sparing(measured, probability[~targets.any(axis=1)], most=settings.most_wrongly_tagged)
    operating = []
    for p, y, top, abstaining, spared in zip(probability.T, targets.T, best.T, measured, sparing, strict=True):
        best_f1 = _always_assigning(p, y, top, settings) if settings.always_assign else spared
        chosen = best_f1 if purpose.measure == "f1" else choose_threshold(abstaining, purpose)
        operating.append(Operating(chosen, best_f1, thin(abstaining, keep=chosen)))
    return tuple(operating)


def _always_assigning(
    probability: NDArray[np.float64], target: NDArray[np.bool_], top: NDArray[np.bool_], settings: Settings
) -> OperatingPoint:
    """Choose the threshold of the best F1 where the best topic is assigned anyway."""
    selectable = np.zeros_like(top) if settings.exclusive else None
    points = measure_points(probability, target, selectable=selectable, forced=top)
    chosen = choose_threshold(points, parse_purpose("f1"))
    return replace(chosen, threshold=0.0) if settings.exclusive else chosen


def _prior(targets: NDArray[np.bool_], settings: Settings) -> NDArray[np.float64]:
    """Give each topic's share among the examples, one of each outcome added (Laplace)."""
    outcomes = targets.shape[1] if settings.exclusive else 2
    return np.asarray((targets.sum(axis=0) + 1) / (len(targets) + outcomes))
