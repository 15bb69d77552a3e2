"""tagger tag: texts, folders, tables and JSON lines → articles with their topics."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson

from tagger.batch import (
    ALL,
    REJECTS,
    STANDARD_INPUT,
    STOP_SIGNALS,
    Fields,
    RunOptions,
    Sink,
    Stop,
    Stream,
    Summary,
    tag_files,
)
from tagger.cli.group import (
    as_json_option,
    field_options,
    file_options,
    model_option,
    usage_of_settings,
    wants_page,
)
from tagger.cli.printing import JsonTerminal, echo, printable
from tagger.cli.progress import show_progress
from tagger.cli.sections import RUNS, Command, option
from tagger.cli.streams import forget_standard_output
from tagger.cli.summaries import report_summary
from tagger.cli.words import are_words, give_words
from tagger.errors import DataError, Problem, RunError, SettingsError, TaggerError, reason
from tagger.formats.fitting import check_kinds
from tagger.messages import N_, _

__all__ = ["heed_signals", "tag"]

_DEFAULTS = RunOptions()
# What heads the page of words that were given in place of a file.
_WORDS = N_("these words")
_OUTPUT = (
    "Output file: .jsonl, .csv, .xlsx or .parquet; .jsonl may be followed by .gz or .zst. What cannot be tagged goes "
    f"to FILE{REJECTS}."
)


def _threshold(value: str) -> tuple[str, float]:
    """Read a threshold: P for all topics, or TOPIC=P for one, by name or title.

    >>> _threshold("0.5"), _threshold("反诈=0.9")
    (('', 0.5), ('反诈', 0.9))
    """
    topic, number = value.rpartition("=")[::2]
    try:
        return topic.strip() or ALL, float(number)
    except ValueError:
        text = _("{value!r} is no threshold: write 0.5, or TOPIC=0.5 for one topic", value=value)
        raise click.BadParameter(text) from None


@click.command(cls=Command, epilog="Example: tagger tag articles.jsonl -o tagged.jsonl")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@model_option
@click.option("-o", "--output", metavar="FILE", help=_OUTPUT)
@click.option("--lines", "as_lines", is_flag=True, help="Take each line of FILE, or of standard input, as a text.")
@click.option(
    "--threshold",
    "thresholds",
    metavar="[TOPIC=]P",
    multiple=True,
    type=_threshold,
    help="Assign topics, or this one, from probability P on, instead of the model's threshold; may be repeated.",
)
@click.option("--top", type=click.IntRange(min=1), metavar="K", help="Give the K most probable of the topics at most.")
@click.option("--resume", is_flag=True, help="Go on where a run to the same output was broken off.")
@click.option("--jobs", type=int, default=-1, help="Processes that tag.  [default: one for each core]")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress and no summary.")
@as_json_option
@field_options("field")
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
@option(
    "--chunk-bytes",
    section=RUNS,
    type=int,
    default=_DEFAULTS.chunk_bytes,
    show_default=True,
    help="Bytes of input sent to a worker at a time.",
)
@option(
    "--checkpoint-seconds",
    section=RUNS,
    type=float,
    default=_DEFAULTS.checkpoint_seconds,
    show_default=True,
    help="Seconds between checkpoints: the most work a crash can lose.",
)
@option("--summary", "summary_file", section=RUNS, metavar="FILE", help="Write counts and rates to this file, as JSON.")
def tag(
    files: Sequence[str],
    folder: str | None,
    output: str | None,
    *,
    summary_file: str | None,
    quiet: bool,
    as_json: bool,
    as_lines: bool,
    **how: Any,
) -> None:
    """Tag articles: texts, JSON lines, tables (CSV, Excel, Parquet), folders, patterns; - or nothing is standard input.

    What a file is, is found by looking into it; it may be compressed. Words in place of files are tagged themselves.
    On a terminal a page for each article shows its topics and why it has them; anywhere else, and with --json, there is
    one JSON line for each. Exit codes: 1 if a line could not be tagged, 128 plus the number of the signal if stopped.
    """
    if not files and sys.stdin.isatty():
        raise click.UsageError(_("name files to tag, or - to type a text and end it with Ctrl-D"))
    if as_lines:
        if how["form"] not in (None, "lines"):
            raise click.UsageError(_("--lines and --form say different things: give one of them"))
        how["form"] = "lines"
    words = are_words(files)
    if words and as_lines:  # each of them is a text anyway
        how["form"] = None
    fields, options = _read_options(**how, also_written=(summary_file,) if summary_file is not None else ())
    _check_summary(summary_file)
    if words:
        check_kinds(files[0], "words", options, of_records=[] if fields.title is None else ["--title-field"])
        options = replace(options, form="jsonl")
        give_words(files, fields.text)
        if not quiet:
            echo(_("no file has this name, so the words themselves are tagged"), err=True)
        files = (STANDARD_INPUT,)
    page = output is None and wants_page(as_json=as_json)
    if page:
        from tagger.cli.pages import for_pages  # noqa: PLC0415 - rich takes a while; only terminals show it

        fields, options = for_pages(fields, options)
    file = output if output is not None and _appears(output) else None
    stop = Stop()
    # On one terminal, a bar would come in the middle of the records.
    silent = quiet or (sys.stdout.isatty() and output in (None, STANDARD_INPUT))
    with (
        _opened(output, fields if page else None, model=folder, heading=_(_WORDS) if words else None) as target,
        heed_signals(stop) as received,
        show_progress(silent=silent) as progress,
        _reported(writing_on=file is None),
    ):
        sources = files or (STANDARD_INPUT,)
        summary = tag_files(
            sources,
            target,
            model=folder,
            fields=fields,
            options=options,
            progress=progress,
            told=None if silent else _tell,
            stop=stop,
        )
    if summary_file is not None:
        _write_summary(summary_file, summary)
    report_summary(summary, file, quiet=quiet)
    sys.exit(_exit_code(summary, received))


def _exit_code(summary: Summary, received: Sequence[int]) -> int:
    if not summary.finished:
        return 128 + received[0]
    return 1 if summary.counts.rejected else 0


def _read_options(jobs: int, **how: Any) -> tuple[Fields, RunOptions]:
    named = {name: how.pop(f"{name}_field") for name in ("text", "title", "output")}
    gained = {
        name: how.pop(name)
        for name in ("paragraphs", "explain", "min_probability", "top", "topics_only", "overwrite", "simplify")
    }
    with usage_of_settings():
        return Fields(**named, **gained), RunOptions(jobs=None if jobs == -1 else jobs, **how)


def _check_summary(path: str | None) -> None:
    """Find out now, not after hours of tagging, that the summary cannot be written."""
    if path is not None and not Path(path).parent.is_dir():
        raise DataError(path, Problem(_("the summary cannot be written: there is no such folder; make it")))


@contextmanager
def heed_signals(stop: Stop) -> Iterator[list[int]]:
    """Request a stop when a signal comes, and list its number; a second one ends the run at once."""
    received: list[int] = []

    def heed(number: int, _frame: Any) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)
        stop.request()

    before = [signal.signal(number, heed) for number in STOP_SIGNALS]
    try:
        yield received
    finally:
        for number, handler in zip(STOP_SIGNALS, before, strict=True):
            signal.signal(number, handler)


def _appears(output: str) -> bool:
    """Whether an output can appear by rename: standard output, pipes and devices cannot."""
    path = Path(output)
    return output != STANDARD_INPUT and (path.is_file() or path.is_dir() or not path.exists())


@contextmanager
def _opened(output: str | None, page: Fields | None, *, model: str | None, heading: str | None) -> Iterator[str | Sink]:
    """Yield what the run writes to: pages of these fields, a name, or what is open already."""
    if page is not None:
        from tagger.cli.pages import PageSink  # noqa: PLC0415 - rich takes a while; only terminals show it

        yield PageSink(page, _report_reject, model=model, heading=heading)
    elif output is None or output == STANDARD_INPUT:
        buffer = sys.stdout.buffer
        yield Stream(JsonTerminal(buffer) if sys.stdout.isatty() else buffer, _report_reject)
    elif _appears(output):
        yield output
    else:
        device = Path(output).open("wb")  # noqa: SIM115 - closed below
        try:
            yield Stream(device, _report_reject)
        finally:
            with suppress(OSError):  # what could not be written was reported when it was flushed
                device.close()


@contextmanager
def _reported(*, writing_on: bool) -> Iterator[None]:
    """Report the errors of a run with their notes; `writing_on` says whether standard output may hold more to write."""
    try:
        yield
    except SettingsError as error:
        raise click.UsageError(printable(str(error))) from error
    except TaggerError as error:
        if isinstance(error, RunError) and writing_on:
            forget_standard_output()
        raise click.ClickException(printable("\n".join([str(error), *getattr(error, "__notes__", [])]))) from error


def _tell(what: str) -> None:
    echo(what, err=True)


def _report_reject(what: str) -> None:
    echo(_("Error: {message}", message=what), err=True)


def _write_summary(path: str, summary: Summary) -> None:
    try:
        Path(path).write_bytes(orjson.dumps(summary.to_dict(), option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        text = _("the summary cannot be written: {reason}; choose another folder", reason=reason(error))
        raise DataError(path, Problem(text)) from error
