"""tagger tag: texts, folders and JSON lines → articles with their topics."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import orjson

from tagger.batch import Fields, RunOptions, Stop, Stream, Summary, tag_files
from tagger.batch.inputs import OTHER_ENDINGS, STANDARD_INPUT, ending_of, find_inputs
from tagger.batch.journal import REJECTS
from tagger.batch.tables import TABLES
from tagger.cli.group import as_json_option, model_option, open_tagger, wants_page
from tagger.cli.progress import show_progress
from tagger.errors import DataError, Problem, RunError, SettingsError, TaggerError

__all__ = ["heed_signals", "tag"]

_DEFAULTS = RunOptions()
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command(epilog="Example: tagger tag articles.jsonl -o tagged.jsonl")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@model_option
@click.option("-o", "--output", metavar="FILE", help="Write JSON lines here; what cannot be tagged goes beside it.")
@click.option("--resume", is_flag=True, help="Go on where a run to the same output was broken off.")
@click.option("--jobs", type=int, default=-1, help="Processes that tag.  [default: one for each core]")
@click.option("--text-field", default="text", show_default=True, help="Field of JSON lines that holds the text.")
@click.option("--title-field", metavar="FIELD", help="Field with a title, tagged as a paragraph before the text.")
@click.option("--output-field", metavar="FIELD", help="Put all that a record gains into this one field.")
@click.option("--paragraphs", is_flag=True, help="Add each article's paragraphs, with their topics and places.")
@click.option("--explain", type=int, default=0, metavar="N", help="Add the N features that decided most.")
@click.option("--min-probability", type=float, default=0.0, metavar="P", help="Leave out topics less probable.")
@click.option("--topics-only", is_flag=True, help="Add nothing but the list of topics.")
@click.option("--overwrite", is_flag=True, help="Replace fields that a JSON line has already.")
@click.option("--strict", is_flag=True, help="Stop at the first line that cannot be tagged.")
@click.option("--encoding", help="Encoding of text files, where it is not UTF-8, UTF-16 or GB18030.")
@click.option("--max-line-bytes", type=int, default=_DEFAULTS.max_line_bytes, help="Reject longer lines and files.")
@click.option("--chunk-bytes", type=int, default=_DEFAULTS.chunk_bytes, help="What a process takes at once.")
@click.option(
    "--checkpoint-seconds", type=float, default=_DEFAULTS.checkpoint_seconds, help="Work that a crash may cost."
)
@click.option("--summary", "summary_file", metavar="FILE", help="Write the counts here as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress and no summary.")
@as_json_option
def tag(
    files: Sequence[str],
    folder: str | None,
    output: str | None,
    *,
    summary_file: str | None,
    quiet: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Tag articles: text files, folders of .txt files, patterns, or JSON lines; - or nothing is standard input.

    Files and output may end in .gz or .zst. On a terminal a page for each article says which topics it has and why;
    anywhere else comes one JSON line for each. Exit codes: 1 if a line could not be tagged, 128 and the signal's number
    if stopped.
    """
    if not files and sys.stdin.isatty():
        raise click.UsageError("name files to tag, or - to type a text and end it with Ctrl-D")
    fields, options = _read_options(**how)
    inputs = find_inputs(files or (STANDARD_INPUT,))
    if output is None and wants_page(as_json=as_json):
        from tagger.cli.pages import print_pages  # noqa: PLC0415 - rich takes a while; only terminals show it

        stream = Stream(sys.stdout.buffer, _tell_reject)
        sys.exit(1 if print_pages(inputs, open_tagger(folder), fields, options, stream) else 0)
    if output is not None:
        _check_output(output)
    if summary_file is not None and not Path(summary_file).parent.is_dir():  # now, not after hours of tagging
        raise DataError(summary_file, Problem("the summary cannot be written: there is no such folder; make it"))
    stop = Stop()
    # On one terminal, a bar would stand in the midst of the lines.
    silent = quiet or (sys.stdout.isatty() and output in (None, STANDARD_INPUT))
    with _opened(output) as target, heed_signals(stop) as received, show_progress(silent=silent) as progress:
        if options.resume and isinstance(target, Stream):
            raise click.UsageError("--resume goes on with a file: name it with -o")
        try:
            summary = tag_files(
                inputs, target, model=folder, fields=fields, options=options, progress=progress, stop=stop
            )
        except TaggerError as error:
            if isinstance(error, RunError) and isinstance(target, Stream):
                _forget_standard_output()
            raise click.ClickException("\n".join([str(error), *getattr(error, "__notes__", [])])) from error
    if summary_file is not None:
        _write_summary(summary_file, summary)
    _tell_summary(summary, target, quiet=quiet)
    if not summary.finished:
        _tell_stopped(summary, target)
        sys.exit(128 + received[0])
    sys.exit(1 if summary.counts.rejected else 0)


