"""tagger train: labels → a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tagger.cli.group import as_json_option, labels_options, print_json, seconds, settings_options
from tagger.cli.progress import progress_bar
from tagger.model import check_target
from tagger.settings import Settings

__all__ = ["train"]


def _mode(settings: Settings) -> str:
    if not settings.always_assign:
        return "a text may have no topic" + (", or one" if settings.exclusive else ", one or several")
    number = "exactly one topic" if settings.exclusive else "one topic or several"
    return f"every text gets {number}, as every example has: to allow none, add examples with an empty label"


@click.command(epilog="Example: tagger train labels.csv -o models/mine")
@click.argument("labels")
@click.option("-o", "--output", required=True, metavar="DIR", help="Model folder to write; a model in it is replaced.")
@labels_options
@settings_options
@click.option(
    "--unlabelled", metavar="FILE", help="JSON lines of similar texts without labels, which help where labels are few."
)
@click.option("--tune", "tuned", is_flag=True, help="Choose features, C and weights by cross-validation first.")
@click.option(
    "--budget",
    type=seconds,
    metavar="TIME",
    help="With --tune: start no trial after this time, such as 60s, 10m or 2h.",
)
@click.option(
    "--evaluate/--no-evaluate", default=True, help="Measure the quality by cross-validation, for the model card."
)
@click.option("--jobs", type=int, default=-1, show_default=True, help="Processes; -1 is one for each core.")
@as_json_option
def train(
    labels: str,
    output: str,
    *,
    unlabelled: str | None,
    tuned: bool,
    budget: float | None,
    evaluate: bool,
    jobs: int,
    as_json: bool,
    source: dict[str, Any],
    settings: Settings,
) -> None:
    """Train a tagger from LABELS and save it as a model folder.

    LABELS is CSV (columns text and topics, and document where paragraphs belong together) or JSON lines.
    """
    from tagger.cli.reports import print_report, print_tuning  # noqa: PLC0415 - scikit-learn and rich take a second
    from tagger.dataset import read_dataset  # noqa: PLC0415 - likewise
    from tagger.evaluation import train_and_measure  # noqa: PLC0415 - likewise
    from tagger.training import train_dataset, tune  # noqa: PLC0415 - likewise

    check_target(Path(output))  # now, not after minutes of training
    dataset = read_dataset(labels, unlabelled=unlabelled or (), **source)
    documents = len(set(dataset.document_numbers()))
    click.echo(f"{labels}: {len(dataset.examples)} examples of {documents} documents", err=True)
    if unlabelled:
        click.echo(f"{unlabelled}: {len(dataset.unlabelled)} unlabelled texts that are new", err=True)
    tuning = None
    if tuned:
        with progress_bar("tuning") as progress:
            found = tune(dataset, settings, budget=budget, jobs=jobs, progress=progress)
        settings, tuning = found.settings, found.to_dict()
        print_tuning(found)
    report = None
    if evaluate:
        with progress_bar("evaluating") as progress:
            tagger, report = train_and_measure(dataset, settings, tuning=tuning, jobs=jobs, progress=progress)
    else:
        tagger = train_dataset(dataset, settings, tuning=tuning, jobs=jobs)
    click.echo(_mode(tagger.settings), err=True)
    tagger.save(output)
    if as_json:
        print_json({"model": output, "quality": tagger.model.quality, "thresholds": tagger.thresholds})
    elif report is not None:
        print_report(report)
    click.echo(f"{output}: saved; try: tagger tag --model {output} FILE", err=True)
