"""Rows added at the end of a label file, in the file's own form; every byte before them stays as it was."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tagger.dataset.columns import Columns, choose_columns
from tagger.dataset.labels import read_labels
from tagger.dataset.options import LabelOptions
from tagger.dataset.sources import LabelSource, read_label_source
from tagger.dataset.spelling import Spelling, same_topics
from tagger.errors import DataError, Problem
from tagger.formats.delimited import find_dialect
from tagger.formats.looking import head_text
from tagger.formats.opening import HEAD_BYTES, open_stream
from tagger.formats.spans import RawLines
from tagger.messages import _
from tagger.records import Example

__all__ = ["append_rows"]

_HEADER = ("text", "topics", "document", "paragraph")
# What a row says that has none of the topics: an empty cell might be one that nobody has filled in.
_NONE = "无"


def append_rows(name: str | Path, data: bytes, examples: Sequence[Example], options: LabelOptions) -> bytes:
    """Return a label file with rows added: `data` is what it holds, nothing where it is new.

    A new file is CSV with a byte order mark, or JSON lines, by its name. Topics are written as the file spells them.

    Raises:
        DataError: when the file is of another form, or a row could not be read back from it as it is.
    """
    if not examples:
        return data
    name, options = str(name), replace(options, without_topic="keep", several=False)
    if not data.strip(b"\xef\xbb\xbf\r\n"):
        data = b"" if Path(name).suffix.lower() in {".jsonl", ".ndjson"} else _new_table()
        source, before = None, 0
    else:
        source = read_label_source(name, options, (options.text_field, options.topics_field), data=data)
        before = len(read_labels(name, options, data=data).examples)
    added = data + _rows(name, data, source, examples, options)
    found = [*read_labels(name, options, data=added).examples[before:]]
    for wanted, row in zip(examples, found + [None] * len(examples), strict=False):
        if row is None or row.text != wanted.text or not same_topics(row.topics, wanted.topics):
            message = _(
                "a row would not be read back as it is ({text!r}): save the file as UTF-8 CSV", text=wanted.text[:30]
            )
            raise DataError(name, Problem(message))
    return added


def _new_table() -> bytes:
    return (",".join(_HEADER) + "\r\n").encode("utf-8-sig")


def _rows(
    name: str, data: bytes, source: LabelSource | None, examples: Sequence[Example], options: LabelOptions
) -> bytes:
    """Return the bytes of new rows, with a line end before them where the file lacks one at its end."""
    if source is None:
        columns = Columns(*_HEADER)
        spelling = Spelling([])
        lines = RawLines(data, "utf-8", options.errors)
        form = "csv" if data else "jsonl"
    else:
        columns = choose_columns(source, options)
        spelling = Spelling(map(columns.topics_of, source.records), classes=source.classes, separator=options.separator)
        lines = RawLines(data, source.encoding, options.errors)
        form = str(source.form)
    if form not in ("csv", "jsonl") or columns.topics is None:
        message = _("rows are added to CSV and JSON lines only: tagger convert makes CSV of it")
        raise DataError(name, Problem(message))
    before = "".join(lines.texts(1))
    end = "\r\n" if "\r\n" in before else "\n"
    written = "" if not before or before.endswith(("\n", "\r")) else end
    if form == "jsonl":
        written += "".join(_json_row(columns, spelling, example) + end for example in examples)
    else:
        header = _HEADER if source is None else source.header
        with open_stream(name, data) as stream:
            cut = len(stream.peek()) >= HEAD_BYTES
            dialect = find_dialect(head_text(stream, options), options.delimiter, cut=cut)
        table = io.StringIO(newline="")
        writer = csv.writer(table, delimiter=dialect.delimiter, lineterminator=end)
        writer.writerows(_table_row(header, columns, spelling, example) for example in examples)
        written += table.getvalue()
    try:
        return written.encode(lines.codec)
    except UnicodeEncodeError as error:
        message = _(
            "{sign!r} cannot be written in {encoding}: save the file as UTF-8",
            sign=error.object[error.start],
            encoding=lines.codec,
        )
        raise DataError(name, Problem(message)) from error


def _json_row(columns: Columns, spelling: Spelling, example: Example) -> str:
    record: dict[str, Any] = {columns.text: example.text, str(columns.topics): spelling.write(None, example.topics)}
    if example.document is not None:
        record[columns.document or "document"] = example.document
    if example.paragraph is not None:
        record[columns.paragraph or "paragraph"] = example.paragraph
    return json.dumps(record, ensure_ascii=False)


def _table_row(header: Sequence[str], columns: Columns, spelling: Spelling, example: Example) -> list[Any]:
    cells = {
        columns.text: example.text,
        columns.topics: str(spelling.write("", example.topics)) or _NONE,
        columns.document: example.document,
        columns.paragraph: example.paragraph,
    }
    return [cells.get(name) for name in header]
