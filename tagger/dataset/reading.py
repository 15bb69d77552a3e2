"""What was read from labels, as a record and as sentences: the file, its columns, what was passed over and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any

from tagger.messages import N_, Message, _, _n, english, joined

__all__ = ["Passed", "Reading", "list_lines"]

# Lines named of each kind: enough to find the pattern.
_NAMED = 5
_ROLES = {"text": N_("text"), "topics": N_("topics"), "document": N_("document"), "paragraph": N_("paragraph")}
# Topics whose counts are shown on one line; many more are in the model card.
_SHOWN_TOPICS = 12


@dataclass(frozen=True)
class Passed:
    """Rows of one kind: why they were passed over, how many they are, and the lines of the first.

    The reason is said of several rows, whatever their number, so that it is the same for programs. Where several files
    were read, a line has the name of its file before it: `b.csv:17`.
    """

    reason: str
    number: int
    lines: tuple[int | str, ...]

    def kind(self) -> str:
        """Return the reason, said of as many rows as there are."""
        if not isinstance(self.reason, Message) or self.reason.plural is None:
            return self.reason
        values = {name: value for name, value in self.reason.values.items() if name != "n"}
        return _n(self.reason.template, self.reason.plural[0], self.number, **values)


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
    form: str = field(default_factory=lambda: _("examples"))
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
        """Return the record, ready for JSON, in English."""
        record: dict[str, Any] = _in_english(asdict(self))
        return record

    def without_folders(self) -> Reading:
        """Return the record with the bare names of its files, the same wherever they lie."""
        parts = tuple(part.without_folders() for part in self.parts)
        file = ", ".join(part.file for part in parts) or Path(self.file).name
        return replace(self, file=file, topics_file=Path(self.topics_file).name, parts=parts)

    def sentences(self) -> Iterator[str]:
        """Yield what was read, a line each: what it is, what it holds, what was passed over, notes and warnings.

        Each is a message, which can be said in English, too.
        """
        for part in self.parts:
            yield _form_of(part)
            yield from _passed_over(part)
            yield from _remarks(part)
        if self.rows and not self.parts:
            yield _form_of(self)
        if self.rows:
            yield self._counts()
            yield from _passed_over(self)
        if self.topics_file:
            yield _("titles and keywords of topics from {file}", file=self.topics_file)
        yield from _remarks(self)

    def doubts(self) -> Iterator[str]:
        """Yield what was passed over and what may be wrong, a line each."""
        for part in (*self.parts, self):
            yield from _passed_over(part)
            yield from part.warnings

    def _counts(self) -> Message:
        examples = _n("{n} example", "{n} examples", self.texts)
        rows = _n("{n} row", "{n} rows", self.rows)
        if not self.parts:
            return _("{examples} of {rows}; {topics}", examples=examples, rows=rows, topics=self._topics())
        return _(
            "{examples} of {rows} in {files}; {topics}",
            examples=examples,
            rows=rows,
            files=_n("{n} file", "{n} files", len(self.parts)),
            topics=self._topics(),
        )

    def _topics(self) -> Message:
        largest = [f"{name} {number}" for name, number in sorted(self.topics.items(), key=lambda item: -item[1])]
        shown = joined(largest[:_SHOWN_TOPICS])
        if len(largest) > _SHOWN_TOPICS:
            shown = _("{largest} … {smallest}", largest=shown, smallest=largest[-1])
        topics = _("{topics}: {counts}", topics=_n("{n} topic", "{n} topics", len(largest)), counts=shown)
        if (none := self.without_topic) is None:
            return topics
        lines = list_lines(none.lines, none.number)
        return _("{topics}; without a topic {number} ({lines})", topics=topics, number=none.number, lines=lines)


def _form_of(reading: Reading) -> Message:
    what = reading.form
    if reading.encoding:
        what = _("{form}, {encoding}", form=what, encoding=reading.encoding.upper())
    columns = [_("{role} from {column!r}", role=_(_ROLES[role]), column=name) for role, name in reading.columns.items()]
    if not columns:
        return _("{file}: {what}", file=reading.file, what=what)
    listed = reduce(lambda before, column: _("{columns}, {column}", columns=before, column=column), columns)
    return _("{file}: {what}; {columns}", file=reading.file, what=what, columns=listed)


def _passed_over(reading: Reading) -> Iterator[Message]:
    for passed in reading.passed:
        lines = list_lines(passed.lines, passed.number)
        yield _("passed over: {number} {kind} ({lines})", number=passed.number, kind=passed.kind(), lines=lines)


def _remarks(reading: Reading) -> Iterator[str]:
    yield from reading.notes
    for warning in reading.warnings:
        yield _("Warning: {warning}", warning=warning)


def _in_english(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_english(inner) for name, inner in value.items()}
    return type(value)(map(_in_english, value)) if isinstance(value, list | tuple) else english(value)


def list_lines(lines: Sequence[int | str], number: int | None = None) -> Message:
    """Return "line 3" or "lines 3, 5, 9 …", the first few of them."""
    number = len(lines) if number is None else number
    named = joined(map(str, lines[:_NAMED]))
    # A place in one of several files is no number, so that languages put other words around it.
    if any(isinstance(line, str) for line in lines):
        if number > min(len(lines), _NAMED):
            return _n("line {places} …", "lines {places} …", number, places=named)
        return _n("line {places}", "lines {places}", number, places=named)
    if number > min(len(lines), _NAMED):
        return _n("line {lines} …", "lines {lines} …", number, lines=named)
    return _n("line {lines}", "lines {lines}", number, lines=named)
