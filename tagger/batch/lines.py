"""JSON lines → tagged records, lines that cannot be tagged, and blank ones; none is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

import orjson

from tagger.batch.record import DEFAULT_FIELDS, Fields, tag_records
from tagger.formats.columns import likely_text
from tagger.formats.faults import explain_json_line
from tagger.formats.records import lookup
from tagger.messages import N_, _, joined
from tagger.tagger import Tagger
from tagger.text import normalise

__all__ = [
    "HEAD",
    "MAX_LINE_BYTES",
    "NO_RECORD",
    "Blank",
    "Rejected",
    "Tagged",
    "find_swelling",
    "number_line",
    "read_broken",
    "reject_long",
    "split_numbers",
    "tag_lines",
    "write_broken",
]

# A hundred times the longest article; anything longer is a file without line ends.
MAX_LINE_BYTES = 16 << 20
# Characters that one becomes at most when it is normalised: U+FDFA does.
_MOST_FOR_ONE = 18
# Characters or bytes that are kept of what is too long to be kept whole.
HEAD = 1000
# Bytes of lines tagged at once: larger batches are not faster once the tagger's own batches are full.
_BATCH = 1 << 20
NO_RECORD = N_("not a record")
# The first entry of a list that stands for a row that is no record.
_BROKEN = "\0broken"
_BROKEN_START = b'["\\u0000broken"'
_MARK = b"\xef\xbb\xbf"  # the byte order mark that Windows puts before UTF-8

# What separates the members of a JSON object that is known to be valid: strings, brackets and commas.
_PART = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],]', re.DOTALL)
_NOT_A_NUMBER = re.compile(r"-?(?:NaN|Infinity)")


class Tagged(NamedTuple):  # made twice as fast as a data class
    """A record and what it gained; `raw` is the record as it was, `line` its 1-based line, None for a text file."""

    line: int | None
    raw: bytes
    record: dict[str, Any]
    gained: dict[str, Any]

    def to_json(self) -> bytes:
        """Return the JSON line: the fields as they were, to the byte, and the gained ones behind them."""
        raw = self.raw.rstrip()
        if not self.gained.keys().isdisjoint(self.record):
            raw = _remove_members(raw, self.gained.keys())
        return b"%b,%b\n" % (raw[:-1], orjson.dumps(self.gained)[1:])


@dataclass(frozen=True, slots=True)
class Rejected:
    """What could not be tagged, and why.

    Attributes:
        category: the reason without its particulars, in English, by which what is rejected is counted.
        reason: the reason, as a sentence in the language used.
        line: the 1-based number of the line; None for a whole text file.
        raw: the line as it was; None for a text file.
    """

    category: str
    reason: str
    line: int | None = None
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Blank:
    """A line of white space, which holds no record."""

    line: int


def tag_lines(
    lines: Iterable[bytes],
    *,
    tagger: Tagger,
    fields: Fields = DEFAULT_FIELDS,
    first: int = 1,
    numbers: Iterable[int] | None = None,
    max_line_bytes: int = MAX_LINE_BYTES,
) -> Iterator[Tagged | Rejected | Blank]:
    r"""Tag the record of each JSON line, in order; one item for every line.

    `lines` are cut at `\n` bytes, as a file opened in binary mode yields them; `first` is the number of the first, and
    `numbers` are those of all of them where they do not follow each other. A record that has one of the fields it
    would gain is rejected, unless `fields.overwrite`.
    """
    for batch in _batches(zip(count(first) if numbers is None else numbers, lines, strict=False)):
        items = [_parse(line, raw, fields, max_line_bytes) for line, raw in batch]
        parsed = [item for item in items if isinstance(item, tuple)]
        gained = tag_records([record for _, _, record in parsed], tagger=tagger, fields=fields)
        for item in items:
            yield Tagged(*item, next(gained)) if isinstance(item, tuple) else item


def write_broken(reason: str, raw: str) -> bytes:
    """Return the line that stands for a row of a table that is no record; `read_broken` knows it again."""
    return orjson.dumps([_BROKEN, reason, raw.encode("utf-8", "replace").decode("utf-8")])


def read_broken(value: Any) -> tuple[str, str] | None:
    """Return why a row is no record, and what stands there; None for any other value of a line."""
    if isinstance(value, list) and len(value) == 3 and value[0] == _BROKEN:
        return str(value[1]), str(value[2])
    return None


def number_line(number: int, line: bytes) -> bytes:
    """Return a line of a table with its number in front."""
    return b"%d\t%b\n" % (number, line)


def split_numbers(lines: Iterable[bytes]) -> tuple[list[int], list[bytes]]:
    """Return the numbers of the lines of a table, and the lines without them."""
    parted = [line.split(b"\t", 1) for line in lines]
    return [int(number) for number, _ in parted], [line for _, line in parted]


def _batches(lines: Iterable[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    batch: list[tuple[int, bytes]] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line[1]) + 1
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _parse(line: int, raw: bytes, fields: Fields, limit: int) -> tuple[int, bytes, dict[str, Any]] | Rejected | Blank:
    if line == 1:
        raw = raw.removeprefix(_MARK)
    if not raw or raw.isspace():
        return Blank(line)
    if len(raw) > limit and len(raw.removesuffix(b"\n")) > limit and not raw.startswith(_BROKEN_START):
        return reject_long(limit, line, raw)
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Rejected(*_explain_broken(raw, error), line, raw)
    if not isinstance(record, dict):
        return _reject_value(line, raw, record)
    if (wrong := _find_wrong(record, fields) or find_swelling(lookup(record, fields.text), limit)) is not None:
        return Rejected(*wrong, line, raw)
    return line, raw, record


def _reject_value(line: int, raw: bytes, value: Any) -> Rejected:
    broken = read_broken(value)
    if broken is not None:
        return Rejected(NO_RECORD, broken[0], line, broken[1].encode("utf-8"))
    return Rejected(N_("not a JSON object"), _("not a JSON object"), line, raw)


def reject_long(limit: int, line: int, raw: bytes) -> Rejected:
    """Reject a line that is longer than a limit in bytes."""
    reason = _("has more than {limit} bytes: see --max-line-bytes", limit=limit)
    return Rejected(N_("line too long"), reason, line, raw)


def _explain_broken(raw: bytes, error: orjson.JSONDecodeError) -> tuple[str, str]:
    """Return category and reason for a line that is not JSON, more plainly than the parser says it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        at = wrong.start
        return N_("not UTF-8"), _("not UTF-8: byte {byte:#04x} at offset {offset}", byte=raw[at], offset=at)
    if _NOT_A_NUMBER.match(text, error.pos):
        reason = _("not JSON: it has no NaN and no infinity, at offset {offset}; write null", offset=error.pos)
    else:
        reason = _("not JSON: {error}", error=explain_json_line(error))
    return N_("broken JSON"), reason


