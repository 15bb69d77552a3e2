"""Counts of what was taken for what → a verdict on each topic and on the whole, as facts and as sentences.

The sentences are made from the facts alone, so that a page or a program can say them otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tagger.evaluation.sentences import Sentence

__all__ = ["ENOUGH", "CurveVerdict", "MixUp", "TopicVerdict", "Verdict", "give_verdict", "judge_curve"]

# With so many examples a threshold rests on them by half (`tagger.scoring.thresholds.PRIOR`); below, more examples are
# the first thing to do about a topic, whatever its figures, which are rough then.
ENOUGH = 50
# With fewer texts than this to test on, one more or less missed is five in a hundred.
_ROUGH = 20
# Wanted examples are rounded up to tens: nobody counts them.
_TENS = 10
# Shares of texts, missed or wrongly tagged, from which they are no longer hardly any, few, or some.
_HARDLY, _FEW, _SOME = 0.05, 0.10, 0.30
# Mix-ups with another topic from which it is named: one is chance.
_OFTEN = 2
# Pairs of topics that are kept: hundreds of topics have thousands, most of them chance.
_MIX_UPS = 50
# Topics named in one sentence.
_NAMED = 4
# What twice the documents must bring in macro-F1 to be much, or a little.
_MUCH, _LITTLE = 0.03, 0.01

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
        return self.need == "threshold"

    @property
    def f1(self) -> float:
        """The F1 of the counts; 0 where it is not defined."""
        right = self.examples - self.missed
        return 2 * right / max(1, self.examples + self.assigned)

    def sentences(self) -> tuple[Sentence, ...]:
        """Return what is to be said, without the name of the topic, which stands before."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[Sentence]:
        if self.need == "test":
            yield Sentence("No example here has it, so nothing is known of it.")
        elif self.silent:
            yield Sentence(
                "Nothing was tagged with it: none of its {examples} texts reaches its threshold.",
                {"examples": self.examples},
            )
            yield Sentence("Lower the threshold, or give it more examples.")
        else:
            yield _missed(self.missed, self.examples)
        if self.assigned:
            yield _wrong(self.wrong, self.assigned)
        if self.need == "examples":
            yield Sentence(
                "It was learnt from few examples, {trained_on}: some {more} more would serve best.",
                {"trained_on": self.trained_on, "more": self.more},
            )
        if 0 < self.examples < _ROUGH:
            yield Sentence("Of so few texts about it these figures are rough.")
        if self.confused:
            yield Sentence(
                "Most often confused with {title}, {number} times.",
                {"title": self.confused_with_title, "number": self.confused},
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

    def sentence(self) -> Sentence:
        """Return the answer."""
        values: dict[str, object] = {
            "share": f"{self.smaller:.0%}",
            "before": f"{self.before:.2f}",
            "now": f"{self.now:.2f}",
            "expected": f"{self.expected:.2f}",
        }
        return Sentence(_CURVE[self.helps], values)


_CURVE = {
    "much": "More labels would help: with {share} of the documents macro-F1 was {before}, with all it is {now}, and "
    "twice as many may bring it to about {expected}.",
    "little": "More labels would help a little: with {share} of the documents macro-F1 was {before}, with all it is "
    "{now}, and twice as many may bring it to about {expected}.",
    "hardly": "More labels of the same kind would hardly help: with {share} of the documents macro-F1 was {before}, "
    "and with all it is {now}.",
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
    """

    topics: tuple[TopicVerdict, ...]
    exact: float | None
    false_tags: float | None
    curve: CurveVerdict | None
    mix_ups: tuple[MixUp, ...]

    def sentences(self) -> tuple[Sentence, ...]:
        """Return what is to be said of the whole."""
        said = []
        if self.exact is not None:
            said.append(
                Sentence("{right} of 100 texts get exactly the topics that they have.", {"right": _percent(self.exact)})
            )
        if self.false_tags is not None:
            said.append(
                Sentence("Of 100 texts without a topic, {wrong} are given one.", {"wrong": _percent(self.false_tags)})
            )
        looked_at = [topic.title for topic in self.topics if topic.need == "look"]
        if looked_at:
            said.append(
                Sentence(
                    "Look at the examples that were wrong with {titles}: labels may contradict each other, or kinds of "
                    "text be rare among the examples.",
                    {"titles": ", ".join(looked_at[:_NAMED]) + (" …" if len(looked_at) > _NAMED else "")},
                )
            )
        if self.curve is not None:
            said.append(self.curve.sentence())
        return tuple(said)

    def to_dict(self) -> dict[str, Any]:
        """Return facts and sentences, ready for JSON."""
        found = asdict(self)
        found["sentences"] = [str(sentence) for sentence in self.sentences()]
        for topic, said in zip(found["topics"], self.topics, strict=True):
            topic["sentences"] = [str(sentence) for sentence in said.sentences()]
        return found


def give_verdict(
    titles: Mapping[str, str],
    *,
    confusion: NDArray[np.int64],
    besides: NDArray[np.int64],
    trained_on: Sequence[int],
    exact: float | None,
    false_tags: float | None,
    curve: Sequence[tuple[float, float, float]] = (),
) -> Verdict:
    """Judge each topic by what it was taken for, `confusion` and `besides` as `measures.confusion` counts them.

    `trained_on` is how many examples of each topic were learnt from.
    """
    taken = confusion.copy()
    np.fill_diagonal(taken, 0)
    between = taken[:-1, :-1]
    names, right = tuple(titles), np.diag(confusion)[:-1]
    examples = confusion[:-1].sum(axis=1)
    assigned = confusion[:, :-1].sum(axis=0) + besides
    both_ways = between + between.T
    verdicts = []
    for column, name in enumerate(names):
        other = int(both_ways[column].argmax())
        often = int(both_ways[column, other])
        partner = (names[other], titles[names[other]], often) if often >= _OFTEN else ("", "", 0)
        counts = (
            int(examples[column]),
            int(examples[column] - right[column]),
            int(assigned[column]),
            int(assigned[column] - right[column]),
        )
        learnt = int(trained_on[column])
        need = _need(*counts, learnt)
        more = math.ceil((ENOUGH - learnt) / _TENS) * _TENS if need in {"examples", "threshold"} else 0
        verdicts.append(TopicVerdict(name, titles[name], *counts, learnt, need, max(0, more), *partner))
    return Verdict(
        topics=tuple(sorted(verdicts, key=lambda verdict: (verdict.need == "test", verdict.f1))),
        exact=exact,
        false_tags=false_tags,
        curve=judge_curve(curve),
        mix_ups=tuple(islice(_mix_ups(titles, taken, confusion.sum(axis=1)), _MIX_UPS)),
    )


def judge_curve(curve: Sequence[tuple[float, float, float]]) -> CurveVerdict | None:
    """Say whether more labels would help, by macro-F1, the last entry, of shares of the documents.

    None of fewer than two shares. Errors fall with examples by a power law (Hestness et al. 2017, arXiv 1712.00409), so
    that each doubling leaves the same share of them. That share is taken over the last two doublings, where there are
    as many: over one it is noise.
    """
    if len(curve) < 2:
        return None
    (smaller, _, before), (whole, _, now) = curve[max(0, len(curve) - 3)], curve[-1]
    doublings = math.log2(whole / smaller)
    left = 1.0 if before >= 1 else ((1 - now) / (1 - before)) ** (1 / doublings)
    gain = max(0.0, (1 - now) * (1 - min(1.0, left)))
    helps: Literal["much", "little", "hardly"] = "much" if gain >= _MUCH else "little" if gain >= _LITTLE else "hardly"
    return CurveVerdict(smaller, before, now, now + gain, helps)


def _need(examples: int, missed: int, assigned: int, wrong: int, trained_on: int) -> Need:
    if not examples:
        return "test"
    if not assigned:
        return "threshold"
    if trained_on < ENOUGH:
        return "examples"
    return "look" if max(missed / examples, wrong / assigned) >= _SOME else ""


def _missed(missed: int, examples: int) -> Sentence:
    share, of_ten = missed / examples, max(1, round(10 * missed / examples))
    values: dict[str, object] = {"missed": missed, "examples": examples, "of_ten": of_ten}
    if not missed:
        return Sentence("Not one of its {examples} texts was missed.", values)
    if share < _HARDLY:
        return Sentence("Hardly any text about it is missed ({missed} of {examples}).", values)
    if of_ten == 1:
        return Sentence("Of ten texts about it, about one is missed ({missed} of {examples}).", values)
    return Sentence("Of ten texts about it, about {of_ten} are missed ({missed} of {examples}).", values)


def _wrong(wrong: int, assigned: int) -> Sentence:
    share = wrong / assigned
    values: dict[str, object] = {"wrong": wrong, "assigned": assigned, "of_ten": max(1, round(10 * share))}
    if not wrong:
        return Sentence("Nothing was wrongly tagged with it ({assigned} tagged).", values)
    if share < _FEW:
        return Sentence("Few are wrongly tagged with it ({wrong} of {assigned}).", values)
    if share < _SOME:
        return Sentence("Some are wrongly tagged with it: of ten about {of_ten} ({wrong} of {assigned}).", values)
    return Sentence("Many are wrongly tagged with it: of ten about {of_ten} ({wrong} of {assigned}).", values)


def _mix_ups(titles: Mapping[str, str], taken: NDArray[np.int64], examples: NDArray[np.int64]) -> Iterator[MixUp]:
    """Yield what was taken for what, the most frequent first."""
    named = [*titles.items(), ("", "")]
    rows, columns = np.nonzero(taken)
    for at in np.argsort(-taken[rows, columns], kind="stable").tolist():
        row, column = int(rows[at]), int(columns[at])
        yield MixUp(*named[row], *named[column], int(taken[row, column]), int(examples[row]))


def _percent(share: float) -> int:
    """Round to whole percent, but to none or all only where it is so."""
    return int(min(99, max(1, round(100 * share)))) if 0 < share < 1 else int(share * 100)
