"""Arrow record batches in → record batches out: what clusters pass to Python, by the same core as JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tagger.batch.record import DEFAULT_FIELDS, Column, Fields, gained_columns, tag_records
from tagger.batch.workers import open_expected
from tagger.errors import RunError, SettingsError
from tagger.messages import _, joined
from tagger.model import model_hash, shipped_model
from tagger.tagger import Tagger

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Counter", "tag_batches"]

# Bytes of text tagged at once: larger batches are not faster, and their output must fit in memory too.
_BYTES = 1 << 20


class Counter(Protocol):
    """Anything that a number can be added to, such as an accumulator of Spark."""

    def add(self, term: int) -> None:
        """Add a number."""


def tag_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    model: str | Path | None = None,
    fields: Fields = DEFAULT_FIELDS,
    digest: str | None = None,
    missing: Counter | None = None,
) -> Iterator[pa.RecordBatch]:
    """Tag record batches: every row keeps its columns and its order and gains those of `fields`, typed.

    A text that is null, not a string or not UTF-8 is tagged as an empty one, and counted in `missing`. A large batch
    becomes several of about a megabyte of text each. The model is loaded once in a process.

    Args:
        batches: Arrow record batches with the column `fields.text`, and `fields.title` where it is set.
        model: the model folder; the shipped one when left out.
        fields: which columns are read, and which gained.
        digest: the `model_hash` that the model must have.
        missing: where rows without a text are counted.

    Raises:
        ModelError: when the folder is not a model.
        RunError: when the model is not the one of `digest`, or pyarrow is missing.
        SettingsError: when a column is missing, or is there already and `fields.overwrite` is not set.
    """
    folder = Path(shipped_model() if model is None else model)
    tagger = open_expected(folder, digest or model_hash(folder))
    types = {name: _arrow_type(column) for name, column in gained_columns(fields).items()}
    for batch in batches:
        _check_columns(batch.schema.names, fields)
        for piece in _pieces(batch, fields):
            yield _tag_piece(piece, tagger, fields, types, missing)


def _check_columns(names: list[str], fields: Fields) -> None:
    for name in (fields.text, fields.title):
        if name is not None and name not in names:
            found = joined(names) or _("none")
            raise SettingsError(_("no column {column!r}; found: {found}", column=name, found=found))
    if not fields.overwrite and (taken := sorted(fields.gained.intersection(names))):
        raise SettingsError(
            _("there is a column {column!r} already: ask to overwrite it, or name an output column", column=taken[0])
        )


def _pieces(batch: pa.RecordBatch, fields: Fields) -> Iterator[pa.RecordBatch]:
    """Cut a batch into pieces, a new one for every megabyte of text."""
    sizes = sum(
        _sizes(_decode_dictionary(batch.column(name))) for name in (fields.text, fields.title) if name is not None
    )
    starts = np.flatnonzero(np.diff(np.cumsum(sizes) // _BYTES, prepend=-1)).tolist() or [0]
    for start, end in zip(starts, [*starts[1:], batch.num_rows], strict=True):
        yield batch.slice(start, end - start)


def _sizes(column: Any) -> Any:
    """Return the number of bytes of each text, 0 in columns of another type."""
    pa = _pyarrow()
    import pyarrow.compute  # noqa: PLC0415 - with pyarrow

    if not _is_text(column.type):
        return np.zeros(len(column), np.int64)
    return pyarrow.compute.binary_length(column.cast(pa.large_binary())).fill_null(0).to_numpy(zero_copy_only=False)


def _tag_piece(
    piece: pa.RecordBatch, tagger: Tagger, fields: Fields, types: dict[str, Any], missing: Counter | None
) -> pa.RecordBatch:
    pa = _pyarrow()
    texts = _texts(_decode_dictionary(piece.column(fields.text)))
    records: list[dict[str, str | None]] = [{fields.text: text or ""} for text in texts]
    if fields.title is not None:
        for record, title in zip(records, _texts(_decode_dictionary(piece.column(fields.title))), strict=True):
            record[fields.title] = title
    if missing is not None:
        missing.add(texts.count(None))
    gained = list(tag_records(records, tagger=tagger, fields=fields))
    kept = [number for number, name in enumerate(piece.schema.names) if name not in types]
    arrays = [piece.column(number) for number in kept]
    arrays += [pa.array([row[name] for row in gained], column_type) for name, column_type in types.items()]
    schema = pa.schema([*(piece.schema.field(number) for number in kept), *types.items()])
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _texts(column: Any) -> list[str | None]:
    """Return each text; None for what is null or not a text."""
    if not _is_text(column.type):
        return [None] * len(column)
    try:
        texts: list[str | None] = column.to_pylist()
    except UnicodeDecodeError:  # Arrow and Spark do not check that a string is UTF-8
        texts = [_decode(data) for data in column.cast(_pyarrow().large_binary()).to_pylist()]
    return texts


def _decode(data: bytes | None) -> str | None:
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _decode_dictionary(column: Any) -> Any:
    """Decode a dictionary-encoded column."""
    return column.dictionary_decode() if _pyarrow().types.is_dictionary(column.type) else column


def _is_text(column_type: Any) -> bool:
    types = _pyarrow().types
    return bool(types.is_string(column_type) or types.is_large_string(column_type) or types.is_string_view(column_type))


def _arrow_type(column: Column) -> Any:
    pa = _pyarrow()
    if isinstance(column, list):
        return pa.list_(_arrow_type(column[0]))
    if isinstance(column, dict):
        return pa.struct([(name, _arrow_type(member)) for name, member in column.items()])
    names = {
        "string": pa.string(),
        "int": pa.int32(),
        "boolean": pa.bool_(),
        "double": pa.float64(),
        "map<string,double>": pa.map_(pa.string(), pa.float64()),
    }
    return names[column]


def _pyarrow() -> Any:
    try:
        import pyarrow as pa  # noqa: PLC0415 - it takes a third of a second, which other runs should not spend
    except ImportError as error:
        raise RunError(_("Arrow batches need pyarrow: pip install 'tagger-zh[spark]'")) from error
    return pa
