"""Parquet and Arrow files → records, by pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tagger.errors import RunError
from tagger.formats.opening import Stream
from tagger.formats.records import Record
from tagger.messages import _

__all__ = ["read_arrow", "read_parquet"]

_ROWS = 4096  # in memory at once


def read_parquet(stream: Stream) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Return the columns and the records of a Parquet file.

    Raises:
        DataError: when it is damaged.
        RunError: when pyarrow is not installed.
    """
    pa = _pyarrow()
    from pyarrow import parquet  # noqa: PLC0415 - with pyarrow

    try:
        file = parquet.ParquetFile(stream.file)
    except (*stream.damage, pa.ArrowException) as error:
        raise stream.unreadable(error) from error
    return tuple(file.schema_arrow.names), _records(stream, lambda: file.iter_batches(batch_size=_ROWS))


def read_arrow(stream: Stream) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Return the columns and the records of an Arrow file (Feather) or stream; raises as `read_parquet` does."""
    pa = _pyarrow()
    from pyarrow import ipc  # noqa: PLC0415 - with pyarrow

    try:
        if stream.peek().startswith(b"ARROW1"):
            file = ipc.open_file(stream.file)
            batches = (file.get_batch(number) for number in range(file.num_record_batches))
        else:
            file = batches = ipc.open_stream(stream.file)
    except (*stream.damage, pa.ArrowException) as error:
        raise stream.unreadable(error) from error
    return tuple(file.schema.names), _records(stream, lambda: batches)


def _records(stream: Stream, batches: Any) -> Iterator[Record]:
    damage = (*stream.damage, _pyarrow().ArrowException, ValueError)
    is_map = _pyarrow().types.is_map
    number = 0
    try:
        for batch in batches():
            maps = [field.name for field in batch.schema if is_map(field.type)]
            for fields in batch.to_pylist():
                number += 1
                for name in maps:  # lists of pairs; PyArrow makes objects of them from 19 on only
                    fields[name] = None if fields[name] is None else dict(fields[name])
                yield Record(number, fields)
    except damage as error:
        raise stream.unreadable(error) from error


def _pyarrow() -> Any:
    try:
        import pyarrow as pa  # noqa: PLC0415 - it takes a third of a second, which other runs should not spend
    except ImportError as error:
        raise RunError(
            _("Parquet and Arrow need pyarrow: pip install 'tagger-zh[tables]', or use .jsonl or .csv")
        ) from error
    return pa