def _read_options(jobs: int, **how: Any) -> tuple[Fields, RunOptions]:
    named = {name: how.pop(f"{name}_field") for name in ("text", "title", "output")}
    gained = {name: how.pop(name) for name in ("paragraphs", "explain", "min_probability", "topics_only", "overwrite")}
    try:
        return Fields(**named, **gained), RunOptions(jobs=None if jobs == -1 else jobs, **how)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def _check_output(output: str) -> None:
    path = Path(output)
    if path.is_dir():
        raise DataError(output, Problem("is a folder: name a file to write"))
    ending = ending_of(output)
    if ending in OTHER_ENDINGS | {".txt"}:
        raise DataError(output, Problem("what is written is JSON lines or a table: name it .jsonl, .csv or .parquet"))
    if ending in TABLES and ending != path.suffix.lower():
        raise DataError(output, Problem(f"tables are not compressed: name it {ending}, or .jsonl{path.suffix}"))


@contextmanager
def heed_signals(stop: Stop) -> Iterator[list[int]]:
    """Ask for a stop when a signal comes, and list its number; a second one ends the run at once."""
    received: list[int] = []

    def heed(number: int, _frame: Any) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)
        stop.request()

    before = [signal.signal(number, heed) for number in _SIGNALS]
    try:
        yield received
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def _opened(output: str | None) -> Iterator[str | Stream]:
    """Give what the run writes to: a name, or what is open already where nothing can appear by rename."""
    if output is None or output == STANDARD_INPUT:
        yield Stream(sys.stdout.buffer, _tell_reject)
    elif Path(output).exists() and not Path(output).is_file():  # a pipe or a device
        device = Path(output).open("wb")  # noqa: SIM115 - closed below
        try:
            yield Stream(device, _tell_reject)
        finally:
            with suppress(OSError):  # what could not be written was told when it was flushed
                device.close()
    else:
        yield output


def _forget_standard_output() -> None:
    """Let what could not be written go nowhere, or Python tries again as it ends, and complains."""
    with suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def _tell_reject(what: str) -> None:
    click.echo(f"Error: {what}", err=True)


def _write_summary(path: str, summary: Summary) -> None:
    try:
        Path(path).write_bytes(orjson.dumps(summary.to_dict(), option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise DataError(
            path, Problem(f"the summary cannot be written: {error.strerror}; choose another folder")
        ) from error


def _tell_summary(summary: Summary, output: str | Stream, *, quiet: bool) -> None:
    counts = summary.counts
    if isinstance(output, str) and not quiet:
        rate = (counts.lines - summary.resumed) / summary.seconds
        blank = f", {counts.blank} blank" if counts.blank else ""
        took = f"in {summary.seconds:.1f} s, {rate:.0f} a second"
        so_far = "" if summary.finished else " so far"
        click.echo(f"{output}: {counts.tagged} of {counts.lines} lines tagged{so_far}{blank}; {took}", err=True)
        for topic, number in sorted(counts.topics.items(), key=lambda entry: -entry[1]):
            click.echo(f"{number:10}  {topic}", err=True)
    if counts.rejected:
        reasons = ", ".join(f"{reason} {number}" for reason, number in counts.reasons.items())
        where = f": {output}{REJECTS}" if isinstance(output, str) and summary.finished else ""
        click.echo(f"{counts.rejected} could not be tagged ({reasons}){where}", err=True)


def _tell_stopped(summary: Summary, output: str | Stream) -> None:
    done = f"stopped after {summary.counts.lines} lines"
    if isinstance(output, str):
        done += f", which are kept in {output}.partial; to go on, give the same command with --resume"
    click.echo(done, err=True)
