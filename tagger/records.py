"""The frozen records that pass between the rooms and into the user's hands."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from tagger.messages import N_, _, _n, joined
from tagger.notebook import Bar, faint, percent, shorten, show_table, show_tags

__all__ = ["Article", "Contribution", "Example", "Explanation", "Paragraph", "Tag", "TaggedParagraph", "Topic"]


# Paragraphs and features that a notebook shows.
_PARAGRAPHS, _FEATURES = 100, 12
_KINDS = {"word": N_("word"), "characters": N_("characters"), "length": N_("length")}


@dataclass(frozen=True)
class Topic:
    """What a label stands for: `name` is the identifier, `title` what people read."""

    name: str
    title: str
    description: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """A paragraph with its topics and the document it comes from.

    Paragraphs of one `document` are never divided between training and testing; None is a document of its own.
    `paragraph` is its 1-based number in the document, `line` the physical line of the file it was read from, and
    `file` that file, where there are several; None where they are not known.
    """

    text: str
    topics: tuple[str, ...]
    document: str | None = None
    paragraph: int | None = None
    line: int | None = None
    file: str | None = None


@dataclass(frozen=True)
class Paragraph:
    """A stretch of an article that is labelled and tagged as a unit.

    `source[start:end]` is what the paragraph was read from. In plain text that is also what the reader sees, and
    `text == source[start:end]`. Where lines were rejoined, characters that stood apart closed up, or tags of HTML stand
    inside, `pieces` holds the offsets of every stretch that was read, in order; what lies between two of them is not in
    `text`, or is one space there.

    Each piece is as long as its part of `text`, so that every character has its place in the source: a character
    reference of HTML (&ldquo;) is a piece of its own, and its place is that of the &.

    `furniture` marks what stands on the page without being the article: dates, bylines, share lines, navigation.
    """

    text: str
    start: int
    end: int
    pieces: tuple[tuple[int, int], ...]
    furniture: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Tag:
    """An assigned topic, with its title and its calibrated probability in [0, 1]."""

    topic: str
    title: str
    probability: float


@dataclass(frozen=True)
class TaggedParagraph(Paragraph):
    """A paragraph with its assigned topics, most probable first, and the probability of every topic."""

    topics: tuple[Tag, ...]
    probabilities: dict[str, float]

    def __repr__(self) -> str:
        what = _("furniture") if self.furniture else _tags(self.topics)
        return f"{type(self).__name__}({shorten(self.text)}, {what})"


@dataclass(frozen=True)
class Article:
    """A whole document: its topics, most probable first, the probability of every topic, and its paragraphs."""

    topics: tuple[Tag, ...]
    probabilities: dict[str, float]
    paragraphs: tuple[TaggedParagraph, ...]

    def __repr__(self) -> str:
        tagged = sum(bool(paragraph.topics) for paragraph in self.paragraphs)
        about = _(
            "{topics}; {paragraphs} paragraphs, {tagged} with topics",
            topics=_tags(self.topics),
            paragraphs=len(self.paragraphs),
            tagged=tagged,
        )
        return f"{type(self).__name__}({about})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: each paragraph with its topics, furniture faint."""
        rows = []
        for number, paragraph in enumerate(self.paragraphs[:_PARAGRAPHS], start=1):
            of_paragraph = [f"{tag.title} {percent(tag.probability)}" for tag in paragraph.topics]
            text = faint(paragraph.text) if paragraph.furniture else paragraph.text
            rows.append((faint(str(number)), "\n".join(of_paragraph), text))
        if (more := len(self.paragraphs) - _PARAGRAPHS) > 0:
            rows.append(("", "", faint(_n("{n} more paragraph", "{n} more paragraphs", more))))
        topics = joined(f"{tag.title} {percent(tag.probability)}" for tag in self.topics)
        return show_table(topics or _("no topic"), ("¶", _("topics"), _("paragraph")), rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the article, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to the score of one topic.

    `kind` is "word" or "characters"; `places` are the offsets of its occurrences in the text as given, so that
    `text[start:end]` is the stretch that was read as this feature. What the length of a text adds is of kind "length":
    the feature is the number of characters, and has no places.
    """

    feature: str
    kind: str
    value: float
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Explanation:
    """Why a text has a topic's score: `sum(c.value for c in contributions) + bias == score`.

    `contributions` are ordered by size, whatever their sign. `probability` is the calibrated score, or the topic's
    share in the training data for a text without contributions. `threshold` is the probability from which the topic is
    assigned; the best topic may be assigned below it, and others not above it, where the tagger always assigns or is
    exclusive.
    """

    topic: str
    title: str
    score: float
    bias: float
    probability: float
    threshold: float
    assigned: bool
    contributions: tuple[Contribution, ...]

    def __repr__(self) -> str:
        most = joined(f"{shorten(c.feature)} {c.value:+.2f}" for c in [c for c in self.contributions if c.places][:3])
        about = _(
            "{title} {summary}; {features}",
            title=shorten(self.title),
            summary=self._summary(),
            features=most or _("no feature"),
        )
        return f"{type(self).__name__}({about})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the largest contributions, the rest summed up, the bias and the score."""
        shown, rest = self.contributions[:_FEATURES], self.contributions[_FEATURES:]
        most = max((abs(c.value) for c in shown), default=1.0) or 1.0
        rows: list[tuple[str | Bar, ...]] = [
            (f"{c.value:+.3f}", Bar(abs(c.value) / most), c.feature, faint(_(_KINDS.get(c.kind, c.kind))))
            for c in shown
        ]
        if rest:
            rows.append(
                (
                    f"{sum(c.value for c in rest):+.3f}",
                    "",
                    "",
                    faint(_n("{n} more feature", "{n} more features", len(rest))),
                )
            )
        rows += [(f"{self.bias:+.3f}", "", "", faint(_("bias"))), (f"{self.score:+.3f}", "", "", faint(_("score")))]
        caption = _("{title} {topic}: {summary}", title=self.title, topic=self.topic, summary=self._summary())
        return show_table(caption, (_("adds"), "", _("feature"), _("kind")), rows)

    def _summary(self) -> str:
        return _(
            "probability {probability:.3f}, threshold {threshold:.3f}, {assigned}",
            probability=self.probability,
            threshold=self.threshold,
            assigned=_("assigned") if self.assigned else _("not assigned"),
        )


def _tags(tags: tuple[Tag, ...]) -> str:
    return show_tags((tag.title, tag.probability) for tag in tags)
