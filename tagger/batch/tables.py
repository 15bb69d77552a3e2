"""Tables as JSON lines, and JSON lines as tables: CSV by the standard library, Parquet by pyarrow.

A run only works on JSON lines: a table is read as lines, one for each row, and the tagged lines become a table when the
run is done.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from tagger.errors import DataError, Problem, RunError

__all__ = ["TABLES", "TableLines", "open_csv", "open_parquet", "write_table"]

TABLES = frozenset([".csv", ".parquet"])
_DELIMITERS = ",;\t"
_ROWS = 4096  # of Parquet in memory at once


class TableLines:
    """Reads lines as from a file: as many whole ones as reach the size asked for.

    It keeps a reference to their `source`, which would close its file when it is garbage-collected.
    """

    def __init__(self, lines: Iterator[bytes], source: object) -> None:
        self._lines = lines
        self._source = source

    def read(self, size: int) -> bytes:
        """Return the next lines, or nothing at the end."""
        found = []
        length = 0
        for line in self._lines:
            found.append(line)
            length += len(line)
            if length >= size:
                break
        return b"".join(found)


def open_csv(name: str, file: Any, *, encoding: str | None, limit: int) -> TableLines:
    """Read CSV as JSON lines, every cell a string, for what looks like a number may be an identifier.

    A row that cannot be a record, with more or fewer cells than the header or bytes that are not of the encoding,
    becomes a line that will be rejected.
    """
    try:
        text = io.TextIOWrapper(file, encoding=encoding or "utf-8-sig", errors="surrogateescape", newline="")
    except LookupError:
        raise DataError(name, Problem(f"unknown encoding {encoding!r}: give one such as gb18030")) from None
    return TableLines(_csv_lines(name, text, limit), text)


def open_parquet(file: Any) -> TableLines:
    """Read Parquet as JSON lines: times in ISO format, decimals as text, bytes in base64, NaN as null."""
    return TableLines(_parquet_lines(_parquet(), file), file)


def write_table(lines: Path, table: Path, ending: str) -> None:
    """Write JSON lines as a table with a column for every field that occurs, in order of first occurrence."""
    (_write_csv if ending == ".csv" else _write_parquet)(lines, table)


def _csv_lines(name: str, text: io.TextIOWrapper, limit: int) -> Iterator[bytes]:
    head = text.readline()
    rows = _limited(csv.reader(_behind(head, text), delimiter=max(_DELIMITERS, key=head.count)), limit)
    header = next(rows, [])
    if len(set(header)) < len(header):
        raise DataError(name, Problem("has two columns of the same name: rename one", 1))
    for row in rows:
        if not row:
            yield b"\n"
            continue
        record = dict(zip(header, row, strict=True)) if len(row) == len(header) else row
        try:
            yield orjson.dumps(record) + b"\n"
        except TypeError:  # bytes that are not text, as lone surrogates
            yield json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"


def _limited(rows: Iterator[list[str]], limit: int) -> Iterator[list[str]]:
    """Read rows with another limit of the length of a cell; it is the whole process's, so only while a row is read."""
    while True:
        before = csv.field_size_limit(limit)
        try:
            row = next(rows, None)
        finally:
            csv.field_size_limit(before)
        if row is None:
            return
        yield row


def _parquet_lines(parquet: Any, file: Any) -> Iterator[bytes]:
    for batch in parquet.ParquetFile(file).iter_batches(batch_size=_ROWS):
        for record in batch.to_pylist():
            yield orjson.dumps(record, default=_plain) + b"\n"


def _behind(head: str, rest: Iterator[str]) -> Iterator[str]:
    yield head
    yield from rest


def _plain(value: object) -> str:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)


def _records(lines: Path) -> Iterator[dict[str, Any]]:
    with lines.open("rb") as file:
        yield from map(orjson.loads, file)


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
    return "" if value is None else orjson.dumps(value).decode("utf-8")


def _write_parquet(lines: Path, table: Path) -> None:
    parquet = _parquet()
    import pyarrow as pa  # noqa: PLC0415 - it takes a third of a second, which other runs should not spend

    try:
        schema = pa.unify_schemas(
            [pa.schema([]), *(pa.table(_columns(rows)).schema for rows in _batches(lines))],
            promote_options="permissive",
        )
        with parquet.ParquetWriter(table, schema) as writer:
            for rows in _batches(lines):
                writer.write_table(pa.table(_columns(rows, schema.names), schema=schema))
    except pa.ArrowException as error:
        raise RunError(f"the records cannot be written as a Parquet table ({error}): write .jsonl") from error


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
        raise RunError("Parquet needs pyarrow: pip install 'tagger-zh[tables]', or use .jsonl or .csv") from error
    return parquet
