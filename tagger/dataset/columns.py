"""Records → which of their fields are text, topics, document and paragraph; chosen by name, then by what is in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from tagger.dataset.options import LabelOptions
from tagger.dataset.sources import LabelSource
from tagger.errors import DataError, Problem
from tagger.formats import Record
from tagger.formats.columns import (
    DOCUMENT_NAMES,
    OTHER_NAMES,
    PARAGRAPH_NAMES,
    SPLITS,
    TEXT_NAMES,
    TOPICS_NAMES,
    find_field,
    flatten,
    is_named,
    plain_name,
)
from tagger.formats.records import lookup
from tagger.messages import N_, _, joined

__all__ = ["Columns", "choose_columns"]

# Records looked at: fields that only later ones have are not found.
_SAMPLE = 2000
# A column of topics repeats itself; a column of texts does not.
_REPEATED = 0.5
_LONGEST_TOPIC = 40
# Columns named in an error.
_MOST_NAMED = 20
# Cells of fewer characters, by their mean, are hardly texts.
_SHORTEST_TEXT = 5
# 标签1, label_2
_NUMBERED = re.compile(r"(.*?)[ _.-]?\d{1,2}")
_SET_MARKS = frozenset(["1", "1.0", "true", "t", "yes", "y", "是", "有", "√", "✓", "✔", "☑", "●"])
_UNSET_MARKS = frozenset([
    "", "0", "0.0", "false", "f", "no", "n", "否", "无", "none", "nan", "-", "×", "✗", "✘", "☐", "○",
])  # fmt: skip
# An x is a cross where other marks are set, and else the mark itself.
_CROSS = "x"
# Marks that are no names of topics by themselves, unlike 1 and 是.
_TICKS = frozenset(["√", "✓", "✔", "☑", "●", _CROSS])
# What stands before a topic in the name of a column of marks.
_WHETHER = "是否"
_MARKS = _SET_MARKS | _UNSET_MARKS | {_CROSS}
_ROLES = {"text": N_("text"), "topics": N_("topics"), "document": N_("document"), "paragraph": N_("paragraph")}


@dataclass(frozen=True)
class Columns:
    """The fields that are read: by their names, None where there is none.

    There are no `topics` where other fields say them: `marks` are columns named by topics, in which one of `set_marks`
    says that a row has it (one-hot); `numbered` are columns with a topic each, 标签1 and 标签2; `places` is a field
    with a list of 0 and 1, one for each topic.
    `notes` say how a choice was made that could have been made otherwise.
    """

    text: str
    topics: str | None
    document: str | None = None
    paragraph: str | None = None
    marks: tuple[str, ...] = ()
    set_marks: frozenset[str] = _SET_MARKS
    numbered: tuple[str, ...] = ()
    places: str | None = None
    notes: tuple[str, ...] = ()

    def topics_of(self, record: Record) -> Any:
        """Return what a record has in its field of topics, or the names of its marked columns."""
        if self.topics is not None:
            value = lookup(record.fields, self.topics)
            if value is None and self.topics not in record.fields:
                # Lines put together from several files may name it otherwise.
                other = find_field(record.fields, None, TOPICS_NAMES)
                value = None if other in (None, self.text) else record.fields[other]
            return value
        if self.places is not None:
            value = lookup(record.fields, self.places)
            return [str(place) for place, mark in enumerate(value) if mark] if isinstance(value, list) else value
        if self.numbered:
            cells = (lookup(record.fields, name) for name in self.numbered)
            return [cell for cell in cells if cell is not None]
        marked = self._marked_topics.items()
        return [topic for name, topic in marked if _plain_mark(lookup(record.fields, name)) in self.set_marks]

    @cached_property
    def _marked_topics(self) -> dict[str, str]:
        """The topic that each column of marks is named by."""
        within = _prefix(self.marks)
        return {name: name.removeprefix(within) for name in self.marks}

    def fields(self) -> tuple[str, ...]:
        """Return the names of all fields that are read."""
        one = (self.text, self.topics, self.document, self.paragraph, self.places)
        return (*(name for name in one if name is not None), *self.marks, *self.numbered)

    def by_role(self) -> dict[str, str]:
        """Return the name of the field that was read for each role."""
        topics = self.topics or self.places or joined(self.numbered)
        topics = topics or _("marks in {columns}", columns=_first(self.marks))
        roles = {"text": self.text, "topics": topics, "document": self.document, "paragraph": self.paragraph}
        return {role: name for role, name in roles.items() if name is not None}


def choose_columns(source: LabelSource, options: LabelOptions) -> Columns:
    """Choose the fields to read, as asked for, by their names, or by what stands in them.

    Raises:
        DataError: when a field that was asked for is not there, or none can be told to be the text or the topics.
    """
    sample = source.records[:_SAMPLE]
    names = [*source.header] or [*dict.fromkeys(name for record in sample for name in flatten(record.fields))]
    table = _Table(source, sample, names)
    notes: list[str] = []
    document = table.named("document", options.document_field, DOCUMENT_NAMES)
    paragraph = table.named("paragraph", None, PARAGRAPH_NAMES)
    text = table.named("text", options.text_field, TEXT_NAMES, besides=(options.topics_field,))
    if text is None:
        text = table.longest(besides=(document, paragraph, options.topics_field))
        notes.append(
            _("text is taken from column {column!r}, which holds the longest; --text-field takes another", column=text)
        )
    if document == text:
        document = None
    chosen = Columns(text, None, document, paragraph)
    used = chosen.fields()
    topics = table.named("topics", options.topics_field, TOPICS_NAMES, besides=used)
    if topics is not None:
        topics = table.in_words(topics, used, notes) if options.topics_field is None else topics
        if table.holds_places(topics):
            notes.append(
                _(
                    "lists of 0 and 1 in {column!r} mark topics, which have the numbers of their places, from 0 on",
                    column=topics,
                )
            )
            chosen = replace(chosen, places=topics)
        else:
            chosen = replace(chosen, topics=topics)
    elif marks := table.marks(besides=used):
        notes.append(_("each of the columns {names} is a topic: 1 marks a row", names=_first(marks)))
        chosen = replace(chosen, marks=marks, set_marks=table.set_marks(marks))
    elif numbered := table.numbered(besides=used):
        notes.append(
            _(
                "each of the columns {names} holds a topic of the text; --topics-field takes one of them",
                names=_first(numbered),
            )
        )
        chosen = replace(chosen, numbered=numbered)
    else:
        topics = table.repeated(besides=used)
        notes.append(
            _(
                "topics are taken from column {column!r}, by what stands in it; --topics-field takes another",
                column=topics,
            )
        )
        chosen = replace(chosen, topics=topics)
    notes += table.unread(chosen, text_asked=options.text_field is not None)
    return replace(chosen, notes=tuple(notes))


def _plain_mark(value: Any) -> str:
    return str(value).strip().casefold()


def _prefix(names: Sequence[str]) -> str:
    """Return what all names begin with and is not of the topic: 是否, or label. of label.a and label.b."""
    if all(name.startswith(_WHETHER) and name != _WHETHER for name in names):
        return _WHETHER
    outer = {name.rpartition(".")[0] for name in names}
    return f"{outer.pop()}." if len(outer) == 1 and all("." in name for name in names) else ""


def _first(columns: Sequence[str]) -> str:
    shown = joined(columns[:4])
    return _("{names} …", names=shown) if len(columns) > 4 else shown


class _Table:
    """The names of fields, and what stands in them."""

    def __init__(self, source: LabelSource, sample: Sequence[Record], names: list[str]) -> None:
        self._source = source
        self._sample = sample
        self._names = names

    def named(
        self, role: str, wanted: str | None, known: Sequence[str], besides: tuple[str | None, ...] = ()
    ) -> str | None:
        """Return the field of a role: the one asked for, or one with a known name."""
        names = [name for name in self._names if name not in besides]
        found = find_field(names, wanted, known)
        if wanted is not None and found is None:
            raise self._refused(
                _(
                    "has no column {column!r} for the {role}; found: {found}; name one of them",
                    column=wanted,
                    role=_(_ROLES[role]),
                    found=self._found(),
                )
            )
        return found

    def values(self, name: str) -> list[Any]:
        """Return what stands in a field of the sample."""
        return [lookup(record.fields, name) for record in self._sample]

    def longest(self, *, besides: tuple[str | None, ...]) -> str:
        """Return the field with the longest strings; where none is told by its name."""
        found = [name for name in self._rest(besides) if all(isinstance(v, str | None) for v in self.values(name))]
        lengths = {name: sum(len(value or "") for value in self.values(name)) for name in found}
        if not lengths or (self._source.has_header and len(found) > 2):
            what = _(
                "has no column 'text'; found: {found}; --text-field NAME says which one it is", found=self._found()
            )
            raise self._refused(what)
        return max(lengths, key=lengths.__getitem__)

    def in_words(self, topics: str, used: tuple[str | None, ...], notes: list[str]) -> str:
        """Return the field of topics; another with a known name that holds words, where it holds numbers only."""
        others = [name for name in self._rest((*used, topics)) if is_named(name, TOPICS_NAMES)]
        if not others:
            return topics
        chosen = topics
        if self._is_numeric(topics):
            chosen = next((name for name in others if not self._is_numeric(name)), topics)
        others = [name for name in (topics, *others) if name != chosen]
        notes.append(
            _(
                "topics are read from {column!r}, not from {others}: --topics-field chooses",
                column=chosen,
                others=joined(map(repr, others)),
            )
        )
        return chosen

    def marks(self, *, besides: tuple[str | None, ...]) -> tuple[str, ...]:
        """Return the columns that hold nothing but marks, where there are two or more and no other ones."""
        found = [name for name in self._rest(besides) if any(v not in ("", None) for v in self.values(name))]
        marked = [n for n in found if all(_plain_mark(v) in _MARKS for v in self.values(n))]
        return tuple(marked) if marked == found and (len(marked) > 1 or self._is_mark_alone(marked)) else ()

    def _is_mark_alone(self, names: Sequence[str]) -> bool:
        """Return whether one column, named 是否 and a topic, or by a topic under which rows are ticked, holds marks."""
        ticks = {_plain_mark(value) for name in names for value in self.values(name)} - {"", "none", "nan"}
        return any(name.startswith(_WHETHER) or ticks <= _TICKS for name in names)

    def set_marks(self, marks: Sequence[str]) -> frozenset[str]:
        """Return the marks that say that a row has a topic: an x does where no other one is used."""
        used = {_plain_mark(value) for name in marks for value in self.values(name)}
        return _SET_MARKS if used & _SET_MARKS else frozenset([_CROSS])

    def holds_places(self, name: str) -> bool:
        """Return whether a field holds lists of one length, of several marks each, as programs have them."""
        values = self.values(name)
        lists = [value for value in values if isinstance(value, list)]
        return (
            len(lists) == len(values)
            and len({*map(len, lists)}) == 1
            and len(lists[0]) > 1
            and all(mark in (0, 1) for marks in lists for mark in marks)
        )

    def numbered(self, *, besides: tuple[str | None, ...]) -> tuple[str, ...]:
        """Return the columns of topics that are told apart by numbers, two or more."""
        found = [
            name
            for name in self._rest(besides)
            if (stem := _NUMBERED.fullmatch(plain_name(name))) and is_named(stem[1], TOPICS_NAMES)
        ]
        return tuple(found) if len(found) > 1 else ()

    def unread(self, columns: Columns, *, text_asked: bool) -> list[str]:
        """Say which columns could be thought to be read and are not: other texts, and what parts train from test."""
        notes: list[str] = []
        rest = [name for name in self._names if name not in columns.fields()]
        texts = [name for name in rest if is_named(name, TEXT_NAMES) and self._holds_texts(name)]
        if texts and not text_asked:
            notes.append(
                _(
                    "texts are read from {column!r}, and not from {others}: --text-field chooses",
                    column=columns.text,
                    others=joined(map(repr, texts)),
                )
            )
        for name in rest:
            values = dict.fromkeys(_plain_mark(value) for value in self.values(name) if value not in ("", None))
            if len(values) > 1 and SPLITS.issuperset(values):
                notes.append(
                    _(
                        "column {column!r} parts the rows into {parts}: all of them are read",
                        column=name,
                        parts=joined(values),
                    )
                )
        return notes

    def _holds_texts(self, name: str) -> bool:
        lengths = [len(value) for value in self.values(name) if isinstance(value, str) and value.strip()]
        return sum(lengths) > _SHORTEST_TEXT * len(lengths)

    def repeated(self, *, besides: tuple[str | None, ...]) -> str:
        """Return the one field that can be the topics, by what stands in it."""
        found = [name for name in self._rest(besides) if any(v not in ("", None) for v in self.values(name))]
        if len(found) > 1:
            found = [name for name in found if self._repeats(name)]
        if len(self._names) == 1 and not self._source.has_header:
            raise self._refused(
                _(
                    "has one column only, {column!r}, and none of topics: what parts texts from topics can be a comma "
                    "or a tab, or what --delimiter says",
                    column=self._names[0][:_LONGEST_TOPIC],
                )
            )
        if len(found) != 1:
            what = _(
                "has no column 'topics'; found: {found}; --topics-field NAME says which one it is", found=self._found()
            )
            raise self._refused(what)
        return found[0]

    def _repeats(self, name: str) -> bool:
        values = [str(value) for value in self.values(name) if value not in ("", None)]
        return len(set(values)) <= _REPEATED * len(values) and max(map(len, values)) <= _LONGEST_TOPIC

    def _is_numeric(self, name: str) -> bool:
        return all(str(value).strip().replace(".", "", 1).isdecimal() for value in self.values(name) if value != "")

    def _rest(self, besides: tuple[str | None, ...]) -> list[str]:
        names = [name for name in self._names if name not in besides and plain_name(name) not in OTHER_NAMES]
        return [
            name for name in names if not any(isinstance(v, dict) and set(v) != {"choices"} for v in self.values(name))
        ]

    def _found(self) -> str:
        found = joined(repr(name[:_LONGEST_TOPIC]) for name in self._names[:_MOST_NAMED]) or _("none")
        if len(self._names) > _MOST_NAMED:
            found = _("{names} …", names=found)
        if self._source.header and not self._source.has_header:
            return _("{names} (the file has no header, so columns are numbered)", names=found)
        return found

    def _refused(self, what: str) -> DataError:
        # Of a workbook the sheet may be another.
        notes = self._source.notes if self._source.sheet else ()
        return DataError(
            self._source.name, Problem(what, 1 if self._source.header else None), *(Problem(note) for note in notes)
        )
