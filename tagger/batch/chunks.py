"""A chunk of input → the bytes to write: what a worker process does, and one process alone as well."""

from __future__ import annotations

import base64
import gzip
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from tagger.batch.counts import Counts
from tagger.batch.lines import MAX_LINE_BYTES, Blank, Rejected, Tagged, tag_lines
from tagger.batch.record import DEFAULT_FIELDS, Fields, tag_records
from tagger.errors import DataError
from tagger.tagger import Tagger
from tagger.text import decode

__all__ = [
    "HEAD",
    "Chunk",
    "Compression",
    "Done",
    "Refused",
    "TextFile",
    "Work",
    "compress",
    "read_text",
    "readable",
    "tag_chunk",
]

Compression = Literal["", "gz", "zst"]
# What is kept of a line that is too long to be kept whole.
HEAD = 1000


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file as it was read, or why it could not be."""

    name: str
    data: bytes
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of input: whole JSON lines of one file, text files, or the head of a line that is too long.

    Attributes:
        source: the name of the input, as the user gave it.
        first: the 1-based number of the first line in that input.
        lines: lines, each with its end, but perhaps the last of a file; or the head of one that is too long.
        too_long: the bytes of the line that `lines` is the head of; 0 where they are whole.
        texts: text files, each of them an article.
        number: 1 for the first chunk of a run, 2 for the next.
        digest: of all bytes read up to the end of this chunk.
        position: where in the inputs it ends, in bytes as they are stored.
    """

    source: str
    first: int = 1
    lines: bytes = b""
    too_long: int = 0
    texts: tuple[TextFile, ...] = ()
    number: int = 0
    digest: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done with every chunk of a run."""

    fields: Fields = DEFAULT_FIELDS
    encoding: str | None = None
    max_line_bytes: int = MAX_LINE_BYTES
    compression: Compression = ""
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a chunk: the bytes to write to the output and to the rejects, and the counts."""

    output: bytes
    rejects: bytes
    counts: Counts


def tag_chunk(chunk: Chunk, *, tagger: Tagger, work: Work) -> Done:
    """Tag a chunk. Where the work is strict, what follows a line that cannot be tagged is left undone."""
    items = _text_items(chunk.texts, tagger, work) if chunk.texts else _line_items(chunk, tagger, work)
    output: list[bytes] = []
    rejects: list[bytes] = []
    combinations: Counter[tuple[str, ...]] = Counter()
    reasons: Counter[str] = Counter()
    blank = lines = 0
    for item in items:
        lines += 1
        if isinstance(item, Tagged):
            output.append(item.to_json())
            combinations[tuple(work.fields.topics_of(item.gained))] += 1
        elif isinstance(item, Refused):
            rejects.append(orjson.dumps(item.fields) + b"\n")
            reasons[item.kind] += 1
            if work.strict:
                break
        else:
            blank += 1
    topics: Counter[str] = Counter()
    for combination, number in combinations.items():
        topics.update(dict.fromkeys(combination, number))
    return Done(
        output=compress(b"".join(output), work.compression),
        rejects=b"".join(rejects),
        counts=Counts(lines, len(output), len(rejects), blank, dict(topics), dict(reasons)),
    )


def compress(data: bytes, how: Compression, *, even_empty: bool = False) -> bytes:
    """Compress as a whole member or frame: one behind the other they are a sound file, cut where it may."""
    if not how or not (data or even_empty):
        return data
    if how == "gz":
        return gzip.compress(data, mtime=0)  # without the time of day, the same bytes on every run
    return bytes(zstandard().compress(data))


def zstandard() -> Any:
    """Import Zstandard: Python's own from 3.14 on, and its twin before."""
    if sys.version_info >= (3, 14):  # pragma: no cover - one of the two is run
        from compression import zstd  # noqa: PLC0415 - only where such a file is read or written
    else:  # pragma: no cover
        from backports import zstd  # noqa: PLC0415
    return zstd


def readable(name: str) -> str:
    """Spell a file name that may be no UTF-8, and so would have no place in JSON."""
    return os.fsencode(name).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Refused:
    """A line, or a text file, for the rejects."""

    kind: str
    fields: dict[str, Any]


def _line_items(chunk: Chunk, tagger: Tagger, work: Work) -> Iterator[Tagged | Refused | Blank]:
    source = readable(chunk.source)
    if chunk.too_long:
        reason = f"has more than {work.max_line_bytes} bytes: see --max-line-bytes"
        yield _refuse(source, Rejected("line too long", reason, chunk.first, chunk.lines), chunk.too_long, work)
        return
    lines = chunk.lines.removesuffix(b"\n").split(b"\n")
    for item in tag_lines(
        lines, tagger=tagger, fields=work.fields, first=chunk.first, max_line_bytes=work.max_line_bytes
    ):
        yield _refuse(source, item, len(item.raw), work) if isinstance(item, Rejected) else item


def _refuse(source: str, item: Rejected, length: int, work: Work) -> Refused:
    raw = item.raw
    fields: dict[str, Any] = {"file": source, "line": item.line, "reason": item.reason}
    if length > work.max_line_bytes:
        raw = _cut(raw)
        fields["bytes"] = length
    try:
        fields["raw"] = raw.decode("utf-8")
    except UnicodeDecodeError:
        fields["raw_base64"] = base64.b64encode(raw).decode("ascii")
    return Refused(item.category, fields)


def _cut(raw: bytes) -> bytes:
    """Give the head of a line, cut between two characters where it is UTF-8."""
    head = raw[:HEAD]
    whole = head.decode("utf-8", "ignore").encode("utf-8")
    return whole if head.startswith(whole) and len(head) - len(whole) < 4 else head


def _text_items(texts: Sequence[TextFile], tagger: Tagger, work: Work) -> Iterator[Tagged | Refused]:
    items: list[str | Refused] = [read_text(text, work) for text in texts]
    records = [{work.fields.text: item} for item in items if isinstance(item, str)]
    gained = tag_records(records, tagger=tagger, fields=work.fields)
    for text, item in zip(texts, items, strict=True):
        if isinstance(item, str):
            record = {"file": readable(text.name)}
            yield Tagged(1, orjson.dumps(record), record, next(gained))
        else:
            yield item


def read_text(text: TextFile, work: Work) -> str | Refused:
    """Decode a text file, or tell why it cannot be tagged."""
    kind, reason = "unreadable file", text.fault
    if not reason and len(text.data) > work.max_line_bytes:
        kind, reason = "file too long", f"{text.name}: has more than {work.max_line_bytes} bytes: see --max-line-bytes"
    if not reason:
        try:
            return decode(text.data, source=text.name, encoding=work.encoding)
        except DataError as error:
            reason = str(error)
    reason = readable(reason)
    return Refused(kind, {"file": readable(text.name), "line": None, "reason": reason, "raw": None})
