"""A record and what it gains: which fields are read, which are added, and the type and value of each.

What a record gains is said once, in `RECORD`: JSON lines, CSV, Parquet, Arrow, Spark and the table in docs/batch.md are
made from it. A new field is a row there, and an attribute of the class that the row is read from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.errors import SettingsError
from tagger.formats.records import lookup
from tagger.messages import _
from tagger.records import Article, Paragraph, Tag, TaggedParagraph
from tagger.scoring.linear import rank
from tagger.tagger import Tagger
from tagger.tagging import classify_articles, tag_articles
from tagger.text import require_opencc

__all__ = ["DEFAULT_FIELDS", "RECORD", "Column", "Fields", "article_fields", "gained_columns", "tag_records"]

# Further digits of a probability are noise of the arithmetic; six distinguish any two thresholds.
_DIGITS = 6
_UNIT = 10.0**_DIGITS

Column = str | list["Column"] | dict[str, "Column"]
"""The type of a column, in words that Arrow and Spark share: a name, a list of a type, or the members of a struct."""


@dataclass(frozen=True)
class GainedField:
    """A field that a record gains, or that a member of such a field has.

    Attributes:
        name: the name, which is also that of the attribute the value is read from.
        column: its type; or, for a list of structures, the fields that each of them has.
        about: what it holds, as docs/batch.md says it.
        asked_by: the attribute of `Fields` that must be set for it; empty where it is always gained.
    """

    name: str
    column: Column | tuple[GainedField, ...]
    about: str = ""
    asked_by: str = ""


_FEATURES = (
    GainedField("feature", "string"),
    GainedField("kind", "string"),
    GainedField("value", "double"),
    GainedField("places", [["int"]]),
)
_FIELD = GainedField("field", "string", asked_by="title")
_TAGS = (
    GainedField("topics", ["string"], "the assigned topics, most probable first"),
    GainedField("titles", ["string"], "what people read for them"),
    GainedField("probabilities", "map<string,double>", "the probability of every topic, assigned or not"),
)
_TOPIC, _DECIDED = GainedField("topic", "string"), GainedField("features", _FEATURES)
_PARAGRAPH = (
    _FIELD,
    GainedField("start", "int"),
    GainedField("end", "int"),
    GainedField("text", "string"),
    GainedField("furniture", "boolean"),
    *_TAGS,
    GainedField("explanations", (_TOPIC, _DECIDED), asked_by="explain"),
)
# All that a record can gain, in the order in which it is written.
RECORD = (
    *_TAGS,
    GainedField(
        "explanations",
        (_TOPIC, GainedField("paragraph", "int"), _FIELD, _DECIDED),
        "for each assigned topic, the number of the paragraph surest of it, and the features that decided most there",
        asked_by="explain",
    ),
    GainedField(
        "paragraphs",
        _PARAGRAPH,
        "each paragraph: its offsets, its text, whether it is furniture of the page, and its topics",
        "paragraphs",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Which fields of a record are read, and which it gains.

    Attributes:
        text: the field that holds the text; `a.b` is the field b of an object a. Over files, where no record has the
            field "text", one with a usual name is read instead (`tagger.formats.columns.TEXT_NAMES`).
        title: a field whose text comes before it, as a paragraph of its own; a record may lack it.
        output: one field for all that is gained; None puts `topics`, `titles`, `probabilities` beside the others.
        paragraphs: gain the paragraphs too, with their offsets and topics.
        explain: gain this many of the features that decided most for each topic; 0 for none.
        min_probability: leave out topics less probable than this, assigned or not.
        top: the most topics that are assigned, the most probable of them; None for all.
        topics_only: gain nothing but the list of topics, in `topics` or the field that `output` names.
        overwrite: replace gained fields that a record has already, instead of rejecting it.
        simplify: read traditional characters as simplified ones (`Tagger.simplifying`); what is gained tells of the
            text as given.

    Raises:
        RunError: when OpenCC is not installed, which `simplify` needs.
        SettingsError: when two of these contradict each other, or a number is outside its range.
    """

    text: str = "text"
    title: str | None = None
    output: str | None = None
    paragraphs: bool = False
    explain: int = 0
    min_probability: float = 0.0
    top: int | None = None
    topics_only: bool = False
    overwrite: bool = False
    simplify: bool = False

    def __post_init__(self) -> None:
        if self.simplify:
            require_opencc()
        if not 0 <= self.min_probability <= 1:
            raise SettingsError(_("min_probability is {value!r}: it must be from 0 to 1", value=self.min_probability))
        if self.explain < 0:
            raise SettingsError(
                _("explain is {value!r}: it must be a number of features from 0 up", value=self.explain)
            )
        if self.top is not None and self.top < 1:
            raise SettingsError(_("top is {value!r}: it must be a number of topics from 1 up", value=self.top))
        if self.topics_only and (self.paragraphs or self.explain):
            raise SettingsError(
                _("topics_only leaves no room for paragraphs or explanations: ask for one or the other")
            )
        if clash := sorted(self.gained & {self.text, self.title}, key=str):
            raise SettingsError(
                _("field {field!r} is read and written at once: name another output field", field=clash[0])
            )

    @cached_property
    def gained(self) -> frozenset[str]:
        """The names of the fields that a record gains."""
        return frozenset(gained_columns(self))

    @property
    def topics_path(self) -> tuple[str, ...]:
        """The names under which the list of topics is found in what a record gains, from the outside in."""
        if self.output is None:
            return ("topics",)
        return (self.output,) if self.topics_only else (self.output, "topics")

    def topics_of(self, gained: Any) -> list[str]:
        """Return the topics in what a record gained."""
        for name in self.topics_path:
            gained = gained[name]
        topics: list[str] = gained
        return topics

    @property
    def of_records(self) -> tuple[str, ...]:
        """The options that name a field to read, as far as they were given."""
        given = {"--text-field": self.text != DEFAULT_FIELDS.text, "--title-field": self.title is not None}
        return tuple(compress(given, given.values()))

    @property
    def needs_paragraphs(self) -> bool:
        """Whether anything is gained that is about an article's paragraphs."""
        return self.paragraphs or self.explain > 0


