"""tagger tag: texts, folders and JSON lines → articles with their topics."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson

from tagger.batch import Rejected, article_fields, tag_lines
from tagger.cli.group import as_json_option, model_option, open_tagger, wants_page
from tagger.errors import DataError, Problem
from tagger.records import Article
from tagger.storage import umask
from tagger.tagger import Tagger
from tagger.text import decode

__all__ = ["tag"]

_JSON_LINES = frozenset([".jsonl", ".ndjson"])
_TABLES = frozenset([".csv", ".doc", ".docx", ".json", ".parquet", ".pdf", ".tsv", ".xls", ".xlsx"])
_PEEK = 4096
_REJECTS = ".rejects.jsonl"
_STANDARD_INPUT = "-"


@click.command(epilog="Example: tagger tag articles.jsonl -o tagged.jsonl")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@model_option
@click.option("-o", "--output", metavar="FILE", help="Write JSON lines here; what cannot be tagged goes beside it.")
@click.option("--paragraphs", is_flag=True, help="Add each article's paragraphs, with their topics and places.")
@click.option("--text-field", default="text", show_default=True, help="Field of JSON lines that holds the text.")
@click.option("--overwrite", is_flag=True, help="Replace fields that a JSON line has already.")
@click.option("--encoding", help="Encoding of text files, where it is not UTF-8, UTF-16 or GB18030.")
@as_json_option
def tag(files: Sequence[str], folder: str | None, output: str | None, *, as_json: bool, **how: Any) -> None:
    """Tag articles: text files, folders of .txt files, or JSON lines; - or nothing is standard input.

    On a terminal a page for each article says which topics it has and why; anywhere else comes one JSON line for each.
    """
    if not files and sys.stdin.isatty():
        raise click.UsageError("name files to tag, or - to type a text and end it with Ctrl-D")
    tagger = open_tagger(folder)
    options = _Options(**how)
    inputs = tuple(dict.fromkeys(_inputs(files or (_STANDARD_INPUT,))))
    if output is not None:
        _check_output(output, inputs)
    with _sink(output, page=output is None and wants_page(as_json=as_json), tagger=tagger) as sink:
        for name in inputs:
            with _opened(name) as file:
                if _holds_json_lines(name, file):
                    _tag_json_lines(name, file, tagger, options, sink)
                else:
                    _tag_text(name, file.read(), tagger, options, sink)
    if output not in (None, _STANDARD_INPUT):
        click.echo(f"{output}: {sink.tagged} tagged", err=True)
    if sink.failures:
        where = f": {output}{_REJECTS}" if sink.rejects is not None else ""
        click.echo(f"{sink.failures} could not be tagged{where}", err=True)
        sys.exit(1)


@dataclass(frozen=True)
class _Options:
    paragraphs: bool
    text_field: str
    overwrite: bool
    encoding: str | None


@dataclass
class _Sink:
    """Where tagged articles go, and what cannot be tagged."""

    out: BinaryIO
    rejects: BinaryIO | None
    page_of: Tagger | None
    tagged: int = 0
    failures: int = 0

    def article(self, name: str, article: Article, options: _Options) -> None:
        if self.page_of is None:
            # A name that is no UTF-8 has no place in JSON as it is.
            readable = os.fsencode(name).decode("utf-8", "replace")
            fields = {"file": readable, **article_fields(article, paragraphs=options.paragraphs)}
            self.line(orjson.dumps(fields) + b"\n")
        else:
            from tagger.cli.pages import print_article  # noqa: PLC0415 - rich takes a while; only terminals show it

            print_article(name, article, self.page_of)

    def line(self, line: bytes) -> None:
        self.tagged += 1
        self.out.write(line)

    def reject(self, name: str, line: int | None, reason: str, raw: bytes | None = None) -> None:
        self.failures += 1
        if self.rejects is None:
            click.echo(f"Error: {reason}" if line is None else f"Error: {name}:{line}: {reason}", err=True)
        else:
            text = None if raw is None else raw.decode("utf-8", "replace").rstrip("\r\n")
            readable = os.fsencode(name).decode("utf-8", "replace")
            fields = {"file": readable, "line": line, "reason": reason, "raw": text}
            self.rejects.write(orjson.dumps(fields) + b"\n")


@contextmanager
def _sink(output: str | None, *, page: bool, tagger: Tagger) -> Iterator[_Sink]:
    if output in (None, _STANDARD_INPUT):
        yield _Sink(sys.stdout.buffer, None, tagger if page else None)
        sys.stdout.buffer.flush()
        return
    if Path(output).exists() and not Path(output).is_file():  # a pipe or a device has no place to appear in
        with Path(output).open("wb") as device:
            yield _Sink(device, None, None)
        return
    with (
        _appearing(Path(output)) as out,
        _appearing(Path(f"{output}{_REJECTS}"), keep_empty=False) as rejects,
    ):
        yield _Sink(out, rejects, None)


def _check_output(output: str, inputs: Sequence[str]) -> None:
    path = Path(output)
    if path.is_dir():
        raise DataError(output, Problem("is a folder: name a file to write"))
    if path.suffix.lower() in _TABLES | {".txt"}:
        raise DataError(output, Problem("what is written is JSON lines: name it .jsonl"))
    if path.exists() and any(name != _STANDARD_INPUT and path.samefile(name) for name in inputs):
        raise DataError(output, Problem("is read and written at once: name another file to write"))


def _inputs(files: Sequence[str]) -> Iterator[str]:
    for name in files:
        if name != _STANDARD_INPUT and Path(name).is_dir():
            texts = sorted(path for path in Path(name).rglob("*") if path.suffix.lower() == ".txt" and path.is_file())
            if not texts:
                raise DataError(name, Problem("holds no .txt file; name files to tag"))
            yield from map(str, texts)
        elif Path(name).suffix.lower() in _TABLES:
            raise DataError(name, Problem("is neither text nor JSON lines: save it as .txt or .jsonl"))
        elif name == _STANDARD_INPUT or Path(name).exists():
            yield name
        else:
            raise DataError(name, Problem("there is no such file or folder; check the path"))


def _tag_text(name: str, data: bytes, tagger: Tagger, options: _Options, sink: _Sink) -> None:
    source = "standard input" if name == _STANDARD_INPUT else name
    try:
        text = decode(data, source=source, encoding=options.encoding)
    except DataError as error:
        sink.reject(name, None, str(error))
    else:
        sink.article(name, tagger.tag(text), options)


def _tag_json_lines(name: str, lines: Iterable[bytes], tagger: Tagger, options: _Options, sink: _Sink) -> None:
    for item in tag_lines(
        lines,
        tagger=tagger,
        text_field=options.text_field,
        paragraphs=options.paragraphs,
        overwrite=options.overwrite,
    ):
        if isinstance(item, Rejected):
            sink.reject(name, item.line, item.reason, item.raw)
        else:
            sink.line(item.to_json())


def _holds_json_lines(name: str, file: io.BufferedReader) -> bool:
    if name == _STANDARD_INPUT:
        return file.peek(_PEEK).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
    return Path(name).suffix.lower() in _JSON_LINES


@contextmanager
def _opened(name: str) -> Iterator[io.BufferedReader]:
    if name == _STANDARD_INPUT:
        yield io.BufferedReader(sys.stdin.buffer)  # type: ignore[arg-type]  # what is buffered may be buffered again
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; the error is about opening alone
    except OSError as error:  # pragma: no cover - root, who runs many a CI, may read everything
        raise DataError(name, Problem(f"cannot be read: {error.strerror}; check its permissions")) from error
    with file:
        yield file


@contextmanager
def _appearing(path: Path, *, keep_empty: bool = True) -> Iterator[BinaryIO]:
    """Open a file that appears under its name only when all is written; a link stays one."""
    path = path.resolve()
    try:
        descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise DataError(str(path), Problem(f"cannot be written: {error.strerror}; choose another folder")) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        if keep_empty or Path(draft).stat().st_size:
            Path(draft).chmod(0o666 & ~umask())
            Path(draft).replace(path)
        else:
            path.unlink(missing_ok=True)  # of an earlier run
    finally:
        Path(draft).unlink(missing_ok=True)
