"""labels.csv or JSON lines → examples."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import orjson

from tagger.errors import DataError, Problem
from tagger.records import Example
from tagger.text import decode, normalise

__all__ = ["read_labels", "read_unlabelled"]

# The names a column may have, the first being ours; people name their spreadsheets in their own words.
_TEXT = ("text", "文本", "正文", "内容")
_TOPICS = ("topics", "topic", "labels", "label", "标签", "主题", "类别", "分类")
_DOCUMENT = ("document", "group", "文档", "文章")
_PARAGRAPH = ("paragraph", "段落")

_DELIMITERS = ",\t;"
_ZIP = b"PK\x03\x04"
# A first line by which Excel is told the delimiter.
_SEPARATOR = re.compile(r"\"?sep=(.)\"?\r?\n?")
_JSON_LINES = frozenset([".jsonl", ".ndjson"])


@dataclass(frozen=True)
class _Record:
    """One row or JSON object, its fields by name and the physical line it starts on."""

    line: int
    fields: dict[str, Any]


def read_labels(path: str | Path, *, encoding: str | None = None) -> tuple[Example, ...]:
    """Read labelled paragraphs from CSV (comma, tab or semicolon) or JSON lines (.jsonl, .ndjson), in order.

    Columns: `text` (文本); `topics` (`topic`, `labels`, `label`, 标签), several joined by `|`, none where empty; and,
    where paragraphs of one article are to be kept together, `document` (or `group`, 文档). Others are ignored.

    Raises:
        DecodeError: when the file is no text.
        DataError: naming every line that is wrong, and what is wrong with it.
    """
    source = str(path)
    text = _read(path, encoding)
    problems: list[Problem] = []
    is_json = Path(path).suffix.lower() in _JSON_LINES
    records = _json_records(text, problems) if is_json else _csv_records(text, problems)
    try:
        with _any_field_size():
            examples = tuple(_examples(records, problems))
    except _UnusableError as error:
        raise DataError(source, Problem(str(error), error.line)) from None
    if problems:
        raise DataError(source, *problems)
    if not examples:
        raise DataError(source, Problem("holds no example: each line is one, with a text and its topics"))
    return examples


def read_unlabelled(path: str | Path) -> tuple[str, ...]:
    """Read the texts of JSON lines, in order; other fields, topics too, are passed over.

    Raises:
        DecodeError: when the file is no text.
        DataError: naming every line that is wrong, and what is wrong with it.
    """
    problems: list[Problem] = []
    texts: list[str] = []
    try:
        for record in _json_records(_read(path, None), problems):
            try:
                texts.append(_text(record))
            except _UnusableError as error:
                problems.append(Problem(str(error), record.line))
    except _UnusableError as error:
        raise DataError(str(path), Problem(str(error))) from None
    if problems:
        raise DataError(str(path), *problems)
    return tuple(texts)


def _read(path: str | Path, encoding: str | None) -> str:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DataError(str(path), Problem(f"cannot be read: {error.strerror}; check the path")) from error
    if data.startswith(_ZIP):
        raise DataError(str(path), Problem("is an Excel workbook: save it as CSV (UTF-8)"))
    return decode(data, source=str(path), encoding=encoding).removeprefix("\ufeff")


class _UnusableError(Exception):
    """What makes the rest of a file unreadable."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(message)


@contextmanager
def _any_field_size() -> Iterator[None]:
    """Lift csv's limit of 131,072 characters a field, which an article may pass; the limit is the process's."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _csv_records(text: str, problems: list[Problem]) -> Iterator[_Record]:
    if not text.strip():
        raise _UnusableError("is empty: write a header such as text,topics and an example on each line after it")
    first = text.lstrip("\r\n").split("\n", 1)[0]
    told = _SEPARATOR.fullmatch(first)
    delimiter = told[1] if told else max(_DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    line = 1
    try:
        for row in rows:
            start, line = line, rows.line_num + 1
            if not any(cell.strip() for cell in row) or (told and header is None and row[0].startswith("sep=")):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in row]
                _check_header(header, start)
            elif len(row) > len(header):
                quoted = f'put texts that hold "{delimiter}" in quotation marks'
                problems.append(Problem(f"has {len(row)} fields where the header has {len(header)}: {quoted}", start))
            else:
                # Some programs leave out the empty cells at the end of a row.
                yield _Record(start, dict(zip_longest(header, row, fillvalue="")))
    except csv.Error as error:
        raise _UnusableError(f"is no CSV: {error}; look for a quotation mark that is not closed", line) from error


def _check_header(header: Sequence[str], line: int) -> None:
    for names in (_TEXT, _TOPICS):
        if not set(names) & set(header):
            raise _UnusableError(
                f"has no column {names[0]!r}; found: {', '.join(map(repr, header))}; "
                f"name one of them {' or '.join(names)}",
                line,
            )
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        raise _UnusableError(f"has two columns {repeated[0]!r}: rename one", line)


def _json_records(text: str, problems: list[Problem]) -> Iterator[_Record]:
    if not text.strip():
        raise _UnusableError('is empty: write one {"text": …, "topics": […]} on each line')
    # JSON lines end at \n only: a string may hold U+2028 and other line ends that str.splitlines cuts at.
    for line, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        try:
            fields = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            problems.append(Problem(f"is no JSON: {error}", line))
            continue
        if isinstance(fields, dict):
            yield _Record(line, fields)
        else:
            problems.append(Problem('is no JSON object such as {"text": …, "topics": […]}', line))


def _examples(records: Iterable[_Record], problems: list[Problem]) -> Iterator[Example]:
    for record in records:
        try:
            text = _text(record)
            topics = _topics(record)
        except _UnusableError as error:
            problems.append(Problem(str(error), record.line))
            continue
        document = _first(record.fields, _DOCUMENT)
        paragraph = _first(record.fields, _PARAGRAPH)
        yield Example(
            text=text,
            topics=topics,
            document=str(document) if document not in (None, "") else None,
            paragraph=int(paragraph) if re.fullmatch(r"\d{1,9}", str(paragraph), re.ASCII) else None,
            line=record.line,
        )


def _text(record: _Record) -> str:
    text = _first(record.fields, _TEXT)
    if text is None:
        raise _UnusableError(f"has no field 'text'; found: {', '.join(map(repr, record.fields)) or 'none'}")
    if not isinstance(text, str):
        raise _UnusableError(f"the text is {text!r}: it must be a string")
    if not normalise(text).strip():
        raise _UnusableError("the text is empty: write the paragraph or delete the line")
    return text


def _topics(record: _Record) -> tuple[str, ...]:
    if not set(_TOPICS) & set(record.fields):
        raise _UnusableError(f"has no field 'topics'; found: {', '.join(map(repr, record.fields)) or 'none'}")
    value = _first(record.fields, _TOPICS)
    names = re.split(r"[|｜]", value) if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _UnusableError(f"the topics are {value!r}: they must be a list of strings, or a string parted by |")
    return tuple(sorted({name.strip() for name in names} - {""}))


def _first(fields: dict[str, Any], names: Sequence[str]) -> Any:
    return next((fields[name] for name in names if name in fields), None)
