"""JSON lines, arrays and objects over several lines → records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from tagger.formats.faults import explain_json, explain_json_line
from tagger.formats.records import Broken, Record, explain_bad_byte, readable
from tagger.messages import _
from tagger.text.decoding import find_encoding

__all__ = ["cut_objects", "lines_encoding", "read_json_lines", "read_json_values"]

_SPACE = " \t\r\n"
_BLOCK = 1 << 18
# The byte order marks of UTF-16.
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_decoder = json.JSONDecoder()
_NOT_A_NUMBER = re.compile(r"\b(?:NaN|Infinity)\b")
_LONG_NUMBER = re.compile(r"\d{19}")
# Line ends stand between the parts of JSON only, never in a string.
_LINE_ENDS = re.compile(r"[\r\n]+")


def read_json_lines(text: Any) -> Iterator[Record | Broken]:
    r"""Read the object of each line of open text; lines end at \n only, as a string may hold other line ends."""
    for line, raw in enumerate(text, start=1):
        if raw.strip():
            yield _read_object(line, raw.rstrip("\r\n"))


def lines_encoding(head: bytes) -> str:
    """Return the encoding of JSON lines: UTF-8, unless most lines that are not ASCII are no UTF-8.

    Lines come from many programs, and one that was spoilt does not make the others something else.
    """
    if head[:2] in _MARKS or b"\0" in head:
        return find_encoding(head, cut=True)
    lines = [line for line in head.split(b"\n") if not line.isascii()]
    whole = lines[:-1] or lines  # the last may end inside a character
    broken = sum(not _is_utf8(line) for line in whole)
    return find_encoding(head, cut=True) if broken > len(whole) / 2 else "utf-8"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def read_json_values(text: Any, limit: int) -> Iterator[Record | Broken]:
    """Read the objects of an array, or objects one behind the other, from open text; `limit` is their most characters.

    Behind what is no JSON nothing is read: where the next object would begin cannot be known.
    """
    number = 0
    for line, raw in cut_objects(text, limit):
        number = max(line, number + 1)  # of an array on one line, the number of the object
        yield raw if isinstance(raw, Broken) else _read_object(number, raw)


def cut_objects(text: Any, limit: int) -> Iterator[tuple[int, str | Broken]]:
    """Cut open text into the objects it holds, each on one line and else as it was written, with its line."""
    buffer, at, line, done = "", 0, 1, False
    while True:
        while at < len(buffer) and buffer[at] in _SPACE + "[],":
            line += buffer[at] == "\n"
            at += 1
        if at == len(buffer) and done:
            return
        try:
            end = _end_of_value(buffer, at, done=done)
        except (json.JSONDecodeError, RecursionError) as error:
            buffer, at = buffer[at:], 0
            if not done and len(buffer) <= limit:
                # Twice as much each time, so that a long object is not parsed again for every block.
                more = text.read(max(_BLOCK, len(buffer)))
                done = not more
                buffer += more
                continue
            yield line, _broken(line, buffer, error, limit, too_long=not done)
            return
        raw = buffer[at:end]
        yield line, _LINE_ENDS.sub(" ", raw)
        line += raw.count("\n")
        at = end


def _end_of_value(buffer: str, at: int, *, done: bool) -> int:
    """Return where the value that begins there ends.

    Raises:
        json.JSONDecodeError: when it is no JSON, or may go on behind what was read.
    """
    _, end = _decoder.raw_decode(buffer, at)
    if end == len(buffer) and not done and buffer[at] != "{":
        raise json.JSONDecodeError("the value may go on", buffer, end)
    return int(end)


def _broken(line: int, buffer: str, error: Exception, limit: int, *, too_long: bool) -> Broken:
    if too_long:
        reason = _("has more than {limit} characters", limit=limit)
    elif isinstance(error, json.JSONDecodeError):
        reason = _(
            "is no JSON: {fault} at line {line}; nothing behind it was read",
            fault=explain_json(error),
            line=line + error.lineno - 1,
        )
    else:
        reason = _("is nested too deeply to be read; nothing behind it was read")
    return Broken(line, reason, buffer[:1000])


def _read_with_nan(raw: str) -> Any:
    """Read JSON in which Python has written NaN or Infinity, which become null; None where it is no such thing."""
    if not _NOT_A_NUMBER.search(raw):
        return None
    try:
        fields = json.loads(raw, parse_constant=lambda _name: None)
        json.dumps(fields, ensure_ascii=False).encode("utf-8")  # no lone surrogates either
    except (ValueError, TypeError, RecursionError):
        return None
    return fields


def _read_object(line: int, raw: str) -> Record | Broken:
    if (bad := explain_bad_byte(raw)) is not None:
        return Broken(line, bad, readable(raw))
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        fields = _read_with_nan(raw)
        if fields is None:
            return Broken(line, _("is no JSON: {fault}", fault=explain_json_line(error)), raw)
        raw = json.dumps(fields, ensure_ascii=False)
    if isinstance(fields, dict):
        # orjson, which is stricter, reads whole numbers beyond 64 bits as floating point.
        return Record(line, json.loads(raw) if _LONG_NUMBER.search(raw) else fields, raw)
    return Broken(line, _('is no JSON object such as {{"text": …, "topics": […]}}'), raw)
