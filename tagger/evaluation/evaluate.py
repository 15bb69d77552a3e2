"""Labels of any form → a report: by cross-validation, or of a tagger that was trained on others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tagger.dataset import LabelOptions, read_dataset, read_held_out
from tagger.errors import SettingsError
from tagger.evaluation.cross_validation import cross_validate
from tagger.evaluation.held_out import evaluate_tagger
from tagger.evaluation.report import Report
from tagger.messages import _
from tagger.records import Topic
from tagger.settings import Settings
from tagger.tagger import Tagger

__all__ = ["evaluate"]


def evaluate(  # noqa: PLR0913 - what labels, settings and folds may be, each by its name
    labels: Any,
    *,
    model: Tagger | None = None,
    topics: str | Path | Sequence[Topic] | None = None,
    settings: Settings | None = None,
    options: LabelOptions | None = None,
    folds: int | None = None,
    curve: bool = False,
    jobs: int = 1,
) -> Report:
    """Measure how good a tagger is on documents that it was not trained on.

    Args:
        labels: as `tagger.train` takes them.
        model: a tagger to measure on them; None trains one for each fold, on the documents of the others.
        topics: as `tagger.train` takes them; not with a model, which has its own.
        settings: how to train, and the seed.
        options: how labels are read, where looking into them is not to decide.
        folds: how many; None leaves out one document at a time where there are few, and a fifth where there are many.
        curve: train on parts of the documents too, to see whether more labels would help.
        jobs: the number of processes, -1 one for each core.

    `report.verdict` says what to make of it, `report.errors` are the examples that were wrong, the worst first.

    Raises:
        DataError: naming every line that is wrong; or when there are fewer than two documents.
        SettingsError: when topics, folds or a curve are given beside a model.
    """
    settings = settings or Settings()
    if model is None:
        dataset = read_dataset(labels, topics=topics, options=options)
        return cross_validate(dataset, settings, folds=folds, curve=curve, jobs=jobs)
    if topics is not None or folds is not None or curve:
        raise SettingsError(_("a model is measured as it is: leave out topics, folds and curve, or the model"))
    return evaluate_tagger(model, read_held_out(labels, topics=model.model.topics, options=options), seed=settings.seed)
