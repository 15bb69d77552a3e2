"""A dataset → a tagger and its report, from the same fits.

Calibration rests on scores of examples whose documents a fit did not see. Evaluation needs such scores too, and what is
made of them: for each fold mixture, calibration, context and thresholds are chosen on the scores of the other folds
(cross-fitting), so that nothing of a document decides on itself. What is left in common is that a score of another fold
comes of a fit that saw the document; by experiment the figures are those of `cross_validate`, which trains everything
again for every fold, at a fifth of the price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import Dataset
from tagger.evaluation.cross_validation import (
    blank,
    classify_fold,
    cross_validate,
    method_of,
    signature_of,
    warnings_of,
)
from tagger.evaluation.errors import find_errors
from tagger.evaluation.report import Report, measure
from tagger.settings import Settings
from tagger.tagger import Tagger
from tagger.training import (
    NOT_LEARNT,
    Corpus,
    HeldOut,
    decide,
    one_thread,
    part,
    resolve_settings,
    thousandths,
    train_measurably,
    with_useful_pool,
)

__all__ = ["cross_fit", "cross_fitted", "train_and_measure"]

# With fewer documents the whole chain is trained again for each fold: that takes no time, and where examples are few a
# threshold more or less is seen in the figures.
MANY = 1000
# The share of the work that training is, where evaluation trains again and where it does not.
_TRAINED_OF_FEW, _TRAINED = 0.2, 0.85


def train_and_measure(
    dataset: Dataset,
    settings: Settings,
    *,
    tuning: dict[str, Any] | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], object] | None = None,
    told: Callable[[str], object] | None = None,
) -> tuple[Tagger, Report | None]:
    """Train a tagger and measure it on documents that were left out; there is no report of fewer than two.

    `tuning` is for the model card. `jobs` is the number of processes. `progress` is called with how much is
    done, in thousandths of the work, and 1,000; `told` with a sentence about unlabelled texts, which must help to be
    learnt from.
    """
    course = thousandths(progress)
    dataset = with_useful_pool(dataset, resolve_settings(settings, dataset), jobs=jobs, told=told)
    few = len(dataset.examples) < MANY
    trained = _TRAINED_OF_FEW if few else _TRAINED
    tagger, corpus, held_out = train_measurably(
        dataset, settings, tuning=tuning, jobs=jobs, course=part(course, 0.0, trained)
    )
    documents = len(np.unique(corpus.groups))
    if documents < 2:
        return tagger, None
    rest = part(course, trained, 1.0)

    def tell(done: int, total: int) -> None:
        rest(done / total)

    if documents < MANY:
        report = cross_validate(dataset, settings, jobs=jobs, progress=tell)
    else:
        report = cross_fit(dataset, corpus, tagger.settings, held_out, progress=tell)
    return Tagger(replace(tagger.model, quality=report.quality())), report


def cross_fit(
    dataset: Dataset,
    corpus: Corpus,
    settings: Settings,
    held_out: HeldOut,
    *,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Measure what the scores of each fold give by what is chosen on the scores of the others."""
    predictions = blank(dataset, corpus, settings)
    folds = int(held_out.folds.max()) + 1
    for number, (fold, *found) in enumerate(cross_fitted(corpus, settings, held_out)):
        predictions.probability[fold], predictions.assigned[fold] = found
        if progress is not None:
            progress(number + 1, folds)
    documents = len(np.unique(corpus.groups))
    return measure(
        predictions,
        method=method_of(dataset, documents, folds),
        signature=signature_of(dataset, settings, folds),
        warnings=tuple(warnings_of(dataset, corpus, held_out.folds)),
        seed=settings.seed,
        # Without words: the scores are there, but not the fits that made them.
        errors=find_errors(dataset, predictions),
    )


def cross_fitted(
    corpus: Corpus, settings: Settings, held_out: HeldOut
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]]:
    """Yield each fold's examples, their probabilities and their assigned topics, both (examples, topics).

    What is made of the scores of a fold is chosen on the scores of the others.
    """
    scores = np.nan_to_num(held_out.scores, nan=NOT_LEARNT)
    for number in range(int(held_out.folds.max()) + 1):
        fold, rest = (np.flatnonzero((held_out.folds == number) == inside) for inside in (True, False))
        with one_thread():
            mixture, classifier = decide(corpus, settings, held_out, rest)
        raw = scores[fold] if mixture is None else mixture.of_scores(scores[fold])
        yield fold, *classify_fold(classifier, corpus, fold, raw, held_out.known[fold])
