"""A verdict on each topic and on the whole: facts, and what they say in plain sentences.

The sentences are made from the facts alone, so that a page or a program can say them otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tagger.messages import N_, Message, _, english, joined

__all__ = ["SOME", "CurveVerdict", "MixUp", "Need", "TopicVerdict", "Verdict"]

# With fewer texts than this to test on, one more or less missed is five in a hundred.
_ROUGH = 20
# Shares of texts, missed or wrongly tagged, from which they are no longer hardly any, few, or some.
_HARDLY, _FEW, SOME = 0.05, 0.10, 0.30
# Topics named in one sentence.
_NAMED = 4
_SOME = N_("Some are wrongly tagged with it: of ten about {of_ten} ({wrong} of {assigned}).")
_MANY = N_("Many are wrongly tagged with it: of ten about {of_ten} ({wrong} of {assigned}).")

Need = Literal["", "examples", "look", "threshold", "test"]
"""What would serve a topic most: nothing more; more examples; to look at those that were wrong; a lower threshold; an
example to test it on."""


@dataclass(frozen=True)
class MixUp:
    """What was taken for what: how often, of so many examples. A topic without a name is none of them."""

    topic: str
    title: str
    taken_for: str
    taken_for_title: str
    number: int
    examples: int


@dataclass(frozen=True)
class TopicVerdict:
    """What is to be said of a topic.

    Attributes:
        topic, title: which it is, and what people read.
        examples: how many have it.
        missed: how many of them were not given it.
        assigned: how many were given it.
        wrong: how many of those do not have it.
        trained_on: how many examples of it were learnt from.
        need: what would serve it most.
        more: about how many more examples would serve it; 0 where other things would.
        confused_with, confused_with_title: the topic that it is most often confused with, whichever is taken for the
            other; empty where there is none.
        confused: how often.
    """

    topic: str
    title: str
    examples: int
    missed: int
    assigned: int
    wrong: int
    trained_on: int
    need: Need
    more: int = 0
    confused_with: str = ""
    confused_with_title: str = ""
    confused: int = 0

    @property
    def silent(self) -> bool:
        """Whether nothing was tagged with it though there was something to tag."""
        return self.examples > 0 and not self.assigned

    @property
    def f1(self) -> float:
        """The F1 of the counts; 0 where it is not defined."""
        right = self.examples - self.missed
        return 2 * right / max(1, self.examples + self.assigned)

    def sentences(self) -> tuple[Message, ...]:
        """Return what is to be said, without the name of the topic, which stands before."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[Message]:
        if self.need == "test":
            yield _("No example here has it, so nothing is known of it.")
        elif self.need == "threshold":
            yield _(
                "Nothing was tagged with it: none of its {examples} texts reaches its threshold.",
                examples=self.examples,
            )
            yield _("Lower the threshold, or give it more examples.")
        elif self.silent:
            yield _(
                "Nothing was tagged with it: all of its {examples} texts were given others.", examples=self.examples
            )
        else:
            yield _missed(self.missed, self.examples)
        if self.assigned:
            yield _wrong(self.wrong, self.assigned)
        if self.need == "examples":
            yield _(
                "It was learnt from few examples, {trained_on}: some {more} more would serve best.",
                trained_on=self.trained_on,
                more=self.more,
            )
        if 0 < self.examples < _ROUGH:
            yield _("Of so few texts about it these figures are rough.")
        if self.confused:
            yield _(
                "Most often confused with {title}, {number} times.",
                title=self.confused_with_title,
                number=self.confused,
            )


@dataclass(frozen=True)
class CurveVerdict:
    """Whether more labels would help.

    Attributes:
        smaller: the smaller share of the documents that is compared with all of them.
        before, now: macro-F1 with that share, and with all.
        expected: about what twice as many documents would bring it to.
        helps: how much that is.
    """

    smaller: float
    before: float
    now: float
    expected: float
    helps: Literal["much", "little", "hardly"]

    def sentence(self) -> Message:
        """Return the answer."""
        return _(_CURVE[self.helps], share=self.smaller, before=self.before, now=self.now, expected=self.expected)


