"""A chunk of input → the bytes to write: what a worker process does, and one process alone as well."""

from __future__ import annotations

import base64
import gzip
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import orjson

from tagger.batch.counts import Counts
from tagger.batch.lines import (
    HEAD,
    NO_RECORD,
    Blank,
    Rejected,
    Tagged,
    find_swelling,
    reject_long,
    split_numbers,
    tag_lines,
)
from tagger.batch.options import RunOptions
from tagger.batch.record import DEFAULT_FIELDS, Fields, tag_records
from tagger.batch.tables import find_long_cell
from tagger.errors import DataError
from tagger.formats.opening import zstandard
from tagger.messages import N_, _, english
from tagger.tagger import Tagger
from tagger.text import decode, looks_traditional

__all__ = [
    "Chunk",
    "Compression",
    "Done",
    "Lines",
    "LongLine",
    "Pause",
    "TextFile",
    "Texts",
    "UnreadableFile",
    "Work",
    "compress",
    "spell_name",
    "tag_chunk",
]

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")

Compression = Literal["", "gz", "zst"]


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole JSON lines of one input, each with its end, but perhaps the last; `first` is the number of the first.

    The lines of a table have their own numbers in front, with a tab, as a row may go over several lines of the file.
    Plain ones are no JSON but the texts themselves. `broken` says why lines are no records, by their numbers; the data
    says it as well, but in English.
    """

    first: int
    data: bytes
    numbered: bool = False
    plain: bool = False
    broken: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LongLine:
    """The head of a line that is too long to be kept whole, with its number and its length in bytes."""

    number: int
    head: bytes
    length: int


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file as it was read."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A text file that could not be read, and why; the reason does not name it."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Text files, each of them an article."""

    files: tuple[TextFile | UnreadableFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A stretch of input, and where in the inputs it ends.

    Attributes:
        source: the name of the input, as the user gave it; of text files, that of the first.
        content: what is to be tagged.
        text_field: the name of the field that holds the text, in this input.
        number: 1 for the first chunk of a run, 2 for the next.
        digest: of all bytes read up to the end of this chunk.
        position: where in the inputs it ends, in bytes as they are stored.
    """

    source: str
    content: Lines | LongLine | Texts
    text_field: str = DEFAULT_FIELDS.text
    number: int
    digest: str
    position: int

    def looks_traditional(self) -> bool:
        """Tell whether its first text is in traditional characters."""
        match self.content:
            case Lines(data=data) | Texts(files=(TextFile(data=data), *_)):
                head = decode(data[:HEAD], source=self.source, errors="replace")
                if "\ufffd" in head[:-1]:  # no text, or another encoding
                    return False
                return looks_traditional(_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), head))
        return False


class Pause:
    """Comes among chunks where the input pauses: whoever waits should see what was tagged so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker needs to know to tag chunks: the same for all chunks of a run.

    `workbook` says that the lines become one, whose cells hold only so much.
    """

    fields: Fields = DEFAULT_FIELDS
    options: RunOptions = field(default_factory=RunOptions)
    compression: Compression = ""
    workbook: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What a chunk became: the bytes to write, and the counts.

    Attributes:
        output: JSON lines, compressed as the work says.
        rejects: JSON lines for what could not be tagged, each with `file`, `line` and `reason`, which is in English.
        counts: what became of the lines.
        numbers: the line numbers of the records in `output`; None for a text file.
        reasons: those of `rejects` for people, without the name of the file.
    """

    output: bytes
    rejects: bytes
    counts: Counts
    numbers: tuple[int | None, ...] = ()
    reasons: tuple[str, ...] = ()


def tag_chunk(chunk: Chunk, *, tagger: Tagger, work: Work) -> Done:
    """Tag a chunk. With `strict`, nothing is tagged behind a line that cannot be."""
    output: list[bytes] = []
    numbers: list[int | None] = []
    rejects: list[bytes] = []
    told: list[str] = []
    seen: dict[str, str] = {}
    combinations: Counter[tuple[str, ...]] = Counter()
    reasons: Counter[str] = Counter()
    blank = 0
    for source, found in _items(chunk, tagger, work):
        line = found.to_json() if isinstance(found, Tagged) else b""
        item = _reject_long_cell(found, line) if work.workbook and isinstance(found, Tagged) else found
        if isinstance(item, Tagged):
            output.append(line)
            numbers.append(item.line)
            combinations[tuple(work.fields.topics_of(item.gained))] += 1
        elif isinstance(item, Rejected):
            rejects.append(_reject_line(chunk, source, item, work.options.max_line_bytes))
            # One of equal reasons, as a chunk may hold hundreds of thousands.
            told.append(seen.setdefault(item.reason, item.reason))
            reasons[item.category] += 1
            if work.options.strict:
                break
        else:
            blank += 1
    lines = len(output) + len(rejects) + blank
    counts = Counts(lines, len(output), len(rejects), blank, _count_topics(combinations), dict(reasons))
    return Done(compress(b"".join(output), work.compression), b"".join(rejects), counts, tuple(numbers), tuple(told))


def _reject_long_cell(item: Tagged, line: bytes) -> Tagged | Rejected:
    """Reject what a workbook cannot hold: a record as its line, and a text file by its name."""
    reason = find_long_cell(line)
    if reason is None:
        return item
    if item.line is None:
        return Rejected(N_("cell too long"), reason)
    return Rejected(N_("cell too long"), reason, item.line, item.raw)


def compress(data: bytes, compression: Compression, *, even_empty: bool = False) -> bytes:
    """Compress to one complete gzip member or zstd frame, so that any prefix of the concatenation is a valid file."""
    if not compression or not (data or even_empty):
        return data
    if compression == "gz":
        return gzip.compress(data, mtime=0)  # without the time of day, the same bytes on every run
    return bytes(zstandard().compress(data))


def spell_name(name: str) -> str:
    """Spell a file name so that it can be written to JSON, though it may not be UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


def _items(chunk: Chunk, tagger: Tagger, work: Work) -> Iterator[tuple[str, Tagged | Rejected | Blank]]:
    """Yield what became of each line or text file, with the name of its file."""
    content, limit = chunk.content, work.options.max_line_bytes
    if isinstance(content, Texts):
        yield from _text_items(content, tagger, work)
    elif isinstance(content, LongLine):
        yield chunk.source, reject_long(limit, content.number, content.head)
    else:
        lines = content.data.removesuffix(b"\n").split(b"\n")
        if content.plain:
            lines = [_as_record(line, chunk.text_field) for line in lines]
        how: dict[str, Any] = {"first": content.first}
        if content.numbered:
            numbers, lines = split_numbers(lines)
            how = {"numbers": numbers}
        fields = work.fields if chunk.text_field == work.fields.text else replace(work.fields, text=chunk.text_field)
        items = tag_lines(lines, tagger=tagger, fields=fields, max_line_bytes=limit, **how)
        yield from ((chunk.source, _in_other_languages(item, content.broken)) for item in items)


def _in_other_languages(item: Tagged | Rejected | Blank, broken: Mapping[int, str]) -> Tagged | Rejected | Blank:
    """Return an item; if it is no record, with the reason that whoever read it has given."""
    if isinstance(item, Rejected) and item.category == NO_RECORD and item.line is not None:
        return replace(item, reason=broken.get(item.line, item.reason))
    return item


def _as_record(line: bytes, field: str) -> bytes:
    """Return a line of text as a line of JSON; what is no UTF-8 stays as it is, to be rejected."""
    try:
        text = line.decode("utf-8").removeprefix("\ufeff").rstrip("\r")
    except UnicodeDecodeError:
        return line
    return orjson.dumps({field: text}) if text.strip() else b""


def _text_items(texts: Texts, tagger: Tagger, work: Work) -> Iterator[tuple[str, Tagged | Rejected]]:
    decoded = [_decode(file, work.options) for file in texts.files]
    records = [{work.fields.text: text} for text in decoded if isinstance(text, str)]
    gained = tag_records(records, tagger=tagger, fields=work.fields)
    for file, text in zip(texts.files, decoded, strict=True):
        if isinstance(text, Rejected):
            yield file.name, text
        else:
            record = {"file": spell_name(file.name)}
            yield file.name, Tagged(None, orjson.dumps(record), record, next(gained))


def _decode(file: TextFile | UnreadableFile, options: RunOptions) -> str | Rejected:
    if isinstance(file, UnreadableFile):
        return Rejected(N_("unreadable file"), file.reason)
    if len(file.data) > options.max_line_bytes:
        reason = _("has more than {limit} bytes: see --max-line-bytes", limit=options.max_line_bytes)
        return Rejected(N_("file too long"), reason)
    try:
        text = decode(file.data, source=file.name, encoding=options.encoding, errors=options.errors)
    except DataError as error:
        return Rejected(N_("unreadable file"), error.problems[0].message)
    swelling = find_swelling(text, options.max_line_bytes)
    return text if swelling is None else Rejected(*swelling)


def _count_topics(combinations: Counter[tuple[str, ...]]) -> dict[str, int]:
    topics: Counter[str] = Counter()
    for combination, number in combinations.items():
        topics.update(dict.fromkeys(combination, number))
    return dict(topics)


def _reject_line(chunk: Chunk, source: str, item: Rejected, limit: int) -> bytes:
    fields: dict[str, Any] = {"file": spell_name(source), "line": item.line, "reason": english(item.reason)}
    raw = item.raw
    if raw is None:
        reason = spell_name(f"{source}: {fields['reason']}")
        return orjson.dumps(fields | {"reason": reason, "raw": None}) + b"\n"
    length = chunk.content.length if isinstance(chunk.content, LongLine) else len(raw)
    if length > limit:
        raw = _cut(raw)
        fields["bytes"] = length
    try:
        fields["raw"] = raw.decode("utf-8")
    except UnicodeDecodeError:
        fields["raw_base64"] = base64.b64encode(raw).decode("ascii")
    return orjson.dumps(fields) + b"\n"


def _cut(raw: bytes) -> bytes:
    """Return the head of a line, cut between two characters where it is UTF-8."""
    head = raw[:HEAD]
    whole = head.decode("utf-8", "ignore").encode("utf-8")
    return whole if head.startswith(whole) and len(head) - len(whole) < 4 else head
