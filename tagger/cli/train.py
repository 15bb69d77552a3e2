"""tagger train: labels → a model folder."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tagger.cli.group import (
    as_json_option,
    explain_terms_option,
    jobs_option,
    labels_options,
    seconds,
    settings_options,
)
from tagger.cli.language import page_language
from tagger.cli.printing import echo, print_json
from tagger.cli.progress import progress_bar
from tagger.cli.quality_page import QualityPage
from tagger.cli.reading import describe_mode, print_reading
from tagger.cli.sections import Command
from tagger.errors import ModelError
from tagger.messages import _, _n
from tagger.model import check_target
from tagger.scoring.thresholds import NEVER
from tagger.settings import Settings
from tagger.tagger import Tagger

__all__ = ["train"]


def _save(tagger: Tagger, output: str) -> None:
    """Save a tagger; where its folder has become unusable in the meantime, in one that can be used."""
    try:
        tagger.save(output)
    except ModelError as error:
        spare = tempfile.mkdtemp(prefix="tagger-")
        tagger.save(spare)
        text = _("{problem}; the trained model is kept in {folder}: move it", problem=error.reason, folder=spare)
        raise ModelError(error.path, text) from error


def _silent(tagger: Tagger) -> list[str]:
    """Return the titles of topics that are never assigned, as their objective cannot be reached."""
    if tagger.settings.always_assign:
        return []
    return [tagger.titles[name] for name, threshold in tagger.thresholds.items() if threshold >= NEVER]


def _tell(what: str) -> None:
    echo(what, err=True)


@click.command(cls=Command, epilog="Example: tagger train labels.csv -o models/mine")
@click.argument("labels", nargs=-1)
@click.option("-o", "--output", required=True, metavar="DIR", help="Model folder to write; a model in it is replaced.")
@click.option(
    "--unlabelled", metavar="FILE", help="Similar texts without labels, in any form; they help where labels are few."
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
@click.option(
    "--html",
    "html_file",
    metavar="FILE",
    help="Write the page about the quality here, an .html file.  [default: DIR.evaluation.html, beside DIR]",
)
@click.option("--no-html", is_flag=True, help="Write no page about the quality.")
@page_language("page")
@jobs_option
@explain_terms_option
@as_json_option
@labels_options
@settings_options
def train(
    labels: Sequence[str],
    output: str,
    *,
    unlabelled: str | None,
    tuned: bool,
    budget: float | None,
    evaluate: bool,
    html_file: str | None,
    no_html: bool,
    language: str,
    jobs: int,
    explain_terms: bool,
    as_json: bool,
    source: dict[str, Any],
    settings: Settings,
) -> None:
    """Train a tagger from LABELS and save it as a model folder.

    LABELS is a table (CSV, Excel, Parquet), JSON lines or an array, an export of doccano or Label Studio, lines of
    fastText, or a folder for each topic; what it is, and which columns are text and topics, is found and said. They may
    be several files. Without LABELS, the keywords of --topics are all that is known of them.

    A page about its quality is written beside the folder: models/mine.evaluation.html. It shows texts of LABELS.
    """
    from tagger.cli.reports import print_report, print_tuning  # noqa: PLC0415 - scikit-learn and rich take a second
    from tagger.dataset import read_dataset  # noqa: PLC0415 - likewise
    from tagger.evaluation import train_and_measure  # noqa: PLC0415 - likewise
    from tagger.training import resolve_settings, train_dataset, tune  # noqa: PLC0415 - likewise

    if budget is not None and not tuned:
        raise click.UsageError(_("--budget is the time for --tune: give both, or neither"))
    check_target(Path(output))  # now, not after minutes of training
    read = [name for name in (*labels, unlabelled, source["topics"]) if name is not None]
    page = QualityPage(html_file, left_out=no_html, output=output, evaluate=evaluate, read=read)
    if not labels and source["topics"] is None:
        raise click.UsageError(_("name LABELS, or --topics with keywords to start without any label"))
    with progress_bar(_("reading")):  # no share is known; half a million lines take half a minute
        dataset = read_dataset(labels, unlabelled=unlabelled or (), **source)
    print_reading(dataset)
    echo(describe_mode(dataset, resolve_settings(settings, dataset)), err=True)
    if unlabelled:
        said = _n(
            "{file}: {n} unlabelled text that is new",
            "{file}: {n} unlabelled texts that are new",
            len(dataset.unlabelled),
            file=unlabelled,
        )
        echo(said, err=True)
    tuning = None
    if tuned:
        with progress_bar(_("tuning")) as progress:
            found = tune(dataset, settings, budget=budget, jobs=jobs, progress=progress)
        settings, tuning = found.settings, found.to_dict()
        print_tuning(found)
    report = None
    with progress_bar(_("training")) as progress:
        if evaluate:
            tagger, report = train_and_measure(
                dataset, settings, tuning=tuning, jobs=jobs, progress=progress, told=_tell
            )
        else:
            tagger = train_dataset(dataset, settings, tuning=tuning, jobs=jobs, progress=progress, told=_tell)
    for warning in report.warnings if report is not None else ():
        echo(_("Warning: {warning}", warning=warning), err=True)
    for title in _silent(tagger):
        text = _("nothing will be tagged with {title!r}: no text reaches its threshold; choose another", title=title)
        echo(_("Warning: {warning}", warning=text), err=True)
    _save(tagger, output)
    page.write(report, dataset, language)
    if as_json:
        print_json({"model": output, "quality": tagger.model.quality, "thresholds": tagger.thresholds})
    elif report is not None:
        print_report(report, explain_terms=explain_terms)
    echo(_("{folder}: saved; try: tagger tag --model {folder} FILE", folder=output), err=True)
    page.say()