_CURVE = {
    "much": N_(
        "More labels would help: with {share:.0%} of the documents macro-F1 was {before:.2f}, with all it is "
        "{now:.2f}, and twice as many may bring it to about {expected:.2f}."
    ),
    "little": N_(
        "More labels would help a little: with {share:.0%} of the documents macro-F1 was {before:.2f}, with all it is "
        "{now:.2f}, and twice as many may bring it to about {expected:.2f}."
    ),
    "hardly": N_(
        "More labels of the same kind would hardly help: with {share:.0%} of the documents macro-F1 was {before:.2f}, "
        "and with all it is {now:.2f}."
    ),
}


@dataclass(frozen=True)
class Verdict:
    """What is to be said of an evaluation.

    Attributes:
        topics: a verdict on each, the worst first.
        exact: the share of texts that were given exactly the topics that they have; None without any text.
        false_tags: of the texts without a topic the share that was given one; None where there are none.
        curve: whether more labels would help; None where it was not asked for.
        mix_ups: what was taken for what, the most frequent first, fifty of them at most.
        plain: how many texts have no topic.
    """

    topics: tuple[TopicVerdict, ...]
    exact: float | None
    false_tags: float | None
    curve: CurveVerdict | None
    mix_ups: tuple[MixUp, ...]
    plain: int = 0

    def sentences(self) -> tuple[Message, ...]:
        """Return what is to be said of the whole."""
        said = []
        if self.exact is not None:
            said.append(_("{right} of 100 texts get exactly the topics that they have.", right=_percent(self.exact)))
        if self.false_tags is not None:
            said.append(
                _(
                    "Of 100 texts without a topic, {wrong} are given one ({plain} were tested).",
                    wrong=_percent(self.false_tags),
                    plain=self.plain,
                )
            )
        looked_at = [topic.title for topic in self.topics if topic.need == "look"]
        if looked_at:
            said.append(
                _(
                    "Look at the examples that were wrong with {titles}: labels may contradict each other, or kinds of "
                    "text be rare among the examples.",
                    titles=_some(looked_at),
                )
            )
        if self.curve is not None:
            said.append(self.curve.sentence())
        return tuple(said)

    def to_dict(self) -> dict[str, Any]:
        """Return facts and sentences, ready for JSON."""
        found = asdict(self)
        found["sentences"] = [english(sentence) for sentence in self.sentences()]
        for topic, said in zip(found["topics"], self.topics, strict=True):
            topic["sentences"] = [english(sentence) for sentence in said.sentences()]
        return found


def _some(titles: Sequence[str]) -> str:
    """Return titles in a row: the first few, and that there are more."""
    named = joined(titles[:_NAMED])
    return _("{titles} …", titles=named) if len(titles) > _NAMED else named


def _missed(missed: int, examples: int) -> Message:
    if not missed:
        return _("Not one of its {examples} texts was missed.", examples=examples)
    if missed / examples < _HARDLY:
        return _("Hardly any text about it is missed ({missed} of {examples}).", missed=missed, examples=examples)
    of_ten = max(1, round(10 * missed / examples))
    if of_ten == 1:
        return _(
            "Of ten texts about it, about one is missed ({missed} of {examples}).", missed=missed, examples=examples
        )
    return _(
        "Of ten texts about it, about {of_ten} are missed ({missed} of {examples}).",
        of_ten=of_ten,
        missed=missed,
        examples=examples,
    )


def _wrong(wrong: int, assigned: int) -> Message:
    share = wrong / assigned
    if not wrong:
        return _("Nothing was wrongly tagged with it ({assigned} tagged).", assigned=assigned)
    if share < _FEW:
        return _("Few are wrongly tagged with it ({wrong} of {assigned}).", wrong=wrong, assigned=assigned)
    text = _SOME if share < SOME else _MANY
    return _(text, of_ten=max(1, round(10 * share)), wrong=wrong, assigned=assigned)


def _percent(share: float) -> int:
    """Round to whole percent, but to none or all only where it is so."""
    return int(min(99, max(1, round(100 * share)))) if 0 < share < 1 else int(share * 100)
