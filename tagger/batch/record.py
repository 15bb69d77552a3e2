"""Which fields of a record are read, and what it gains from its article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.errors import SettingsError
from tagger.linear import rank
from tagger.records import Article, Explanation, Paragraph, Tag, TaggedParagraph
from tagger.tagger import Tagger
from tagger.text import split_paragraphs

__all__ = ["DEFAULT_FIELDS", "Fields", "article_fields", "find_fault", "tag_records"]

# What is left of a probability is noise of the arithmetic; six digits tell any two thresholds apart.
_DIGITS = 6
_UNIT = 10.0**_DIGITS


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Which fields of a record are read, and which it gains.

    Attributes:
        text: the field that holds the text.
        title: a field whose text comes before it, as a paragraph of its own; a record may lack it.
        output: one field for all that is gained; None puts `topics`, `titles`, `probabilities` beside the others.
        paragraphs: gain the paragraphs too, with their places and topics.
        explain: gain the so many features that decided most for each topic; 0 for none.
        min_probability: leave out topics less probable than this, assigned or not.
        topics_only: gain nothing but the list of topics, in `topics` or the field that `output` names.
        overwrite: replace gained fields that a record has already, instead of rejecting it.

    Raises:
        SettingsError: when two of these contradict each other, or a number is outside its range.
    """

    text: str = "text"
    title: str | None = None
    output: str | None = None
    paragraphs: bool = False
    explain: int = 0
    min_probability: float = 0.0
    topics_only: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.min_probability <= 1:
            raise SettingsError(f"min_probability is {self.min_probability!r}: it must be from 0 to 1")
        if self.explain < 0:
            raise SettingsError(f"explain is {self.explain!r}: it must be a number of features from 0 up")
        if self.topics_only and (self.paragraphs or self.explain):
            raise SettingsError("topics_only leaves no room for paragraphs or explanations: ask for one or the other")
        if clash := sorted(self.gained & {self.text, self.title}, key=str):
            raise SettingsError(f"field {clash[0]!r} is read and written at once: name another output field")

    @cached_property
    def gained(self) -> frozenset[str]:
        """The names of the fields that a record gains."""
        if self.output is not None:
            return frozenset([self.output])
        if self.topics_only:
            return frozenset(["topics"])
        asked = {"paragraphs": self.paragraphs, "explanations": self.explain > 0}
        return frozenset(["topics", "titles", "probabilities", *(name for name, wanted in asked.items() if wanted)])

    @property
    def looks_inside(self) -> bool:
        """Whether anything is gained that tells of an article's paragraphs."""
        return self.paragraphs or self.explain > 0


DEFAULT_FIELDS = Fields()


def article_fields(
    article: Article, *, fields: Fields = DEFAULT_FIELDS, tagger: Tagger | None = None, in_title: int = 0
) -> dict[str, Any]:
    """Give what a record gains from its article, ready for JSON.

    `tagger` is needed where `fields.explain` asks for features. `in_title` tells how many of the first paragraphs are
    of the title; offsets count from the start of the field that the paragraph stands in.
    """
    least = fields.min_probability
    if fields.topics_only:
        return {fields.output or "topics": [tag.topic for tag in article.topics if tag.probability >= least]}
    gained = _tag_fields(article.topics, article.probabilities, least)
    if tagger is not None and fields.explain:
        explainer = _Explainer(tagger, fields.explain)
        gained["explanations"] = [
            _explain_article(tag, article.paragraphs, explainer, fields, in_title)
            for tag in article.topics
            if tag.probability >= least
        ]
    else:
        explainer = None
    if fields.paragraphs:
        gained["paragraphs"] = [
            _paragraph_fields(paragraph, fields, explainer, is_title=number < in_title)
            for number, paragraph in enumerate(article.paragraphs)
        ]
    return gained if fields.output is None else {fields.output: gained}


def summary_fields(
    probability: NDArray[np.float64], assigned: NDArray[np.bool_], *, fields: Fields, tagger: Tagger
) -> Iterator[dict[str, Any]]:
    """Give what records gain from their articles as `Tagger.decide_split` judges them, both arrays (articles, topics).

    It is what `article_fields` gives where nothing is wanted of the paragraphs, without a record for each of them.
    """
    names = tagger.topics
    kept = probability >= fields.min_probability
    columns, ends = rank(probability, assigned & kept)
    topics, titles = (
        np.array(words, dtype=object)[columns].tolist() for words in zip(*tagger.titles.items(), strict=True)
    )
    rounded = np.floor(probability * _UNIT + 0.5) / _UNIT
    start = 0
    for end, values, shown in zip(ends.tolist(), rounded.tolist(), kept.tolist(), strict=True):
        if fields.topics_only:
            yield {fields.output or "topics": topics[start:end]}
        else:
            probabilities = dict(zip(compress(names, shown), compress(values, shown), strict=True))
            gained = {"topics": topics[start:end], "titles": titles[start:end], "probabilities": probabilities}
            yield gained if fields.output is None else {fields.output: gained}
        start = end


