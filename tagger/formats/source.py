"""The registry of forms: an open file → a source of records."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tagger.errors import DataError, Problem
from tagger.formats.arrow_tables import read_arrow, read_parquet
from tagger.formats.delimited import find_dialect, find_long_delimiter, name_columns, read_rows, records_of_rows
from tagger.formats.fasttext_lines import HEADER, read_fasttext
from tagger.formats.json_values import lines_encoding, read_json_lines, read_json_values
from tagger.formats.looking import find_form, head_text
from tagger.formats.opening import HEAD_BYTES, Stream, open_stream
from tagger.formats.options import FileOptions, Form
from tagger.formats.records import Record, Source
from tagger.formats.workbooks import read_sheet
from tagger.messages import N_, _, joined
from tagger.text.decoding import find_encoding, open_text

__all__ = ["NO_LIMIT", "encoding_of", "open_source", "read_source"]

NO_LIMIT = 2**31 - 1
# The field that holds the text of a line.
TEXT = "text"
_ABOUT: dict[Form, str] = {
    "csv": N_("table"),
    "json": N_("JSON"),
    "jsonl": N_("JSON lines"),
    "workbook": N_("workbook"),
    "parquet": N_("Parquet"),
    "arrow": N_("Arrow"),
    "fasttext": N_("lines of fastText"),
    "lines": N_("a text on each line"),
    "text": N_("text"),
}


@contextmanager
def open_source(
    name: str,
    options: FileOptions,
    *,
    wanted: Iterable[str | None] = (),
    articles: bool = False,
    data: bytes | None = None,
) -> Iterator[Source]:
    """Open a file, or standard input, whose name is `-`, as a source of records.

    `wanted` are the names of fields that somebody asked for, by which a header is recognised; `articles` is as in
    `find_form`; `data` is as in `open_stream`.

    Raises:
        DataError: when it cannot be read, or is nothing that holds records.
    """
    with open_stream(name, data) as stream:
        form = find_form(stream, options, articles=articles)
        yield read_source(stream, form, options, wanted=wanted)


def read_source(
    stream: Stream, form: Form, options: FileOptions, *, wanted: Iterable[str | None] = (), limit: int = NO_LIMIT
) -> Source:
    """Return the source of records that an open file of this form is; `limit` is the most characters of a cell.

    Raises:
        DataError: when it cannot be read, or is a text.
    """
    if form == "text":
        raise DataError(stream.name, Problem(_("is a text, not records: name its form (--form) if it is a table")))
    if form in ("parquet", "arrow"):
        header, records = (read_parquet if form == "parquet" else read_arrow)(stream)
        return Source(stream.name, form, _about(form, stream), "", records, header)
    if form == "workbook":
        return _read_workbook(stream, options, wanted)
    encoding = options.encoding or encoding_of(stream, form)
    source = Source(stream.name, form, _about(form, stream), encoding, iter(()))
    if form == "csv":
        return _read_table(stream, options, source, wanted, limit)
    text = _Guarded(stream, open_text(stream.file, encoding, options.errors, source=stream.name))
    if form in ("jsonl", "json"):
        return replace(source, records=read_json_lines(text) if form == "jsonl" else read_json_values(text, limit))
    if form == "lines":
        return replace(source, records=_read_lines(text), header=(TEXT,))
    return replace(source, records=read_fasttext(text), header=HEADER)


def encoding_of(stream: Stream, form: Form) -> str:
    """Return the encoding that an open file of text is in, by its beginning."""
    head = stream.peek()
    return lines_encoding(head) if form == "jsonl" else find_encoding(head, cut=True)


def _read_table(
    stream: Stream, options: FileOptions, source: Source, wanted: Iterable[str | None], limit: int
) -> Source:
    head = head_text(stream, options)
    cut = len(stream.peek()) >= HEAD_BYTES
    if options.delimiter is None and (sign := find_long_delimiter(head)) is not None:
        what = _("has {sign!r} between its cells: put one sign in its place, such as a tab", sign=sign)
        raise DataError(stream.name, Problem(what))
    dialect = find_dialect(head, options.delimiter, cut=cut)
    sample = [row for _, row in read_rows(io.StringIO(head, newline=""), dialect, NO_LIMIT) if isinstance(row, list)]
    sample = [row for row in sample if any(cell.strip() for cell in row)]
    header, place = name_columns(sample, filter(None, wanted))
    again = (
        []
        if place is None
        else [name for name in header if name not in [cell.strip().strip('"') for cell in sample[place]]]
    )
    text = _Guarded(stream, open_text(stream.file, source.encoding, options.errors, source=stream.name))
    rows = read_rows(text, dialect, limit)
    return replace(
        source,
        about=_about("csv", stream, dialect.describe()),
        records=records_of_rows(rows, header, above=0 if place is None else place + 1),
        header=header,
        has_header=place is not None,
        notes=(_("columns without a name of their own are called {names}", names=joined(again)),) if again else (),
    )


def _read_workbook(stream: Stream, options: FileOptions, wanted: Iterable[str | None]) -> Source:
    sheet, rows, notes = read_sheet(stream, options.sheet, fill_merged=options.fill_merged)
    full = [row for row in rows if any(cell.strip() for cell in row)]
    header, place = name_columns(full, filter(None, wanted))
    records = records_of_rows(enumerate(rows, start=1), header, above=0 if place is None else place + 1)
    about = _("workbook, sheet {sheet}", sheet=sheet)
    return Source(stream.name, "workbook", about, "", records, header, place is not None, notes, sheet)


def _read_lines(text: _Guarded) -> Iterator[Record]:
    """Read each line that is not blank as the text of a record."""
    for number, line in enumerate(text, start=1):
        if line.strip():
            yield Record(number, {TEXT: line.strip("\r\n")})


def _about(form: Form, stream: Stream, *details: str) -> str:
    about = _(_ABOUT[form])
    for detail in filter(None, [*details, stream.compression]):
        about = _("{form}, {detail}", form=about, detail=detail)
    return about


class _Guarded:
    """Open text whose damage is an error that names the file."""

    def __init__(self, stream: Stream, text: Any) -> None:
        self._stream = stream
        self._text = text
        stream.kept.append(text)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line: str = next(self._text)
        except self._stream.damage as error:
            raise self._stream.unreadable(error) from error
        return line

    def read(self, size: int) -> str:
        """Return the next characters."""
        try:
            text: str = self._text.read(size)
        except self._stream.damage as error:
            raise self._stream.unreadable(error) from error
        return text