def gained_columns(fields: Fields) -> dict[str, Column]:
    """Return the columns that a table gains, with their types.

    >>> gained_columns(Fields(topics_only=True))
    {'topics': ['string']}
    """
    columns = _columns(_asked(RECORD, fields))
    if fields.topics_only:
        return {fields.output or "topics": columns["topics"]}
    return columns if fields.output is None else {fields.output: columns}


def _asked(members: tuple[GainedField, ...], fields: Fields) -> tuple[GainedField, ...]:
    """Leave out the fields that are not asked for, inside of others too."""
    return tuple(
        replace(member, column=_asked(member.column, fields)) if isinstance(member.column, tuple) else member
        for member in members
        if not member.asked_by or getattr(fields, member.asked_by)
    )


def _columns(members: tuple[GainedField, ...]) -> dict[str, Column]:
    return {m.name: [_columns(m.column)] if isinstance(m.column, tuple) else m.column for m in members}


DEFAULT_FIELDS = Fields()


def tag_records(
    records: Sequence[Mapping[str, Any]], *, tagger: Tagger, fields: Fields = DEFAULT_FIELDS
) -> Iterator[dict[str, Any]]:
    """Yield what each record gains, in order, for records that have a text and no field that they would gain.

    >>> import tagger
    >>> record = {"id": 7, "text": "民警在银行柜台劝住了正要给“客服”转账的老人。"}
    >>> list(tag_records([record], tagger=tagger.load(), fields=Fields(topics_only=True)))
    [{'topics': ['anti_fraud']}]
    """
    if fields.simplify:
        tagger = tagger.simplifying()
    articles = [tagger.split(lookup(record, fields.text)) for record in records]
    titles = [0] * len(articles)
    if fields.title is not None:
        # A title joined to the text by a line end could be taken for a sentence that runs on: they are split apart.
        of_titles = [tagger.split(lookup(record, fields.title) or "") for record in records]
        titles = list(map(len, of_titles))
        articles = [title + body for title, body in zip(of_titles, articles, strict=True)]
    if not fields.needs_paragraphs:
        yield from _summaries(*classify_articles(tagger.model, articles), fields=fields, tagger=tagger)
        return
    for title, article in zip(titles, tag_articles(tagger.model, articles), strict=True):
        yield article_fields(article, fields=fields, tagger=tagger, in_title=title)


def article_fields(
    article: Article, *, fields: Fields = DEFAULT_FIELDS, tagger: Tagger | None = None, in_title: int = 0
) -> dict[str, Any]:
    """Return what a record gains from its article, ready for JSON.

    `tagger` is needed where `fields.explain` asks for features. `in_title` is how many of the first paragraphs are of
    the title; offsets count from the start of the field that the paragraph is in.
    """
    if tagger is None:
        fields = replace(fields, explain=0)
    least, top, explain = fields.min_probability, fields.top, _explainer(tagger, fields.explain)
    paragraphs = [
        _ParagraphTags(
            *_keep(tagged.topics, tagged.probabilities, least, top),
            fields.text if number > in_title else str(fields.title),
            tagged.start,
            tagged.end,
            tagged.text,
            tagged.furniture,
            number,
            tagged,
            explain,
        )
        for number, tagged in enumerate(article.paragraphs, start=1)
    ]
    tags = _keep(article.topics, article.probabilities, least, top)
    return _write(_ArticleTags(*tags, paragraphs, explain), fields, _asked(RECORD, fields))


