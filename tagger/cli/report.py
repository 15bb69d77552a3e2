"""tagger report: articles → one page that shows what they are about, how sure that is, and what decided."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from tagger.batch import RunOptions, Stop
from tagger.cli.group import file_options, model_option, usage_of_settings
from tagger.cli.language import page_language
from tagger.cli.printing import echo
from tagger.cli.progress import show_progress
from tagger.cli.sections import RUNS, Command, option
from tagger.cli.summaries import rejected
from tagger.cli.tag import heed_signals
from tagger.messages import _, _n

__all__ = ["report"]

_DEFAULTS = RunOptions()


@click.command(cls=Command, epilog="Example: tagger report articles.jsonl -o report.html")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@model_option
@click.option(
    "-o", "--output", required=True, metavar="FILE", help="The page, an .html file; one that is there is replaced."
)
@page_language("page")
@click.option("--text-field", default="text", show_default=True, help="The field that holds the text.")
@click.option("--title-field", metavar="NAME", help="A field with a title, tagged as a paragraph before the text.")
@click.option("--date-field", metavar="NAME", help="The field that holds the date.  [default: one with a usual name]")
@click.option(
    "--megabytes",
    type=float,
    default=20.0,
    show_default=True,
    help="How much articles may take in the page; of more, the overview counts all, and the most doubtful are listed.",
)
@click.option("--jobs", type=int, default=-1, help="Processes that tag.  [default: one for each core]")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress and no summary.")
@file_options
@option("--strict", section=RUNS, is_flag=True, help="Stop at the first line that cannot be tagged.")
@option(
    "--max-line-bytes",
    section=RUNS,
    type=int,
    default=_DEFAULTS.max_line_bytes,
    show_default=True,
    help="Reject lines and text files of more bytes.",
)
def report(
    files: Sequence[str],
    folder: str | None,
    output: str,
    *,
    language: str,
    text_field: str,
    title_field: str | None,
    date_field: str | None,
    megabytes: float,
    jobs: int,
    quiet: bool,
    **how: Any,
) -> None:
    """Make one page about articles: topics, over time too, sureness, and each article with the words that decided.

    The page is one HTML file, which opens in any browser, without internet, and has filters and a search. Inputs are
    those of `tagger tag`. Exit codes: 1 if something could not be tagged, 128 plus the number of the signal if stopped.
    """
    from tagger.pages import ReportOptions, write_report  # noqa: PLC0415 - other commands need no pages

    with usage_of_settings():
        shown = ReportOptions(
            language=language,
            text_field=text_field,
            title_field=title_field,
            date_field=date_field,
            megabytes=megabytes,
        )
        options = RunOptions(jobs=None if jobs == -1 else jobs, **how)
    stop = Stop()
    with heed_signals(stop) as received, show_progress(silent=quiet) as progress:
        summary = write_report(
            files,
            output,
            model=folder,
            report=shown,
            options=options,
            progress=progress,
            told=None if quiet else lambda what: echo(what, err=True),
            on_reject=lambda what: echo(_("Error: {message}", message=what), err=True),
            stop=stop,
        )
    if not summary.finished:
        echo(_("stopped; no report is written"), err=True)
        sys.exit(128 + received[0])
    counts = summary.counts
    if not quiet:
        said = _n(
            "{file}: a page about {n} article; in {seconds:.1f} s",
            "{file}: a page about {n} articles; in {seconds:.1f} s",
            counts.tagged,
            file=output,
            seconds=summary.seconds,
        )
        echo(said, err=True)
    if counts.rejected:
        said = _("{rejected}: the page lists them", rejected=rejected(counts))
        echo(said, err=True)
    sys.exit(1 if counts.rejected else 0)
