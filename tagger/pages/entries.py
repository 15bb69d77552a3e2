"""A tagged record → its entry in a report: heading, date, topics, paragraphs and what decided, as compact JSON.

An entry is a list, as names would take a third of the file:

    article    [heading, where, date, tags, sureness, paragraphs]
    paragraph  [text, furniture, tags, perhaps, sureness, evidence]
    tags       [topic, percent, topic, percent, …]
    evidence   [[topic, start, length, value, start, length, value, …], …]

Topics are numbers, percentages are rounded down, values are thousandths of a score, and places are counted in UTF-16
units, as JavaScript does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from tagger.evidence import Evidence, find_evidence
from tagger.formats.columns import find_field, flatten
from tagger.formats.records import lookup
from tagger.tagger import Tagger

__all__ = ["DOUBTFUL", "SURE", "Article", "Paragraph", "Reading", "read_date", "write_entries"]

# From which probability of being right a decision is sure, and below which it is doubtful.
SURE, DOUBTFUL = 0.9, 0.7
_TITLES = ("title", "标题", "標題", "headline", "题目", "題目", "heading")
_DATES = (
    "date", "日期", "发布日期", "发布时间", "发表时间", "时间", "publish_date", "publish_time", "published", "pubdate",
    "pub_date", "pubtime", "published_at", "time", "datetime", "created_at", "年月",
)  # fmt: skip
# 2024-03-05, 2024/3/5, 2024年3月5日, 2024.3, with a time behind it or not; and 20240305.
_DATE = re.compile(r"\s*((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?+(?!\d)")
_DIGITS = re.compile(r"\s*((?:19|20)\d\d)(\d\d)(\d\d)(?:\d{6})?(?!\d)")
# Characters of a paragraph that stand for a heading where there is none, and how many it must have for that.
_HEADING, _LEAST_HEADING = 40, 6
# Characters that are shown of a title.
_LONGEST_HEADING = 300


@dataclass(frozen=True, slots=True)
class Reading:
    """Which fields of a record hold its heading and its date; None is one with a usual name."""

    title: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What is shown of a paragraph; topics by their names, `sureness` from 0 to 1."""

    text: str
    furniture: bool
    topics: tuple[str, ...]
    perhaps: tuple[str, ...]
    probabilities: Mapping[str, float]
    sureness: float

    @property
    def doubtful(self) -> bool:
        """Whether one of the decisions about it is doubtful."""
        return self.sureness < DOUBTFUL and not self.furniture


@dataclass(frozen=True, slots=True)
class Article:
    """What is shown of an article: `date` is YYYY-MM-DD, YYYY-MM or empty."""

    heading: str
    where: str
    date: str
    topics: tuple[str, ...]
    probabilities: Mapping[str, float]
    sureness: float
    paragraphs: tuple[Paragraph, ...]

    @classmethod
    def of(
        cls, record: Mapping[str, Any], tagged: Mapping[str, Any], where: str, fields: Reading, text: str
    ) -> Article:
        """Read what a record gained, `tagged` with its paragraphs, and its heading and date; its text is in `text`."""
        paragraphs = tuple(map(_paragraph, tagged["paragraphs"]))
        names = tuple(name for name in flatten(record) if name != text)
        title, when = (
            None if name is None else lookup(record, name)
            for name in (fields.title or _find(names, _TITLES), fields.date or _find(names, _DATES))
        )
        heading = _cut(title.strip(), _LONGEST_HEADING) if isinstance(title, str) else ""
        topics, probabilities = tuple(tagged["topics"]), tagged["probabilities"]
        return cls(
            heading or _heading(paragraphs),
            where,
            read_date(when),
            topics,
            probabilities,
            _sureness(topics, probabilities),
            paragraphs,
        )

    @property
    def doubt(self) -> float:
        """How doubtful the most doubtful of all decisions about it is, from 0 to 1."""
        return 1 - min([self.sureness, *(p.sureness for p in self.paragraphs if not p.furniture)])


# Records of a file mostly have the same fields; the names of the first thousand kinds are looked through once.
@lru_cache(maxsize=1000)
def _find(names: tuple[str, ...], known: tuple[str, ...]) -> str | None:
    return find_field(names, None, known)


