"""What was read from labels, as a record and as sentences: the file, its columns, what was passed over and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

__all__ = ["Passed", "Reading", "counted", "list_lines"]

# Lines named of each kind: enough to find the pattern.
_NAMED = 5
_ONE = re.compile(r"\b(row|line|annotation)s\b")
# Topics whose counts are shown on one line; many more are in the model card.
_SHOWN_TOPICS = 12


@dataclass(frozen=True)
class Passed:
    """Rows of one kind: why they were passed over, how many they are, and the lines of the first.

    Where several files were read, a line has the name of its file before it: `b.csv:17`.
    """

    reason: str
    number: int
    lines: tuple[int | str, ...]


@dataclass(frozen=True)
class Reading:
    """What was read from labels.

    Attributes:
        file: the name, as the user gave it.
        form: what it is, in words.
        encoding: of its text; empty where it has none of its own.
        columns: the column or field that was read as `text`, `topics`, `document`, `paragraph`; without those not read.
        rows: how many rows or records there are, header and blank lines not counted.
        texts: how many of them are examples.
        topics: the number of examples of each topic, by name.
        without_topic: the examples without a topic, which teach that a text may have none.
        passed: what was passed over, by kind.
        notes: what was found and what was made of it, a sentence each; some name the option that changes it.
        warnings: the same for what may be wrong.
        topics_file: the topics.toml that was taken; empty without one.
        parts: where several files were read, what was read of each.
    """

    file: str
    form: str = "examples"
    encoding: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    texts: int = 0
    topics: dict[str, int] = field(default_factory=dict)
    without_topic: Passed | None = None
    passed: tuple[Passed, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    topics_file: str = ""
    parts: tuple[Reading, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the record, ready for JSON."""
        return asdict(self)

    def without_folders(self) -> Reading:
        """Return the record with the bare names of its files, the same wherever they lie."""
        parts = tuple(part.without_folders() for part in self.parts)
        file = ", ".join(part.file for part in parts) or Path(self.file).name
        return replace(self, file=file, topics_file=Path(self.topics_file).name, parts=parts)

    def sentences(self) -> Iterator[str]:
        """Yield what was read, a line each: what it is, what it holds, what was passed over, notes and warnings."""
        for part in self.parts:
            yield _form_of(part)
            yield from _passed_over(part)
            yield from _remarks(part)
        if self.rows and not self.parts:
            yield _form_of(self)
        if self.rows:
            of_files = f" in {counted(len(self.parts), 'file')}" if self.parts else ""
            yield f"{counted(self.texts, 'example')} of {counted(self.rows, 'row')}{of_files}; {self._topics()}"
            yield from _passed_over(self)
        if self.topics_file:
            yield f"titles and keywords of topics from {self.topics_file}"
        yield from _remarks(self)

    def doubts(self) -> Iterator[str]:
        """Yield what was passed over and what may be wrong, a line each."""
        for part in (*self.parts, self):
            yield from _passed_over(part)
            yield from part.warnings

    def _topics(self) -> str:
        largest = sorted(self.topics.items(), key=lambda item: -item[1])
        shown = ", ".join(f"{name} {number}" for name, number in largest[:_SHOWN_TOPICS])
        more = f" … {largest[-1][0]} {largest[-1][1]}" if len(largest) > _SHOWN_TOPICS else ""
        text = f"{counted(len(self.topics), 'topic')}: {shown}{more}"
        if self.without_topic is not None:
            none = self.without_topic
            text += f"; without a topic {none.number} ({list_lines(none.lines, none.number)})"
        return text


def _form_of(reading: Reading) -> str:
    what = ", ".join(filter(None, [reading.form, reading.encoding.upper()]))
    columns = ", ".join(f"{role} from {name!r}" for role, name in reading.columns.items())
    return f"{reading.file}: {what}" + (f"; {columns}" if columns else "")


def _passed_over(reading: Reading) -> Iterator[str]:
    for passed in reading.passed:
        kind = _ONE.sub(r"\1", passed.reason, count=1) if passed.number == 1 else passed.reason
        yield f"passed over: {passed.number} {kind} ({list_lines(passed.lines, passed.number)})"


def _remarks(reading: Reading) -> Iterator[str]:
    yield from reading.notes
    for warning in reading.warnings:
        yield f"Warning: {warning}"


def counted(number: int, noun: str) -> str:
    """Return "1 row" or "3 rows"."""
    return f"{number} {noun}" + ("s" if number != 1 else "")


def list_lines(lines: Sequence[int | str], number: int | None = None) -> str:
    """Return "line 3" or "lines 3, 5, 9 …", the first few of them."""
    number = len(lines) if number is None else number
    named = ", ".join(map(str, lines[:_NAMED]))
    return f"line{'s' if number > 1 else ''} {named}{' …' if number > min(len(lines), _NAMED) else ''}"