def _summaries(
    probability: NDArray[np.float64], assigned: NDArray[np.bool_], *, fields: Fields, tagger: Tagger
) -> Iterator[dict[str, Any]]:
    """Yield what `article_fields` returns where nothing is wanted of the paragraphs, from arrays (articles, topics)."""
    names, asked = tagger.topics, _asked(RECORD, fields)
    kept = probability >= fields.min_probability
    columns, ends = rank(probability, assigned & kept)
    topics, titles = (
        np.array(words, dtype=object)[columns].tolist() for words in zip(*tagger.titles.items(), strict=True)
    )
    rounded = np.floor(probability * _UNIT + 0.5) / _UNIT
    start = 0
    for end, values, shown in zip(ends.tolist(), rounded.tolist(), kept.tolist(), strict=True):
        probabilities = dict(zip(compress(names, shown), compress(values, shown), strict=True))
        stop = end if fields.top is None else min(end, start + fields.top)
        yield _write(_Tags(topics[start:stop], titles[start:stop], probabilities), fields, asked)
        start = end


@dataclass(slots=True)
class _Tags:
    """The topics of an article or a paragraph that are probable enough to be written: what `_TAGS` reads."""

    topics: list[str]
    titles: list[str]
    probabilities: dict[str, float]


@dataclass(slots=True)
class _ArticleTags(_Tags):
    """What `RECORD` reads."""

    paragraphs: list[_ParagraphTags]
    explain: Callable[[str, _ParagraphTags], list[_Feature]]

    @property
    def explanations(self) -> list[_Explanation]:
        """Each topic by the paragraph that is surest of it, the first of equals."""
        surest = (max(self.paragraphs, key=lambda p: p.tagged.probabilities[topic]) for topic in self.topics)
        return [
            _Explanation(topic, p.number, p.field, self.explain(topic, p))
            for topic, p in zip(self.topics, surest, strict=True)
        ]


@dataclass(slots=True)
class _ParagraphTags(_Tags):
    """What `_PARAGRAPH` reads."""

    field: str
    start: int
    end: int
    text: str
    furniture: bool
    number: int
    tagged: TaggedParagraph
    explain: Callable[[str, _ParagraphTags], list[_Feature]]

    @property
    def explanations(self) -> list[_Explanation]:
        return [_Explanation(topic, self.number, self.field, self.explain(topic, self)) for topic in self.topics]


class _Explanation(NamedTuple):
    topic: str
    paragraph: int
    field: str
    features: list[_Feature]


class _Feature(NamedTuple):
    feature: str
    kind: str
    value: float
    places: list[list[int]]


def _explainer(tagger: Tagger | None, top: int) -> Callable[[str, _ParagraphTags], list[_Feature]]:
    """Return what explains paragraphs of one article, each of them once at most."""
    explain = lru_cache(maxsize=None)(tagger.explain) if tagger is not None else lambda _: ()

    def features(topic: str, paragraph: _ParagraphTags) -> list[_Feature]:
        found = next(e for e in explain(paragraph.text) if e.topic == topic)
        at = list(_offsets(paragraph.tagged))
        return [
            _Feature(c.feature, c.kind, round(c.value, _DIGITS), [[at[a], at[z - 1] + 1] for a, z in c.places])
            for c in found.contributions[:top]
        ]

    return features


def _keep(
    topics: tuple[Tag, ...], probabilities: Mapping[str, float], least: float, top: int | None
) -> tuple[list[str], list[str], dict[str, float]]:
    """Return topics, titles and probabilities without those that are less probable than asked for.

    Of the topics, the `top` most probable are kept.
    """
    topics = topics[:top]
    if least:
        topics = tuple(tag for tag in topics if tag.probability >= least)
        probabilities = {topic: value for topic, value in probabilities.items() if value >= least}
    # Rounded as by `round`, in 0.3 µs each instead of 0.7: of four topics, 3% of the time that a paragraph takes.
    rounded = {topic: int(value * _UNIT + 0.5) / _UNIT for topic, value in probabilities.items()}
    return [tag.topic for tag in topics], [tag.title for tag in topics], rounded


def _write(source: _Tags, fields: Fields, asked: tuple[GainedField, ...]) -> dict[str, Any]:
    if fields.topics_only:
        return {fields.output or "topics": source.topics}
    gained = _members(source, asked)
    return gained if fields.output is None else {fields.output: gained}


def _members(source: object, members: tuple[GainedField, ...]) -> dict[str, Any]:
    written = {}
    for member in members:
        value = getattr(source, member.name)
        if isinstance(member.column, tuple):
            value = [_members(each, member.column) for each in value]
        written[member.name] = value
    return written


def _offsets(paragraph: Paragraph) -> Iterable[int]:
    """Yield the offset in the field of every character of a paragraph's text."""
    at = 0
    for number, (start, end) in enumerate(paragraph.pieces):
        if number and paragraph.text[at] == " ":  # put between Latin words; no piece begins with one of its own
            yield start
            at += 1
        yield from range(start, end)
        at += end - start
