"""What every form of file is read as: records, and what could not be read as one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tagger.formats.options import Form
from tagger.messages import _

__all__ = ["Broken", "Record", "Source", "explain_bad_byte", "lookup", "readable"]

# How bytes are read that are no text, where they are not replaced.
_BAD_BYTE = re.compile("[\udc80-\udcff]")


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
        notes: what was found in reading it, a sentence each.
        sheet: the name of a workbook's sheet; empty for what is none.
    """

    name: str
    form: Form
    about: str
    encoding: str
    records: Iterator[Record | Broken]
    header: tuple[str, ...] = ()
    has_header: bool = True
    notes: tuple[str, ...] = field(default=())
    sheet: str = ""


def explain_bad_byte(text: str) -> str | None:
    """Return what is wrong with text in which a byte that is no text stands as a lone surrogate, or None."""
    found = _BAD_BYTE.search(text)
    if found is None:
        return None
    return _(
        "byte {byte:#04x} is no text in this encoding: name the file's with --encoding, "
        "or give --encoding-errors replace to put U+FFFD there",
        byte=ord(found.group()) & 0xFF,
    )


def readable(text: str) -> str:
    """Return text with U+FFFD for bytes that are no text."""
    return _BAD_BYTE.sub("\ufffd", text)


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