def _tag_fields(topics: tuple[Tag, ...], probabilities: Mapping[str, float], least: float) -> dict[str, Any]:
    if least:
        topics = tuple(tag for tag in topics if tag.probability >= least)
        probabilities = {topic: value for topic, value in probabilities.items() if value >= least}
    return {
        "topics": [tag.topic for tag in topics],
        "titles": [tag.title for tag in topics],
        # Rounded as by `round`, in 0.3 µs each instead of 0.7: of four topics, 3% of the time that a paragraph takes.
        "probabilities": {topic: int(value * _UNIT + 0.5) / _UNIT for topic, value in probabilities.items()},
    }


def _paragraph_fields(
    paragraph: TaggedParagraph, fields: Fields, explainer: _Explainer | None, *, is_title: bool
) -> dict[str, Any]:
    found = {
        **_place(fields, is_title=is_title),
        "start": paragraph.start,
        "end": paragraph.end,
        "text": paragraph.text,
        **_tag_fields(paragraph.topics, paragraph.probabilities, fields.min_probability),
    }
    if explainer is not None:
        found["explanations"] = [
            {"topic": tag.topic, "features": explainer.features(paragraph, tag.topic)}
            for tag in paragraph.topics
            if tag.probability >= fields.min_probability
        ]
    return found


def _explain_article(
    tag: Tag, paragraphs: tuple[TaggedParagraph, ...], explainer: _Explainer, fields: Fields, in_title: int
) -> dict[str, Any]:
    """Explain an article's topic by the paragraph that is surest of it."""
    number = max(range(len(paragraphs)), key=lambda n: paragraphs[n].probabilities[tag.topic])
    return {
        "topic": tag.topic,
        "paragraph": number + 1,
        **_place(fields, is_title=number < in_title),
        "features": explainer.features(paragraphs[number], tag.topic),
    }


def _place(fields: Fields, *, is_title: bool) -> dict[str, str]:
    """Name the field that offsets count in, where there is more than one."""
    return {} if fields.title is None else {"field": fields.title if is_title else fields.text}


class _Explainer:
    """Explains paragraphs of one article, each no more than once."""

    def __init__(self, tagger: Tagger, top: int) -> None:
        self._tagger = tagger
        self._top = top
        self._known: dict[int, tuple[Explanation, ...]] = {}

    def features(self, paragraph: TaggedParagraph, topic: str) -> list[dict[str, Any]]:
        if id(paragraph) not in self._known:
            self._known[id(paragraph)] = self._tagger.explain(paragraph.text)
        found = next(e for e in self._known[id(paragraph)] if e.topic == topic)
        origin = _origin(paragraph)
        return [
            {
                "feature": c.feature,
                "kind": c.kind,
                "value": round(c.value, _DIGITS),
                "places": [[origin[start], origin[end - 1] + 1] for start, end in c.places],
            }
            for c in found.contributions[: self._top]
        ]


def _origin(paragraph: Paragraph) -> list[int]:
    """Give the offset in the field of every character of a paragraph's text."""
    return list(_offsets(paragraph))


def _offsets(paragraph: Paragraph) -> Iterable[int]:
    at = 0
    for number, (start, end) in enumerate(paragraph.pieces):
        if number and paragraph.text[at] == " ":  # put between Latin words; no piece begins with one of its own
            yield start
            at += 1
        yield from range(start, end)
        at += end - start


def tag_records(
    records: Sequence[Mapping[str, Any]], *, tagger: Tagger, fields: Fields = DEFAULT_FIELDS
) -> Iterator[dict[str, Any]]:
    """Give what each record gains, in order, for records in which `find_fault` finds none.

    >>> import tagger
    >>> record = {"id": 7, "text": "民警在银行柜台劝住了正要给“客服”转账的老人。"}
    >>> list(tag_records([record], tagger=tagger.load(), fields=Fields(topics_only=True)))
    [{'topics': ['anti_fraud']}]
    """
    articles = [split_paragraphs(record[fields.text]) for record in records]
    titles: list[int] = [0] * len(articles)
    if fields.title is not None:
        # A title joined to the text by a line end could be taken for a sentence that runs on: they are split apart.
        of_titles = [split_paragraphs(record.get(fields.title) or "") for record in records]
        titles = list(map(len, of_titles))
        articles = [title + body for title, body in zip(of_titles, articles, strict=True)]
    if not fields.looks_inside:
        yield from summary_fields(*tagger.decide_split(articles), fields=fields, tagger=tagger)
        return
    for title, article in zip(titles, tagger.tag_split(articles), strict=True):
        yield article_fields(article, fields=fields, tagger=tagger, in_title=title)


def find_fault(record: Mapping[str, Any], fields: Fields) -> tuple[str, str] | None:
    """Tell why a record cannot be tagged, as a kind and a sentence, or None where it can."""
    text = record.get(fields.text)
    if not isinstance(text, str):
        if fields.text in record:
            return "text is no string", f"field {fields.text!r} is no string"
        return "no text", f"no field {fields.text!r}; found: {', '.join(record) or 'none'}"
    if fields.title is not None and not isinstance(record.get(fields.title, ""), str | None):
        return "text is no string", f"field {fields.title!r} is no string"
    if not fields.overwrite and not fields.gained.isdisjoint(record):
        clash = min(fields.gained & record.keys())
        return "field taken", f"has a field {clash!r} already: give --overwrite to replace it"
    return None
