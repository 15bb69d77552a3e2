"""tagger evaluate: labels → how good a tagger is on documents that it was not trained on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
from click.core import ParameterSource

from tagger.cli.group import (
    as_json_option,
    explain_terms_option,
    jobs_option,
    labels_options,
    settings_options,
)
from tagger.cli.language import page_language
from tagger.cli.printing import echo, print_json
from tagger.cli.progress import progress_bar
from tagger.cli.reading import describe_mode, print_reading
from tagger.cli.sections import Command
from tagger.messages import _, _n
from tagger.settings import Settings
from tagger.tagger import load

__all__ = ["evaluate"]

# Settings that are heeded where models are evaluated.
_FOR_MODELS = frozenset(["setting_seed", "setting_simplify"])


@click.command(cls=Command, epilog="Example: tagger evaluate labels.csv --curve")
@click.argument("labels", nargs=-1, required=True)
@click.option(
    "--model",
    "folders",
    metavar="DIR",
    multiple=True,
    help="Measure this model instead of training; given twice, compare both on the same labels.",
)
@click.option(
    "--errors", "errors_file", metavar="FILE", help="Write the examples that were wrong: .csv, .tsv, .xlsx or .jsonl."
)
@click.option("--html", "html_file", metavar="FILE", help="Write a page about it, an .html file.")
@page_language("page")
@click.option(
    "--curve",
    is_flag=True,
    help="Train on an eighth, a quarter and half of the documents too, and say whether more labels would help.",
)
@click.option(
    "--folds",
    "parts",
    type=click.IntRange(min=2),
    help="Number of folds.  [default: one for each document up to 20 documents, else 5]",
)
@jobs_option
@explain_terms_option
@as_json_option
@labels_options
@settings_options
def evaluate(
    labels: Sequence[str],
    *,
    folders: Sequence[str],
    parts: int | None,
    curve: bool,
    errors_file: str | None,
    html_file: str | None,
    language: str,
    jobs: int,
    explain_terms: bool,
    as_json: bool,
    source: dict[str, Any],
    settings: Settings,
) -> None:
    """Say how good a tagger of LABELS is, or a model on them, and which examples it gets wrong.

    Without --model everything is trained again for every fold of the documents, on the other documents only,
    calibration and thresholds included. LABELS may be several files.
    """
    from tagger.cli.comparing import compare_models  # noqa: PLC0415 - scikit-learn and rich take a second
    from tagger.cli.reports import print_report  # noqa: PLC0415 - likewise
    from tagger.dataset import read_dataset, read_held_out  # noqa: PLC0415 - likewise
    from tagger.evaluation import check_error_file, cross_validate, evaluate_tagger, write_errors  # noqa: PLC0415
    from tagger.training import resolve_settings  # noqa: PLC0415 - likewise

    _check_use(folders, curve=curve, parts=parts, files={"--errors": errors_file, "--html": html_file})
    if errors_file is not None:
        check_error_file(errors_file, labels)
    if html_file is not None:
        from tagger.pages import check_page  # noqa: PLC0415 - an extra

        check_page(html_file, labels)
    if len(folders) > 1:
        compare_models(
            labels,
            folders,
            options=source["options"],
            seed=settings.seed,
            simplify=settings.simplify,
            as_json=as_json,
        )
        return
    if folders:
        tagger = load(folders[0], simplify=settings.simplify)
        dataset = read_held_out(labels, topics=tagger.model.topics, options=source["options"])
        print_reading(dataset)
        report = evaluate_tagger(tagger, dataset, seed=settings.seed)
    else:
        dataset = read_dataset(labels, **source)
        print_reading(dataset)
        echo(describe_mode(dataset, resolve_settings(settings, dataset)), err=True)
        with progress_bar(_("training")) as progress:
            report = cross_validate(dataset, settings, folds=parts, curve=curve, jobs=jobs, progress=progress)
    for warning in report.warnings:
        echo(_("Warning: {warning}", warning=warning), err=True)
    if errors_file is not None:
        write_errors(errors_file, report.errors)
        said = _n(
            "{file}: {n} example that was wrong",
            "{file}: {n} examples that were wrong",
            len(report.errors),
            file=errors_file,
        )
        echo(said, err=True)
    if html_file is not None:
        from tagger.pages.evaluation import write_evaluation  # noqa: PLC0415 - an extra

        write_evaluation(report, html_file, language=language, texts=[example.text for example in dataset.examples])
        echo(_("{file}: a page about it", file=html_file), err=True)
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report, examples=True, errors_in=errors_file, explain_terms=explain_terms)


def _about_training() -> Iterator[str]:
    """Yield the options that were given of which a model that is trained has its own."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = str(parameter.name)
        of_training = name == "topics" or (name.startswith("setting_") and name not in _FOR_MODELS)
        if of_training and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            yield parameter.opts[-1]


def _check_use(folders: Sequence[str], *, curve: bool, parts: int | None, files: Mapping[str, str | None]) -> None:
    if len(folders) > 2:
        raise click.UsageError(_("--model is given more than twice: two models are compared at a time"))
    if folders and (curve or parts is not None):
        raise click.UsageError(_("--curve and --folds are about training: leave them out, or --model"))
    for option in _about_training() if folders else ():
        raise click.UsageError(_("{option} is about training: leave it out, or --model", option=option))
    for option, file in files.items():
        if len(folders) > 1 and file is not None:
            raise click.UsageError(_("{option} is about one model: give --model once", option=option))
