"""A file of any form → what labelling tools exchange: texts, their topics or none yet, and a model's guess."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tagger.dataset import LabelOptions
from tagger.dataset.cells import is_none, is_null, is_unlabelled
from tagger.dataset.columns import Columns, choose_columns
from tagger.dataset.labels import shows_none
from tagger.dataset.sources import LabelSource, read_label_source
from tagger.dataset.spelling import Spelling
from tagger.errors import DataError, Problem
from tagger.formats import Record
from tagger.formats.columns import DOCUMENT_NAMES, PARAGRAPH_NAMES, TEXT_NAMES, find_field, flatten, plain_name
from tagger.formats.records import lookup
from tagger.messages import N_, _, joined

__all__ = ["Entries", "Entry", "read_entries", "read_probability"]

_SUGGESTION = ("suggestion", "建议")
_PROBABILITY = ("probability", "把握", "概率")
_MODEL = ("model_version",)
# What doccano calls its topics; a list of none there is a text that has none, or that nobody has labelled.
_DOCCANO = "label"


@dataclass(frozen=True)
class Entry:
    """A text that is labelled, or is to be.

    Attributes:
        text: as the file has it.
        topics: what people gave it, empty for none of the topics; None where nobody has labelled it.
        document: as in `Example`.
        paragraph: as in `Example`.
        suggestion: what a model guessed, empty for none of the topics; None without a guess.
        probability: how sure the model was of its guess, in [0, 1]; None where it is not known.
        model_version: which model it was.
    """

    text: str
    topics: tuple[str, ...] | None = None
    document: str | None = None
    paragraph: int | None = None
    suggestion: tuple[str, ...] | None = None
    probability: float | None = None
    model_version: str = ""


@dataclass(frozen=True)
class Entries:
    """What was read: the entries in order, what the file is, and what is to be said of the reading."""

    entries: tuple[Entry, ...]
    about: str
    notes: tuple[str, ...] = ()


def read_entries(path: str | Path, options: LabelOptions | None = None, *, data: bytes | None = None) -> Entries:
    """Read labelled and unlabelled texts of any form; with `data`, those bytes are what the file holds.

    Texts are taken as they stand, tags of HTML included. Rows without a topic have none of them where the file says so,
    or shows that a text may have none, as `read_labels` decides it; else nobody has labelled them.

    Raises:
        DecodeError: when the file is no text.
        DataError: when it cannot be read, or which field is the text cannot be told.
    """
    options = options or LabelOptions()
    wanted = (options.text_field, options.topics_field, options.document_field)
    source = read_label_source(path, options, wanted, data=data)
    if problems := [Problem(broken.reason, broken.line) for broken in source.broken]:
        raise DataError(source.name, *problems)
    if not source.records:
        raise DataError(source.name, Problem(_("holds no text: write a header such as text,topics and rows under it")))
    return _Reader(source, options).read()


class _Reader:
    def __init__(self, source: LabelSource, options: LabelOptions) -> None:
        self._source = source
        self._options = options
        self._notes = [*source.notes]
        names = [*source.header] or [*dict.fromkeys(n for record in source.records for n in flatten(record.fields))]
        self._names = names
        self._columns = self._choose(names)
        self._guess = {role: _named(names, known) for role, known in _GUESS.items()}

    def read(self) -> Entries:
        values = [self._columns.topics_of(record) for record in self._source.records]
        guesses = [self._value(record, "suggestion") for record in self._source.records]
        spelling = Spelling(
            [value for value in (*values, *guesses) if not is_null(value)],
            classes=self._source.classes,
            separator=self._options.separator,
        )
        topics = self._topics([None if is_null(v) else spelling.read(v) for v in values], values)
        entries = []
        blank = []
        for record, found, guess in zip(self._source.records, topics, guesses, strict=True):
            text = lookup(record.fields, self._columns.text)
            text = str(text) if isinstance(text, int | float) and not is_null(text) else text
            if not isinstance(text, str) or not text.strip():
                blank.append(record.line)
                continue
            entries.append(self._entry(record, text, found, _suggested(guess, spelling)))
        if blank:
            self._notes.append(
                _(
                    "rows without a text are passed over: {number} (first on line {line})",
                    number=len(blank),
                    line=blank[0],
                )
            )
        if self._source.older:
            self._notes.append(
                _("older annotations of a task are passed over: {number}", number=len(self._source.older))
            )
        self._tell_lost()
        return Entries(tuple(entries), self._source.about, tuple(self._notes))

    def _choose(self, names: list[str]) -> Columns:
        """Return the fields to read; where none can be the topics, texts are unlabelled."""
        options = self._options
        try:
            return choose_columns(self._source, options)
        except DataError:
            text = find_field(names, options.text_field, TEXT_NAMES) or (names[0] if len(names) == 1 else None)
            if options.topics_field is not None or text is None:
                raise
            document = find_field([n for n in names if n != text], options.document_field, DOCUMENT_NAMES)
            paragraph = find_field([n for n in names if n != text], None, PARAGRAPH_NAMES)
            self._notes.append(
                _(
                    "no column holds topics, so no text is labelled; found: {columns}; --topics-field names one",
                    columns=joined(map(repr, names)),
                )
            )
            return Columns(text, _NO_FIELD, document, paragraph)

    def _topics(self, found: list[list[str] | None], values: Sequence[Any]) -> list[tuple[str, ...] | None]:
        """Tell texts that have none of the topics from those that nobody has labelled."""
        decided = [
            None if names is None or _says_unlabelled(v) else names for names, v in zip(found, values, strict=True)
        ]
        known = [names for names in decided if names is not None]
        rule = self._options.without_topic
        doubtful = [
            i
            for i, (names, v) in enumerate(zip(decided, values, strict=True))
            if names == [] and not self._none(v, values)
        ]
        if rule == "stop" and doubtful:
            lines = [self._source.records[i].line for i in doubtful]
            why = _("has no topic: label it, or give --without-topic keep or drop")
            problems = [Problem(why, line) for line in lines]
            raise DataError(self._source.name, *problems)
        as_none = rule == "keep" or (rule is None and bool(shows_none(known, self._columns.topics)))
        if doubtful:
            note = (
                N_("rows without a topic have none of the topics: {number}; --without-topic keep or drop says which")
                if as_none
                else N_("rows without a topic are not labelled yet: {number}; --without-topic keep or drop says which")
            )
            self._notes.append(_(note, number=len(doubtful)))
        unlabelled = set() if as_none else {*doubtful}
        return [None if names is None or i in unlabelled else tuple(names) for i, names in enumerate(decided)]

    def _none(self, value: Any, values: Sequence[Any]) -> bool:
        """Return whether a value says that a text has none of the topics."""
        if isinstance(value, str):
            return is_none(value)
        if plain_name(str(self._columns.topics)) != _DOCCANO:
            return isinstance(value, list | dict)
        return any(other is None for other in values)

    def _entry(
        self, record: Record, text: str, topics: tuple[str, ...] | None, suggestion: tuple[str, ...] | None
    ) -> Entry:
        document = lookup(record.fields, self._columns.document) if self._columns.document else None
        paragraph = str(lookup(record.fields, self._columns.paragraph) if self._columns.paragraph else None)
        return Entry(
            text=text,
            topics=topics,
            document=str(document) if document not in (None, "") else None,
            paragraph=int(paragraph) if re.fullmatch(r"\d{1,9}", paragraph, re.ASCII) else None,
            suggestion=suggestion,
            probability=None if suggestion is None else read_probability(self._value(record, "probability")),
            model_version="" if suggestion is None else str(self._value(record, "model_version") or ""),
        )

    def _value(self, record: Record, role: str) -> Any:
        name = self._guess[role]
        return None if name is None else lookup(record.fields, name)

    def _tell_lost(self) -> None:
        used = {*self._columns.fields(), *self._guess.values()}
        lost = [name for name in self._names if name not in used]
        if lost:
            more = " …" if len(lost) > 10 else ""
            self._notes.append(
                _("columns that are not carried over: {columns}{more}", columns=joined(lost[:10]), more=more)
            )


# A name that no field has, as JSON and CSV have no lone surrogates.
_NO_FIELD = "\udfff"
_GUESS = {"suggestion": _SUGGESTION, "probability": _PROBABILITY, "model_version": _MODEL}


def _named(names: Sequence[str], known: Sequence[str]) -> str | None:
    by_plain_name = {plain_name(name): name for name in names}
    return next((by_plain_name[name] for name in known if name in by_plain_name), None)


def _says_unlabelled(value: Any) -> bool:
    return isinstance(value, str) and is_unlabelled(value)


def _suggested(value: Any, spelling: Spelling) -> tuple[str, ...] | None:
    """Return what was guessed; an empty cell is no guess."""
    if is_null(value) or (isinstance(value, str) and not is_none(value) and not value.strip()):
        return None
    return tuple(spelling.read(value))


def read_probability(value: Any) -> float | None:
    """Return a number in [0, 1], or None for anything else."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number <= 1 else None


def alike(one: Entry, other: Entry) -> bool:
    """Return whether two entries are the same but for the last digits of a probability."""
    if one.probability is None or other.probability is None:
        return one == other
    near = abs(one.probability - other.probability) < 1e-12
    return near and replace(one, probability=other.probability) == other
