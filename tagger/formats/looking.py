"""The first bytes of a file → what it is."""

from __future__ import annotations

import ast
import json
import re

import orjson

from tagger.errors import DataError, Problem
from tagger.formats.columns import KNOWN_NAMES, plain_name
from tagger.formats.delimited import find_dialect
from tagger.formats.opening import STANDARD_INPUT, Stream, ending_of, is_archive_of_workbook
from tagger.formats.options import BINARY, FileOptions, Form
from tagger.messages import _
from tagger.text.decoding import check_text, decode, find_encoding

__all__ = ["find_form", "head_text"]

_PARQUET, _ARROW, _OLD_OFFICE, _PDF = b"PAR1", b"ARROW1", b"\xd0\xcf\x11\xe0", b"%PDF"
_ARROW_STREAM = b"\xff\xff\xff\xff"
_TABLES = frozenset([".csv", ".tsv", ".tab", ".psv"])
_JSON_LINES = frozenset([".jsonl", ".ndjson", ".jl", ".jsonlines"])
_FASTTEXT = re.compile(r"(^|\s)__label__\S")
_WORD = frozenset([".doc", ".dot", ".wps"])
# Sheets by their names; many programs write HTML, or a table parted by tabs, under these.
_BOOKS = frozenset([".xls", ".xlsx", ".et"])
_RTF = b"{\\rtf"
# The head of a mail, or of a page with its pictures (MHT), whose text is not written as it is read.
_ENCODED_MAIL = re.compile(rb"\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}", re.ASCII)
_ENCODED = re.compile(rb"^content-transfer-encoding:\s*(?:base64|quoted-printable)", re.IGNORECASE | re.MULTILINE)
_decoder = json.JSONDecoder()


def find_form(stream: Stream, options: FileOptions, *, articles: bool) -> Form:
    """Return what an open file is, by its first bytes, and by its ending where they do not tell.

    `articles` says that text without any structure is one article; otherwise it is a table without a header.

    Raises:
        DataError: when it is something that holds no text, or that only another program can read.
    """
    form = options.form or _find_form(stream, options, articles=articles)
    if form not in BINARY:
        check_text(stream.peek(), source=stream.name, encoding=options.encoding)
    return form


def _find_form(stream: Stream, options: FileOptions, *, articles: bool) -> Form:
    head = stream.peek()
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith((_ARROW, _ARROW_STREAM)):
        return "arrow"
    ending = ending_of(stream.name)
    if is_archive_of_workbook(head) or (head.startswith(_OLD_OFFICE) and ending not in _WORD):
        return "workbook"
    if head.startswith((_PDF, _OLD_OFFICE)):
        is_pdf = head.startswith(_PDF)
        what = _("is a PDF: save its text as .txt") if is_pdf else _("is a document of Word: save its text as .txt")
        raise DataError(stream.name, Problem(what))
    _refuse_other_texts(head, ending, stream.name)
    if articles and ending not in _TABLES | _JSON_LINES | _BOOKS and not _may_be_records(head, stream.name):
        return "text"
    return _form_of_text(head_text(stream, options), ending, stream.name, articles=articles)


def _refuse_other_texts(head: bytes, ending: str, name: str) -> None:
    """Refuse what could be read as text, but is something else written in it.

    Raises:
        DataError: when it is such a thing, with how to get text of it.
    """
    what = None
    if head.startswith(_RTF):
        what = _("is a document of RTF: save its text as .txt")
    elif _ENCODED_MAIL.match(head) and _ENCODED.search(head):
        what = _("is a mail or a saved page whose text is encoded: open it, and save its text as .txt")
    elif ending in _BOOKS and head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        what = _("is a page of HTML under the name of a workbook: open it in Excel, and save it as .xlsx")
    if what is not None:
        raise DataError(name, Problem(what))


def _may_be_records(head: bytes, name: str) -> bool:
    """Return whether a file that may be one article could be records; most are told without decoding them."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return (
        start in (b"{", b"[", b"") or head[:1] in (b"\xff", b"\xfe") or b"__label__" in head or name == STANDARD_INPUT
    )


def head_text(stream: Stream, options: FileOptions) -> str:
    """Return the beginning of an open file as text; what is no text there is U+FFFD."""
    head = stream.peek()
    encoding = options.encoding or find_encoding(head, cut=True)
    text = decode(head, source=stream.name, encoding=encoding, errors="replace")
    return text.removeprefix("\ufeff")


def _form_of_text(text: str, ending: str, name: str, *, articles: bool) -> Form:
    start = text.lstrip()
    if start.startswith(("{'", "[{'")) and _is_of_python(start.partition("\n")[0].strip()):
        what = _("is written as Python prints its objects, which is no JSON: write json.dumps of each on a line")
        raise DataError(name, Problem(what, 1))
    if start.startswith("{") and (form := _form_of_objects(start)):
        return form
    if re.match(r"\[\s*[{\]]", start) and (ending == ".json" or _begins_value(start)):
        return "json"
    if ending in _JSON_LINES or ending == ".json":
        return "jsonl" if ending in _JSON_LINES else "json"
    lines = [line for line in text.split("\n")[:50] if line.strip()]
    if ending not in _TABLES and lines and sum(bool(_FASTTEXT.search(line)) for line in lines) > len(lines) / 2:
        return "fasttext"
    if ending in _TABLES | _BOOKS or not articles:
        return "csv"
    return "csv" if name == STANDARD_INPUT and _has_header(text) else "text"


def _has_header(text: str) -> bool:
    """Return whether text begins like a table: a first line of several names, one of them known, and rows as wide."""
    dialect = find_dialect(text, None, cut=True)
    rows = [line.split(dialect.delimiter) for line in text.splitlines()[:3]]
    names = {plain_name(cell) for cell in rows[0]} if rows else set()
    return len(rows) > 1 and len(rows[0]) > 1 and not names.isdisjoint(KNOWN_NAMES) and len(rows[1]) >= len(rows[0])


def _form_of_objects(start: str) -> Form | None:
    """Return whether text that begins with a brace is JSON lines, objects over several lines, or neither."""
    first, end, _ = start.partition("\n")
    if not end:
        return "jsonl" if _is_object(first) or _is_cut(first) else None
    # The first line may be the one that is broken.
    closed = first.rstrip()[-1:] not in "{[,:" and any(map(_is_object, start.split("\n")[1:20]))
    if closed or _is_object(first):
        return "jsonl"
    return "json" if _begins_value(start) else None


def _is_of_python(line: str) -> bool:
    try:
        return isinstance(ast.literal_eval(line), dict | list)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False


def _is_object(line: str) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _is_cut(line: str) -> bool:
    """Return whether a line begins an object whose end lies beyond what was looked at."""
    return re.match(r'\{\s*"(?:[^"\\]|\\.)*"\s*:', line) is not None


def _begins_value(text: str) -> bool:
    """Return whether text begins with a JSON value, or with as much of one as there is."""
    try:
        _decoder.raw_decode(text)
    except RecursionError:
        return True
    except json.JSONDecodeError as error:
        return error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg
    return True
