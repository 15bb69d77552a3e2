"""Records as JSON lines, and JSON lines as tables: CSV by the standard library, Parquet and Excel by extras.

A run only works on JSON lines: a table is read as lines, one for each row, and the tagged lines become a table when the
run is done.
"""

from __future__ import annotations

import base64
import csv
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from tagger.batch.lines import HEAD, number_line, write_broken
from tagger.errors import RunError
from tagger.formats import Broken, Record
from tagger.formats.sheets import MOST_CHARACTERS, MOST_COLUMNS, length_in_cell, stream_workbook
from tagger.messages import Message, _, english

__all__ = ["TABLES", "WORKBOOK", "FullSheetError", "RecordLines", "find_long_cell", "write_table"]

WORKBOOK = ".xlsx"
TABLES = frozenset([".csv", ".parquet", WORKBOOK])
_LONG_NUMBER = re.compile(rb"\d{19}")
# The largest whole number up to which floating point tells all of them apart.
_EXACT = 1 << 53
_ROWS = 4096  # of Parquet in memory at once


class FullSheetError(RunError):
    """Raised when a workbook cannot hold what there is: going on would not help, and what was done is kept."""

    def __init__(self, why: str, kept: Path) -> None:
        super().__init__(
            _(
                "{why}: give the same command with -o NAME.csv or NAME.jsonl; what was done is kept as JSON lines in "
                "{file}",
                why=why,
                file=kept,
            )
        )


class RecordLines:
    """Reads records as numbered JSON lines: as many whole ones as reach the size asked for.

    `first` are records that were read already, and `text` is the field whose bytes are taken for text. What is no
    record becomes a line that will be rejected.
    """

    def __init__(self, first: Iterable[Record | Broken], rest: Iterator[Record | Broken], text: str) -> None:
        self._records = chain(first, rest)
        self._text = text
        self._broken: dict[int, str] = {}

    def broken(self) -> dict[int, str]:
        """Return why what was read since the last time holds no records, by the numbers of the lines."""
        found, self._broken = self._broken, {}
        return found

    def read(self, size: int) -> bytes:
        """Return the next lines, or nothing at the end."""
        found = []
        length = 0
        for record in self._records:
            line = number_line(record.line, self._line(record))
            found.append(line)
            length += len(line)
            if length >= size:
                break
        return b"".join(found)

    def _line(self, record: Record | Broken) -> bytes:
        if isinstance(record, Broken):
            return self._reject(record.line, record.reason, record.raw)
        if record.raw is not None:
            return record.raw.encode("utf-8")
        fields = record.fields
        text = fields.get(self._text)
        try:
            if isinstance(text, bytes):
                fields = {**fields, self._text: text.decode("utf-8")}
            return orjson.dumps(fields, default=_plain)
        except UnicodeDecodeError:
            wrong = _("field {field!r} holds bytes that are not UTF-8", field=self._text)
            return self._reject(record.line, wrong, repr(text)[:HEAD])
        except (TypeError, orjson.JSONEncodeError) as error:
            wrong = _("cannot be a record: {error}", error=str(error))
            return self._reject(record.line, wrong, repr(fields)[:HEAD])

    def _reject(self, line: int, reason: str, raw: str) -> bytes:
        """Return the line that stands for what is no record: the same one in every language."""
        self._broken[line] = reason
        return write_broken(english(reason), raw)


def write_table(lines: Path, table: Path, ending: str) -> None:
    """Write JSON lines as a table with a column for every field that occurs, in order of first occurrence.

    Raises:
        FullSheetError: when a workbook has too many columns.
        RunError: when the package for it is not installed.
    """
    {".csv": _write_csv, ".parquet": _write_parquet, WORKBOOK: _write_workbook}[ending](lines, table)


def find_long_cell(line: bytes) -> Message | None:
    """Return why a workbook cannot hold a record, a JSON line, or None where it can."""
    if len(line) <= MOST_CHARACTERS:
        return None
    for name, cell in _cells(orjson.loads(line)).items():
        if (length := length_in_cell(cell)) > MOST_CHARACTERS:
            return _(
                "field {field!r} has {length} characters, and a cell of a workbook holds {most}: write .csv or .jsonl",
                field=name,
                length=length,
                most=MOST_CHARACTERS,
            )
    return None