def read_date(value: Any) -> str:
    """Return a date as YYYY-MM-DD, or YYYY-MM where there is no day; empty where it cannot be read.

    >>> [read_date(value) for value in ("2024年3月5日 10:20", "2024/3", 20240305, "last week")]
    ['2024-03-05', '2024-03', '2024-03-05', '']
    """
    text = str(value) if isinstance(value, str | int) else ""
    found = _DATE.match(text) or _DIGITS.match(text)
    if found is None:
        return ""
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        known = date(year, month, day or 1).isoformat()
    except ValueError:  # such as 31 February
        return ""
    return known if day else known[:7]


def write_entries(articles: Sequence[Article], tagger: Tagger) -> list[bytes]:
    """Return the entry of each article, with what decided its paragraphs."""
    numbers = {name: number for number, name in enumerate(tagger.topics)}
    asked = [p for article in articles for p in article.paragraphs if p.topics or (p.perhaps and not p.furniture)]
    texts = [paragraph.text for paragraph in asked]
    found = find_evidence(tagger.model, texts, [[*p.topics, *p.perhaps] for p in asked])
    evidence = {id(paragraph): each for paragraph, each in zip(asked, found, strict=True)}
    return [orjson.dumps(_entry(article, numbers, evidence)) for article in articles]


def _entry(article: Article, numbers: Mapping[str, int], evidence: Mapping[int, tuple[Evidence, ...]]) -> list[Any]:
    return [
        article.heading,
        article.where,
        article.date,
        _tags(article.topics, article.probabilities, numbers),
        int(100 * article.sureness),
        [
            [
                p.text,
                int(p.furniture),
                _tags(p.topics, p.probabilities, numbers),
                [] if p.furniture else _tags(p.perhaps, p.probabilities, numbers),
                100 if p.furniture else int(100 * p.sureness),
                _places(p.text, evidence.get(id(p), ()), numbers),
            ]
            for p in article.paragraphs
        ],
    ]


def _paragraph(tagged: Mapping[str, Any]) -> Paragraph:
    topics, probabilities = tuple(tagged["topics"]), tagged["probabilities"]
    perhaps = sorted(
        (name for name, p in probabilities.items() if p > 1 - DOUBTFUL and name not in topics),
        key=lambda name: -probabilities[name],
    )
    sureness = _sureness(topics, probabilities)
    return Paragraph(tagged["text"], tagged["furniture"], topics, tuple(perhaps), probabilities, sureness)


def _sureness(topics: Iterable[str], probabilities: Mapping[str, float]) -> float:
    """Return the least probability with which a topic is there that was given, or is not there that was not."""
    given = set(topics)
    return min((p if name in given else 1 - p for name, p in probabilities.items()), default=1.0)


def _heading(paragraphs: Sequence[Paragraph]) -> str:
    """Return what stands for a title: the first paragraph that is no furniture, nor the one word of a rubric."""
    own = [p.text for p in paragraphs if not p.furniture] or [p.text for p in paragraphs]
    return _cut(next((text for text in own if len(text) >= _LEAST_HEADING), own[0] if own else ""), _HEADING)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def _tags(topics: Iterable[str], probabilities: Mapping[str, float], numbers: Mapping[str, int]) -> list[int]:
    # Rounded down, and never to certainty.
    return [value for name in topics for value in (numbers[name], min(99, int(100 * probabilities[name])))]


def _places(text: str, found: Iterable[Evidence], numbers: Mapping[str, int]) -> list[list[int]]:
    # isascii is asked first as it takes no look at the text.
    wide = not text.isascii() and max(text) > "\uffff"
    places = []
    for evidence in found:
        values = [numbers[evidence.topic]]
        for s in evidence.stretches:
            start, length = s.start, s.end - s.start
            if wide:
                start, length = _units(text[: s.start]), _units(text[s.start : s.end])
            values += start, length, max(1, round(1000 * s.value))
        if len(values) > 1:
            places.append(values)
    return places


def _units(text: str) -> int:
    """Count the UTF-16 units of a text."""
    return len(text) + sum(character > "\uffff" for character in text)
