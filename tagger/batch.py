"""JSON lines in → JSON lines out: each record keeps its fields and its place and gains its topics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from tagger.records import Article, Tag
from tagger.tagger import Tagger

__all__ = ["Rejected", "Tagged", "article_fields", "tag_lines"]

# Bytes of lines taken at once; more gains nothing once the tagger's own batches are full.
_CHUNK = 1 << 20
_MARK = b"\xef\xbb\xbf"  # the byte order mark that Windows puts before UTF-8


@dataclass(frozen=True)
class Tagged:
    """A record and what it gained; `line` is its 1-based line, `raw` the record as it was."""

    line: int
    raw: bytes
    record: dict[str, Any]
    gained: dict[str, Any]

    def to_json(self) -> bytes:
        """Give the JSON line: the fields as they stood, to the byte, and the gained ones behind them."""
        if self.gained.keys() & self.record.keys():
            return orjson.dumps(self.record | self.gained) + b"\n"
        return self.raw.rstrip()[:-1] + b"," + orjson.dumps(self.gained)[1:] + b"\n"


@dataclass(frozen=True)
class Rejected:
    """A line that could not be tagged, as it was, and why."""

    line: int
    reason: str
    raw: bytes


def article_fields(article: Article, *, paragraphs: bool = False) -> dict[str, Any]:
    """Give what a record gains: topics with their titles, the probability of every topic, paragraphs on request."""
    fields = _tag_fields(article.topics, article.probabilities)
    if paragraphs:
        fields["paragraphs"] = [
            {"start": p.start, "end": p.end, "text": p.text, **_tag_fields(p.topics, p.probabilities)}
            for p in article.paragraphs
        ]
    return fields


def tag_lines(
    lines: Iterable[bytes],
    *,
    tagger: Tagger,
    text_field: str = "text",
    paragraphs: bool = False,
    overwrite: bool = False,
) -> Iterator[Tagged | Rejected]:
    r"""Tag the text of each JSON line as an article, in order; blank lines are passed over.

    `lines` are cut at `\n` bytes, as a file opened in binary mode gives them. A record that has one of the fields it
    would gain is rejected, unless `overwrite`.
    """
    gained = {"topics", "titles", "probabilities"} | ({"paragraphs"} if paragraphs else set())
    for chunk in _chunks(lines):
        parsed = [_parse(number, raw, text_field, set() if overwrite else gained) for number, raw in chunk]
        articles = tagger.tag_many(item.record[text_field] for item in parsed if isinstance(item, Tagged))
        for item in parsed:
            if isinstance(item, Tagged):
                yield replace(item, gained=article_fields(next(articles), paragraphs=paragraphs))
            else:
                yield item


def _tag_fields(topics: tuple[Tag, ...], probabilities: dict[str, float]) -> dict[str, Any]:
    return {
        "topics": [tag.topic for tag in topics],
        "titles": [tag.title for tag in topics],
        "probabilities": {topic: round(probability, 6) for topic, probability in probabilities.items()},
    }


def _chunks(lines: Iterable[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    chunk: list[tuple[int, bytes]] = []
    size = 0
    for number, line in enumerate(lines, start=1):
        raw = line.removeprefix(_MARK) if number == 1 else line
        if not raw.strip():
            continue
        chunk.append((number, raw))
        size += len(raw)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _parse(line: int, raw: bytes, text_field: str, taken: set[str]) -> Tagged | Rejected:
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Rejected(line, f"no JSON: {error}", raw)
    if not isinstance(record, dict):
        return Rejected(line, "no JSON object", raw)
    if text_field not in record:
        return Rejected(line, f"no field {text_field!r}; found: {', '.join(record) or 'none'}", raw)
    if not isinstance(record[text_field], str):
        return Rejected(line, f"field {text_field!r} is no string", raw)
    if clash := sorted(taken & record.keys()):
        return Rejected(line, f"has a field {clash[0]!r} already: give --overwrite to replace it", raw)
    return Tagged(line, raw, record, {})