def _plain(value: object) -> str:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)


def _records(lines: Path) -> Iterator[dict[str, Any]]:
    with lines.open("rb") as file:
        # orjson reads whole numbers beyond 64 bits as floating point.
        yield from (json.loads(line) if _LONG_NUMBER.search(line) else orjson.loads(line) for line in file)


def _write_csv(lines: Path, table: Path) -> None:
    columns = list(dict.fromkeys(name for record in _records(lines) for name in _cells(record)))
    # With a byte order mark, as Excel would assume another encoding without.
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(_cells(record) for record in _records(lines))


def _cells(record: dict[str, Any]) -> dict[str, str]:
    """Spell a record for CSV: several topics joined by |, an object as a column for each member."""
    cells = {}
    for name, value in record.items():
        members = {f"{name}.{key}": inner for key, inner in value.items()} if isinstance(value, dict) else {name: value}
        cells.update({column: _cell(inner) for column, inner in members.items()})
    return cells


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return "|".join(value)
    return "" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _write_workbook(lines: Path, table: Path) -> None:
    """Write a workbook: numbers that it can tell apart are numbers, everything else is text."""
    widths: dict[str, int] = {}
    for record in _records(lines):
        for name, cell in _cells(record).items():
            widths[name] = max(widths.get(name, 0), len(cell))
    if len(widths) > MOST_COLUMNS:
        wrong = _("a workbook holds {most} columns, and there are {number}", most=MOST_COLUMNS, number=len(widths))
        raise FullSheetError(wrong, lines)
    rows = ([_typed(value) for value in _spread(record, widths)] for record in _records(lines))
    with table.open("wb") as file:
        stream_workbook(file, [*widths], rows, widths=[*widths.values()])


def _spread(record: dict[str, Any], names: Iterable[str]) -> Iterator[Any]:
    """Yield what stands in each column of CSV, numbers as they are."""
    values = {
        **record,
        **{f"{n}.{key}": v for n, inner in record.items() if isinstance(inner, dict) for key, v in inner.items()},
    }
    return (values.get(name) for name in names)


def _typed(value: Any) -> str | float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _EXACT:
        return value
    return _cell(value) or None


def _write_parquet(lines: Path, table: Path) -> None:
    """Write Parquet; a column whose values have no common type, or are too large for one, holds them as JSON text."""
    parquet = _parquet()
    import pyarrow as pa  # noqa: PLC0415 - it takes a third of a second, which other runs should not spend

    types: dict[str, Any] = {}
    for rows in _batches(lines):
        for name, values in _columns(rows).items():
            types[name] = _common_type(pa, types.get(name, pa.null()), values)
    schema = pa.schema([(name, pa.string() if found is None else found) for name, found in types.items()])
    as_text = {name for name, found in types.items() if found is None}
    with parquet.ParquetWriter(table, schema) as writer:
        for rows in _batches(lines):
            columns = _columns(rows, schema.names)
            for name in as_text:
                columns[name] = [value if value is None else _cell(value) for value in columns[name]]
            writer.write_table(pa.table(columns, schema=schema))


def _common_type(pa: Any, known: Any, values: list[Any]) -> Any:
    """Return the type that holds the values of a column and those before, None where there is none."""
    if known is None:
        return None
    try:
        schemas = [pa.schema([("", known)]), pa.schema([("", pa.array(values).type)])]
        common = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except (pa.ArrowException, OverflowError):
        return None
    # Numbers as large as that are not all told apart as floating point.
    inexact = pa.types.is_floating(common) and any(isinstance(v, int) and abs(v) > _EXACT for v in values)
    return None if inexact else common


def _batches(lines: Path) -> Iterator[list[dict[str, Any]]]:
    records = _records(lines)
    while rows := list(islice(records, _ROWS)):
        yield rows


def _columns(rows: list[dict[str, Any]], names: Iterable[str] | None = None) -> dict[str, list[Any]]:
    """Turn rows into columns; pyarrow would only take the fields of the first row."""
    if names is None:
        names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _parquet() -> Any:
    try:
        from pyarrow import parquet  # noqa: PLC0415 - it takes a third of a second, which other runs should not spend
    except ImportError as error:
        raise RunError(_("Parquet needs pyarrow: pip install 'tagger-zh[tables]', or use .jsonl or .csv")) from error
    return parquet
