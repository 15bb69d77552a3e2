"""Labels of any form → examples, and what was read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tagger.dataset.cells import (
    find_separators,
    is_no_text,
    is_null,
    is_unlabelled,
    list_names,
    one_spelling,
    split_names,
)
from tagger.dataset.columns import Columns, choose_columns
from tagger.dataset.options import LabelOptions
from tagger.dataset.reading import Passed, Reading
from tagger.dataset.sources import LabelSource, read_label_source
from tagger.errors import DataError, Problem
from tagger.formats import Record
from tagger.formats.columns import plain_name
from tagger.formats.records import lookup
from tagger.messages import N_, _, _n, joined
from tagger.records import Example
from tagger.text import normalise
from tagger.text.markup import read_markup

__all__ = ["Labels", "read_labels", "shows_none"]

# A share of rows without a topic from which they are no oversight, where the column is ours and says that it may be so.
_MANY = 0.1
# Lines kept of each kind of row that is passed over.
_LINES = 20
# What UTF-8 looks like that was read as GB18030 or Latin-1, and GB18030 that went through UTF-8 with losses.
_MOJIBAKE = re.compile("锟斤拷|烫烫烫|屯屯屯|鐨勬|锛屾|銆傛|[ÃÂ][\u0080-\u00bf]{1,2}|[çåäæ][\u0080-\u00bf–-›]{1,2}")
# What a spreadsheet makes of 1-2 and 3/4.
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d( 00:00:00)?|\d{1,2}月\d{1,2}日|\d{1,2}-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
)
# 反诈（待复核）, 反诈?
_REMARK = re.compile(r"(.+?)\s*(?:[（(\[【].*[）)\]】]|[?？*！!]+)")
_SHOWN = 5
# Names, from which on few of them are hardly the topics where most are different.
_MANY_NAMES = 20
# Reasons are said of several rows; `Passed.kind` says them of one.
_SEVERAL = 2
_SEMICOLON, _SPACE = N_("{first}; {second}"), N_("{first} {second}")
_SPACES = re.compile(r"[ \t\r\n\u2029\xa0]+")


@dataclass(frozen=True)
class Labels:
    """Examples in order, what was read, and what is wrong with the file."""

    examples: tuple[Example, ...]
    reading: Reading
    problems: tuple[Problem, ...] = ()


def read_labels(labels: Any, options: LabelOptions | None = None, *, data: bytes | None = None) -> Labels:
    """Read labels of any form: a file, a folder for each topic, a data frame, records or pairs in memory.

    With `data`, those bytes are what the file named `labels` holds, and it is not opened.

    Raises:
        DecodeError: when a file is no text.
        DataError: when it cannot be read, or its columns cannot be told.
    """
    options = options or LabelOptions()
    wanted = (options.text_field, options.topics_field, options.document_field)
    source = read_label_source(labels, options, wanted, data=data)
    if not source.records:
        problems = [Problem(broken.reason, broken.line) for broken in source.broken]
        raise DataError(
            source.name,
            *problems or [Problem(_("holds no example: write a header such as text,topics and rows under it"))],
            *(Problem(note) for note in source.notes if source.sheet),
        )
    return _Reader(source, choose_columns(source, options), options).read()


@dataclass(frozen=True)
class _Row:
    """A row with a text: the names of its topics are split, but not yet in one spelling."""

    record: Record
    text: str
    names: tuple[str, ...]


class _Reader:
    def __init__(self, source: LabelSource, columns: Columns, options: LabelOptions) -> None:
        self._source = source
        self._columns = columns
        self._options = options
        self._problems = [Problem(broken.reason, broken.line) for broken in source.broken]
        self._passed: dict[str, list[int]] = defaultdict(list)
        self._notes = [*source.notes, *columns.notes]
        self._warnings: list[str] = []
        self._has_markup = False
        for record in source.older:
            self._passed[_n("older annotation of a task", "older annotations of a task", _SEVERAL)].append(record.line)

    def read(self) -> Labels:
        rows = [*self._rows()]
        names = self._spell(rows)
        rows = self._decide_without_topic([replace(row, names=given) for row, given in zip(rows, names, strict=True)])
        examples = [self._example(row) for row in rows]
        if self._options.several:
            examples = self._merge(examples)
        self._look_at(rows)
        reading = Reading(
            file=self._source.name,
            form=self._source.about,
            encoding=self._source.encoding,
            columns=self._columns.by_role(),
            rows=len(self._source.records) + len(self._source.broken) + len(self._source.older),
            passed=tuple(Passed(why, len(lines), tuple(lines[:_LINES])) for why, lines in self._passed.items()),
            notes=tuple(self._notes),
            warnings=tuple(self._warnings),
        )
        return Labels(tuple(examples), reading, tuple(self._problems))

    def _rows(self) -> Iterator[_Row]:
        """Yield the rows that have a text, with the names of their topics as they are spelt."""
        cells = [(record, self._cell(record)) for record in self._source.records]
        strings = [cell for _, cell in cells if isinstance(cell, str)]
        given = self._options.separator
        separators = (given,) if given is not None else find_separators(strings)
        split = [cell for cell in strings if len(split_names(cell, separators)) > 1]
        if separators and split:
            self._notes.append(
                _(
                    "cells such as {cell!r} hold several topics, parted by {signs}; --separator chooses",
                    cell=split[0],
                    signs=joined((_("space") if sign == " " else sign for sign in separators), _SPACE),
                )
            )
        for record, cell in cells:
            if self._is_header_line(record):
                self._passed[_n("header line among the rows", "header lines among the rows", _SEVERAL)].append(
                    record.line
                )
                continue
            text = self._text(record)
            if text is None or cell is None:
                continue
            if _is_unlabelled(self._columns.topics_of(record)) and self._options.without_topic != "keep":
                self._passed[_n("row that nobody has labelled", "rows that nobody has labelled", _SEVERAL)].append(
                    record.line
                )
                continue
            names = split_names(cell, separators) if isinstance(cell, str) else cell
            yield _Row(record, text, tuple(dict.fromkeys(names)))

    def _cell(self, record: Record) -> str | list[str] | None:
        """Return the string that stands for topics, or the names if it is a list; None where it is neither."""
        value = self._columns.topics_of(record)
        try:
            names = list_names(value)
        except ValueError as error:
            self._problems.append(Problem(error.args[0], record.line))
            return None
        return str(value) if names is None else names

    def _text(self, record: Record) -> str | None:
        value = lookup(record.fields, self._columns.text)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, int | float) and not isinstance(value, bool) and value == value:  # noqa: PLR0124 - NaN differs from itself
            value = str(value)
        is_blank = isinstance(value, str) and (not normalise(value).strip() or is_no_text(value))
        if value is None or isinstance(value, float) or is_blank:
            if self._columns.text not in record.fields and "." not in self._columns.text:
                what = _(
                    "has no field {field!r}; found: {found}",
                    field=self._columns.text,
                    found=joined(map(repr, record.fields)) or _("none"),
                )
                self._problems.append(Problem(what, record.line))
            else:
                self._passed[_n("row without a text", "rows without a text", _SEVERAL)].append(record.line)
            return None
        if not isinstance(value, str):
            what = _("the text is {text!r:.60}: it must be a string", text=value)
            self._problems.append(Problem(what, record.line))
            return None
        page = read_markup(value)
        if page is None:
            return value
        if not self._has_markup:
            self._has_markup = True
            self._notes.append(
                _(
                    "texts hold tags of HTML, from line {line} on: they are read as a browser shows them",
                    line=record.line,
                )
            )
        text = _SPACES.sub(" ", page.text).strip()
        if not text:
            self._passed[_n("row without a text", "rows without a text", _SEVERAL)].append(record.line)
        return text or None

    def _is_header_line(self, record: Record) -> bool:
        text, topics = self._columns.text, self._columns.topics
        if not self._source.has_header or topics is None:
            return False
        found = (record.fields.get(text), record.fields.get(topics))
        return all(
            isinstance(v, str) and plain_name(v) == plain_name(n) for v, n in zip(found, (text, topics), strict=True)
        )

    def _spell(self, rows: Sequence[_Row]) -> list[tuple[str, ...]]:
        """Return the names of each row, each name in one spelling, and numbers by the names they stand for."""
        spelling = one_spelling(name for row in rows for name in row.names)
        if variants := _variants(spelling):
            self._notes.append(
                _("names that differ only by case, width, spaces or .0 are one topic: {variants}", variants=variants)
            )
        names = set(spelling.values())
        classes = self._source.classes
        if classes and names and all(name.isdecimal() and int(name) < len(classes) for name in names):
            spelling = {name: classes[int(number)] for name, number in spelling.items()}
            self._notes.append(
                _(
                    "numbers of topics are lines of the list of classes beside the file, 0 being {name!r}",
                    name=classes[0],
                )
            )
        return [tuple(sorted({spelling[name] for name in row.names})) for row in rows]

    def _decide_without_topic(self, rows: list[_Row]) -> list[_Row]:
        """Keep rows without a topic as texts about none of them, or pass them over, and say which."""
        empty = [row for row in rows if not row.names]
        if not empty:
            return rows
        lines = [row.record.line for row in empty]
        rule = self._options.without_topic
        if rule == "stop" or (rule is None and self._options.strict):
            what = _("has no topic: label it, or give --without-topic keep or drop")
            self._problems += [Problem(what, line) for line in lines]
            return rows
        why = _("as asked for") if rule == "keep" else shows_none([row.names for row in rows], self._columns.topics)
        if rule == "keep" or (rule is None and why):
            rows_empty = _n("{n} row", "{n} rows", len(empty))
            self._notes.append(
                _("{rows} without a topic teach that a text may have none, {why}", rows=rows_empty, why=why)
            )
            return rows
        self._passed[_n("row without a topic", "rows without a topic", _SEVERAL)] = lines
        if len(empty) > len(rows) / 2:
            is_workbook = self._source.form == "workbook"
            remedy = _("give --fill-merged") if is_workbook else _("unmerge and fill them")
            self._warnings.append(
                _(
                    "{empty} of {number} rows have no topic: if cells were merged in Excel, {remedy}",
                    empty=len(empty),
                    number=len(rows),
                    remedy=remedy,
                )
            )
        elif rule is None:
            self._notes.append(_("if rows without a topic are about none of the topics, say so: --without-topic keep"))
        return [row for row in rows if row.names]

    def _example(self, row: _Row) -> Example:
        document = lookup(row.record.fields, self._columns.document) if self._columns.document else None
        paragraph = lookup(row.record.fields, self._columns.paragraph) if self._columns.paragraph else None
        return Example(
            text=row.text,
            topics=row.names,
            document=str(document) if document not in (None, "") else None,
            paragraph=int(str(paragraph)) if re.fullmatch(r"\d{1,9}", str(paragraph), re.ASCII) else None,
            line=row.record.line,
        )

    def _merge(self, examples: Sequence[Example]) -> list[Example]:
        """Put rows of one text together into one with all their topics."""
        merged: dict[tuple[str | None, str], Example] = {}
        for example in examples:
            key = example.document, normalise(example.text).strip()
            first = merged.setdefault(key, example)
            merged[key] = replace(first, topics=tuple(sorted({*first.topics, *example.topics})))
        if len(merged) < len(examples):
            self._notes.append(
                _(
                    "{rows} rows are {texts} texts: topics of one text are put together",
                    rows=len(examples),
                    texts=len(merged),
                )
            )
        return [*merged.values()]

    def _look_at(self, rows: Sequence[_Row]) -> None:
        """Warn of texts that stand for topics, that were spoilt before they were written, and of replaced bytes."""
        names = [name for row in rows for name in row.names]
        if 2 * len(set(names)) > len(names) > 2 and (
            len(names) >= _MANY_NAMES or _mean(names) > _mean([row.text for row in rows])
        ):
            self._warnings.append(
                _(
                    "nearly every text has a topic of its own, such as {name!r:.40}: are these the topics?",
                    name=names[0],
                )
            )
        wordless = [row.record.line for row in rows if not any(map(str.isalpha, row.text))]
        if 2 * len(wordless) > len(rows):
            what = _n(
                "no word, but signs or digits: {n} text", "no word, but signs or digits: {n} texts", len(wordless)
            )
            self._warn(what, wordless)
        topics = dict.fromkeys(names)
        dates = [name for name in topics if _DATE.fullmatch(name)]
        if dates:
            self._warnings.append(
                _(
                    "topics such as {name!r} are dates: a spreadsheet makes them of 1-2, unless cells are text",
                    name=dates[0],
                )
            )
        remarks = [name for name in topics if (plain := _REMARK.fullmatch(name)) and plain[1] in topics]
        if remarks:
            shown = joined(map(repr, remarks[:_SHOWN]))
            self._warnings.append(
                _(
                    "topics of their own, as a remark stands behind the name: {names}; take out what is none",
                    names=shown,
                )
            )
        spoilt = [row.record.line for row in rows if _MOJIBAKE.search(row.text)]
        if spoilt:
            what = _n(
                "read in a wrong encoding before, by the looks: {n} text",
                "read in a wrong encoding before, by the looks: {n} texts",
                len(spoilt),
            )
            self._warn(what, spoilt)
        replaced = [row.record.line for row in rows if "\ufffd" in row.text]
        if replaced:
            what = _n(
                "U+FFFD where bytes were replaced: {n} text",
                "U+FFFD where bytes were replaced: {n} texts",
                len(replaced),
            )
            self._warn(what, replaced)

    def _warn(self, what: str, lines: Sequence[int]) -> None:
        self._warnings.append(_("{what} (first on line {line})", what=what, line=lines[0]))


def shows_none(rows: Sequence[Sequence[str]], column: str | None) -> str:
    """Return what in the topics of all rows shows that a text may have none; empty where nothing does.

    `column` is the name of the field that holds them.
    """
    if any(len(names) > 1 for names in rows):
        return _("as other rows have several")
    if len({name for names in rows for name in names}) == 1:
        return _("as there is one topic only")
    empty = sum(not names for names in rows)
    if column is not None and plain_name(column) == "topics" and empty >= max(2, _MANY * len(rows)):
        return _("as the column is named topics and many rows have none")
    return ""


def _mean(texts: Sequence[str]) -> float:
    return sum(map(len, texts)) / len(texts)


def _is_unlabelled(value: Any) -> bool:
    return is_null(value) or (isinstance(value, str) and is_unlabelled(value))


def _variants(spelling: dict[str, str]) -> str:
    """Return the names that are written in several ways, with those that are not used."""
    others: dict[str, list[str]] = defaultdict(list)
    for name, chosen in spelling.items():
        if name != chosen:
            others[chosen].append(name)
    return joined(
        (
            _("{name} (also {others})", name=chosen, others=joined(map(repr, names)))
            for chosen, names in [*others.items()][:5]
        ),
        _SEMICOLON,
    )