def _find_wrong(record: Mapping[str, Any], fields: Fields) -> tuple[str, str] | None:
    """Return category and reason for a record that cannot be tagged, or None where it can."""
    text = lookup(record, fields.text)
    if not isinstance(text, str):
        if text is not None or fields.text in record:
            return (N_("text is not a string"), _("field {field!r} is not a string", field=fields.text))
        found = joined(record) or _("none")
        reason = _("no field {field!r}; found: {found}", field=fields.text, found=found)
        if likely := likely_text(record):
            reason = _("{wrong}; --text-field {field} reads that one", wrong=reason, field=likely)
        return (N_("no text"), reason)
    if fields.title is not None and not isinstance(lookup(record, fields.title), str | None):
        return (N_("text is not a string"), _("field {field!r} is not a string", field=fields.title))
    if not fields.overwrite and not fields.gained.isdisjoint(record):
        clash = min(fields.gained & record.keys())
        reason = _("has a field {field!r} already: give --overwrite to replace it", field=clash)
        return (N_("field taken"), reason)
    return None


def find_swelling(text: str, limit: int) -> tuple[str, str] | None:
    """Return category and reason for a text that becomes more characters than the limit when it is normalised.

    One sign may stand for a whole phrase: 8 MB of U+FDFA become 48 million characters, and gigabytes of arrays.
    """
    if len(text) * _MOST_FOR_ONE <= limit:
        return None
    size = sum(number * len(normalise(sign)) for sign, number in Counter(text).items())
    if size <= limit:
        return None
    reason = _("the text becomes {size} characters when it is normalised: see --max-line-bytes", size=size)
    return N_("text too long"), reason


def _remove_members(raw: bytes, names: Iterable[str]) -> bytes:
    """Cut members out of a valid JSON object and leave the others as they are, to the byte.

    Parsed and written again, numbers with many digits and deep nesting would not come out as they went in.
    """
    names = frozenset(names)
    kept, depth, start, name = [], 0, 0, None
    for part in _PART.finditer(raw):
        mark = part.group()
        if depth == 1 and name is None and mark[:1] == b'"':
            name = orjson.loads(mark)
        elif depth == 1 and mark in b",}":
            if name not in names:
                kept.append(raw[start : part.start()])
            start, name = part.end(), None
        if mark in (b"{", b"["):
            depth += 1
            start = part.end() if depth == 1 else start
        elif mark in (b"}", b"]"):
            depth -= 1
    return b"{" + b",".join(kept) + b"}"
