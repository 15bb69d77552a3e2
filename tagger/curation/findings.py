"""What is doubtful in labels, one record each: kinds, ranks, and those that need no judge."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tagger.copies import COPY, near_copies
from tagger.curation.evidence import Evidence
from tagger.dataset import Doubtful
from tagger.messages import N_, _, english, joined
from tagger.records import Example

__all__ = ["KINDS", "Finding", "copies", "form", "of_example", "rare_topics"]

KINDS = (
    N_("form"),
    N_("conflict"),
    N_("wrong topic"),
    N_("missing topic"),
    N_("extra topic"),
    N_("missing second topic"),
    N_("near conflict"),
    N_("copy"),
    N_("near copy"),
    N_("rare topic"),
    N_("confused topics"),
    N_("passed over"),
)
"""Every kind of finding; those before "near conflict" are ranked together, by how sure they are."""

# Fewer examples of a topic than this teach little, and what is said of them cannot be checked.
_RARE = 10


@dataclass(frozen=True)
class Finding:
    """One thing that is doubtful.

    Attributes:
        kind: one of `KINDS`.
        line: of the label file, or the number of the example in memory; None where it is about no single example.
        document, paragraph: as the example has them.
        wrong: the probability that the label is wrong; None where nobody can say.
        topics: the names of the topics that the example has.
        suggestion: the names of those that it should have; None where none is suggested.
        evidence: the features that speak for the suggestion, then those against it.
        note: what else there is to say.
        lines: other lines that it is about.
        similarity: of copies, how alike they are.
        text: of the example.
        key: tells whether the example is still the one that was looked at; empty where it is about none.
    """

    kind: str
    line: int | None = None
    document: str | None = None
    paragraph: int | None = None
    wrong: float | None = None
    topics: tuple[str, ...] = ()
    suggestion: tuple[str, ...] | None = None
    evidence: tuple[Evidence, ...] = ()
    note: str = ""
    lines: tuple[int, ...] = ()
    similarity: float | None = None
    text: str = field(default="", repr=False)
    key: str = ""

    def in_english(self) -> Finding:
        """Return the finding as programs read it."""
        return replace(self, note=english(self.note))


def of_example(kind: str, example: Example, **rest: Any) -> Finding:
    """Return a finding about an example, still without its key."""
    given: dict[str, Any] = {"topics": example.topics} | rest
    return Finding(
        kind,
        line=example.line,
        document=example.document,
        paragraph=example.paragraph,
        text=example.text,
        **given,
    )


def form(doubtful: Doubtful) -> Iterator[Finding]:
    """Yield what training would refuse, and what it would pass over."""
    by_line = {example.line: example for example in doubtful.examples}
    for problem in doubtful.problems:
        example = by_line.get(problem.line)
        if example is None:
            yield Finding("form", line=problem.line, note=problem.message)
        else:
            yield of_example("form", example, note=problem.message)
    for passed in doubtful.reading.passed:
        first, *others = [int(str(line).rpartition(":")[2]) for line in passed.lines]
        yield Finding(
            "passed over",
            line=first,
            note=_("{number} {reason}", number=passed.number, reason=passed.reason),
            lines=tuple(others),
        )


def copies(doubtful: Doubtful) -> Iterator[Finding]:
    """Yield texts that stand more than once: under different topics, and under the same.

    Of equal texts with different topics each that has others than most is a finding, which suggests those of most; with
    no majority every one is, and nothing is suggested. A near copy is one finding, at its later line.
    """
    examples, titles = doubtful.examples, {topic.name: topic.title for topic in doubtful.topics}
    equal: dict[int, list[int]] = defaultdict(list)
    near = []
    for pair in near_copies([example.text for example in examples]):
        if pair.similarity == 1:
            equal[pair.first].append(pair.second)
        else:
            near.append(pair)
    for first, others in equal.items():
        yield from _equal([examples[place] for place in (first, *others)], titles)
    for pair in near:
        one, other = examples[pair.first], examples[pair.second]
        if one.topics != other.topics:
            kind = "near conflict"
        elif pair.similarity >= COPY:
            kind = "copy"
        else:
            kind = "near copy"
        note = _names(one.topics, titles)
        yield of_example(kind, other, note=note, lines=(one.line or 0,), similarity=pair.similarity)


def _equal(group: Sequence[Example], titles: Mapping[str, str]) -> Iterator[Finding]:
    counts = Counter(example.topics for example in group)
    (most, number), *others = counts.most_common()
    lines = [example.line or 0 for example in group]
    if not others:
        for example in group[1:]:
            yield of_example("copy", example, lines=(lines[0],), similarity=1.0)
        return
    clear = number > others[0][1]
    for example in group:
        if clear and example.topics == most:
            continue
        rest = tuple(line for line in lines if line != example.line)
        counted = (f"{_names(names, titles)} × {times}" for names, times in counts.most_common())
        note = joined(counted, N_("{first}; {second}"))
        yield of_example("conflict", example, suggestion=most if clear else None, note=note, lines=rest, similarity=1.0)


def _names(topics: Sequence[str], titles: Mapping[str, str]) -> str:
    return "|".join(titles.get(name, name) for name in topics) or "-"


def rare_topics(doubtful: Doubtful) -> Iterator[Finding]:
    """Yield topics with too few examples to learn from them, or to check them."""
    counts = Counter(name for example in doubtful.examples for name in example.topics)
    for topic in doubtful.topics:
        if 0 < counts[topic.name] < _RARE:
            first = next(example for example in doubtful.examples if topic.name in example.topics)
            yield of_example(
                "rare topic", first, note=_("{topic}: {number}", topic=topic.title, number=counts[topic.name])
            )
