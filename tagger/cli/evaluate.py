"""tagger evaluate: labels → how good a tagger is on documents that it was not trained on."""

from __future__ import annotations

from typing import Any

import click

from tagger.cli.group import as_json_option, labels_options, settings_options
from tagger.cli.printing import echo, print_json
from tagger.cli.progress import progress_bar
from tagger.cli.reading import describe_mode, print_reading
from tagger.settings import Settings
from tagger.tagger import load

__all__ = ["evaluate"]


@click.command(epilog="Example: tagger evaluate labels.csv --curve")
@click.argument("labels")
@labels_options
@settings_options
@click.option("--model", "folder", metavar="DIR", help="Measure this model instead of training.")
@click.option(
    "--folds",
    "parts",
    type=click.IntRange(min=2),
    help="Number of folds.  [default: one for each document up to 20 documents, else 5]",
)
@click.option(
    "--curve",
    is_flag=True,
    help="Train on an eighth, a quarter and half of the documents too, to see whether more labels would help.",
)
@click.option("--jobs", type=int, default=-1, show_default=True, help="Processes; -1 is one for each core.")
@as_json_option
def evaluate(
    labels: str,
    *,
    folder: str | None,
    parts: int | None,
    curve: bool,
    jobs: int,
    as_json: bool,
    source: dict[str, Any],
    settings: Settings,
) -> None:
    """Measure by cross-validation over the documents of LABELS, or measure a model on them.

    For every fold, everything is trained on the other documents only, calibration and thresholds included.
    """
    from tagger.cli.reports import print_report  # noqa: PLC0415 - scikit-learn and rich take a second
    from tagger.dataset import read_dataset, read_held_out  # noqa: PLC0415 - likewise
    from tagger.evaluation import cross_validate, evaluate_tagger  # noqa: PLC0415 - likewise
    from tagger.training import resolve_settings  # noqa: PLC0415 - likewise

    if folder is not None:
        tagger = load(folder, simplify=settings.simplify)
        dataset = read_held_out(labels, topics=tagger.model.topics, options=source["options"])
        print_reading(dataset)
        report = evaluate_tagger(tagger, dataset, seed=settings.seed)
    else:
        dataset = read_dataset(labels, **source)
        print_reading(dataset)
        click.echo(describe_mode(dataset, resolve_settings(settings, dataset)), err=True)
        with progress_bar("training") as progress:
            report = cross_validate(dataset, settings, folds=parts, curve=curve, jobs=jobs, progress=progress)
    for warning in report.warnings:
        echo(f"Warning: {warning}", err=True)
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report)
