"""What every form of file is read as: records, and what could not be read as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tagger.formats.options import Form

__all__ = ["Broken", "Record", "Source", "lookup"]


class Record(NamedTuple):
    """One row or object: its fields by name, and the 1-based physical line that it starts on.

    In forms without lines `line` is the number of the row or object, the header being row 1. `raw` is an object of JSON
    as it was written, on one line; reading it may lose digits of long numbers.
    """

    line: int
    fields: dict[str, Any]
    raw: str | None = None


class Broken(NamedTuple):
    """A stretch of a file that is no record: where it starts, why, and what stands there."""

    line: int
    reason: str
    raw: str


@dataclass(frozen=True)
class Source:
    """An open file of records.

    Attributes:
        name: the name, as the user gave it.
        form: what it is.
        about: the same in words, with what parts its cells, its sheet and its compression.
        encoding: of its text; empty where the form has its own.
        records: the records and what is broken, in order; to be read once.
        header: the names of the columns; empty where records name their fields themselves.
        has_header: whether the file itself names the columns.
    """

    name: str
    form: Form
    about: str
    encoding: str
    records: Iterator[Record | Broken]
    header: tuple[str, ...] = ()
    has_header: bool = True
    notes: tuple[str, ...] = field(default=())


def lookup(fields: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field, or None; `a.b` is the field b of the object a, unless a field has that very name."""
    if name in fields:
        return fields[name]
    value: Any = fields
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value
