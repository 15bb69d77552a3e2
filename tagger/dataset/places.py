"""Where the topics of a row stand in the text of a label file, and what to write there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tagger.dataset.columns import Columns
from tagger.dataset.options import LabelOptions
from tagger.dataset.sources import LabelSource
from tagger.dataset.spelling import Spelling
from tagger.formats import Record
from tagger.formats.columns import TOPICS_NAMES, find_field
from tagger.formats.delimited import find_dialect
from tagger.formats.fasttext_lines import find_labels
from tagger.formats.looking import head_text
from tagger.formats.opening import HEAD_BYTES, open_stream
from tagger.formats.records import lookup
from tagger.formats.spans import RawLines, Span, find_cells, find_value
from tagger.messages import _

__all__ = ["CannotError", "Opened", "Place", "place_of"]

_NEEDS_QUOTES = ('"', "\r", "\n")


class CannotError(Exception):
    """Raised where the topics of a row cannot be changed, with why."""


@dataclass(frozen=True)
class Opened:
    """A label file that was read, and how."""

    name: str
    data: bytes
    options: LabelOptions
    source: LabelSource
    columns: Columns
    spelling: Spelling


class Place(Protocol):
    """Finds where the topics of a row stand in files of one form."""

    def change(self, record: Record, topics: Sequence[str], *, bar: bool) -> tuple[str, Span, str]:
        """Return the text of a record's row, which span of it is to be replaced, and by what.

        `bar` is as in `Spelling.write`.

        Raises:
            CannotError: when it cannot be.
        """


def place_of(file: Opened, lines: RawLines) -> Place:
    """Return what finds the topics in the lines of a file."""
    return _PLACES[str(file.source.form)](file, lines)


class _TablePlace:
    def __init__(self, file: Opened, lines: RawLines) -> None:
        self._file, self._lines = file, lines
        options = file.options
        with open_stream(file.name, file.data) as stream:
            cut = len(stream.peek()) >= HEAD_BYTES
            self._dialect = find_dialect(head_text(stream, options), options.delimiter, cut=cut)
        self._column = file.source.header.index(str(file.columns.topics))

    def change(self, record: Record, topics: Sequence[str], *, bar: bool) -> tuple[str, Span, str]:
        text, cells = find_cells(self._lines.texts(record.line), self._dialect)
        after = str(self._file.spelling.write(self._file.columns.topics_of(record), topics, bar=bar))
        if self._column >= len(cells):  # cells at the end were left out
            end = cells[-1][1]
            return text, (end, end), self._dialect.delimiter * (self._column - len(cells) + 1) + self._quoted(after, "")
        span = cells[self._column]
        return text, span, self._quoted(after, text[slice(*span)])

    def _quoted(self, cell: str, before: str) -> str:
        """Return the cell in quotation marks if it needs them, or if the one before had them without need."""
        signs = (self._dialect.delimiter, *_NEEDS_QUOTES)
        needed = any(sign in cell for sign in signs)
        if needed and not self._dialect.quoted:
            raise CannotError(
                _("the topics {cell!r} cannot stand in a table without quotation marks: choose --separator", cell=cell)
            )
        inside = before[1:-1]
        habit = before.startswith('"') and not any(sign in inside for sign in signs)
        return '"{}"'.format(cell.replace('"', '""')) if self._dialect.quoted and (needed or habit) else cell


class _JsonPlace:
    def __init__(self, file: Opened, lines: RawLines) -> None:
        self._file, self._lines = file, lines

    def change(self, record: Record, topics: Sequence[str], *, bar: bool) -> tuple[str, Span, str]:
        text = next(self._lines.texts(record.line))
        name = str(self._file.columns.topics)
        if lookup(record.fields, name) is None and name not in record.fields:
            name = find_field(record.fields, None, TOPICS_NAMES) or name
        span = find_value(text, [name] if name in record.fields else name.split("."))
        if span is None:
            raise CannotError(_("has no field {name!r} to change: write it as null", name=name))
        before = text[slice(*span)]
        value = self._file.spelling.write(self._file.columns.topics_of(record), topics, bar=bar)
        return text, span, _dump(value, before, text)


def _dump(value: Any, before: str, text: str) -> str:
    """Write a JSON value as the one before was, or the line is: escapes, and a space behind commas and colons."""
    escaped = text.isascii() and "\\u" in text
    like = before if "," in before else text
    spaced = ", " in like or ": " in like
    return json.dumps(value, ensure_ascii=escaped, separators=(", ", ": ") if spaced else (",", ":"))


class _FasttextPlace:
    def __init__(self, file: Opened, lines: RawLines) -> None:
        self._file, self._lines = file, lines

    def change(self, record: Record, topics: Sequence[str], *, bar: bool) -> tuple[str, Span, str]:
        text = next(self._lines.texts(record.line))
        names: Iterable[str] = self._file.spelling.write(record.fields["labels"], topics, bar=bar)
        if bad := next((name for name in names if not name or any(map(str.isspace, name))), None):
            raise CannotError(_("topic {name!r} has a space, which no label of fastText can have", name=bad))
        labels = " ".join(f"__label__{name}" for name in names)
        spans = find_labels(text)
        if not spans:
            return text, (0, 0), f"{labels} "
        start, end = spans[0][0], spans[-1][1]
        if text[start:end].split() != [text[slice(*span)] for span in spans]:
            raise CannotError(_("has labels in several places: put them together"))
        if not labels:  # with the space that parts them from the text
            end += len(text[end:]) - len(text[end:].lstrip(" \t"))
        return text, (start, end), labels


_PLACES: Mapping[str, Callable[[Opened, RawLines], Place]] = {
    "csv": _TablePlace,
    "jsonl": _JsonPlace,
    "fasttext": _FasttextPlace,
}
