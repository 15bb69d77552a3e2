"""Decisions about findings × a label file → the topics that its lines are to have, and what is refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tagger.curation.decisions import Decision, answer_of
from tagger.curation.naming import Names, UnknownTopicError
from tagger.dataset.editing import LabelFile
from tagger.dataset.keys import example_key
from tagger.messages import _, joined
from tagger.records import Example
from tagger.text import normalise

__all__ = ["RefusedError", "RefusedRow", "Resolver"]

# Characters of a text that is long enough to be told by its beginning.
_CUT = 1000


@dataclass(frozen=True)
class RefusedRow:
    """A row of the findings that was not applied: its line there, the line of the labels, and why."""

    row: int
    line: int | None
    reason: str


class RefusedError(Exception):
    """Raised where a decision cannot be applied, with why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Resolver:
    """Finds what is wanted of a label file, whose topics have these names; counts decisions that want nothing.

    Attributes:
        rows: by line, the rows of the findings that are about it.
        kept: rows of the findings whose topics were found to be right.
        already: rows whose topics are as decided already.
        undecided: rows without a decision, and those that somebody was not sure of.
    """

    def __init__(self, file: LabelFile, names: Names) -> None:
        self.rows: Mapping[int, list[int]] = defaultdict(list)
        self.kept = self.already = self.undecided = 0
        self._file = file
        self._names = names
        self._examples = {example.line: example for example in file.examples}
        self._places: dict[str, list[int]] = defaultdict(list)
        for example in file.examples:
            for key in self._keys(example):
                self._places[key].append(example.line or 0)

    def read(self, decisions: Iterable[Decision]) -> tuple[dict[int, tuple[str, ...]], list[RefusedRow]]:
        """Return the topics that lines are to have, as the file names them, and what was refused."""
        refused: list[RefusedRow] = []
        wanted: dict[int, tuple[str, ...]] = {}
        clashing: set[int] = set()
        for decision in decisions:
            try:
                decided = self._decided(decision)
            except (RefusedError, UnknownTopicError) as error:
                refused.append(RefusedRow(decision.row, decision.line, error.reason))
                continue
            if decided is None:
                continue
            line, topics = decided
            if set(wanted.setdefault(line, topics)) != set(topics):
                clashing.add(line)
            self.rows[line].append(decision.row)
        for line in clashing:
            rows = self.rows[line]
            why = _(
                "the decisions about line {line} differ in rows {rows}: settle on one",
                line=line,
                rows=joined(map(str, rows)),
            )
            refused += [RefusedRow(row, line, why) for row in rows]
        return self._changing({line: wanted[line] for line in wanted if line not in clashing}), refused

    def _changing(self, wanted: Mapping[int, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
        """Return the topics as the file names them, where they are others than before."""
        changing: dict[int, tuple[str, ...]] = {}
        for line, topics in wanted.items():
            before = self._examples[line].topics
            had = {self._names.of(name): name for name in before}
            if set(topics) != set(had):
                changing[line] = tuple(had.get(topic) or self._names.in_file(topic) for topic in topics)
        return changing

    def _decided(self, decision: Decision) -> tuple[int, tuple[str, ...]] | None:
        """Return the line and its topics by their names; None where nothing is to be done."""
        answer = None
        if isinstance(decision.decision, str):
            answer = answer_of(decision.decision)
            if answer is not None and decision.decision and self._names.knows(decision.decision):
                raise RefusedError(
                    _("{word!r} is a topic and a decision: write the topic's other name", word=decision.decision)
                )
        if answer == "unsure":
            self.undecided += 1
            return None
        topics = self._topics(decision, answer)
        example = self.example(decision, topics)
        if answer == "keep":
            self.kept += 1
            topics = self.of(example)
        elif set(topics or ()) == set(self.of(example)):
            self.already += 1
        return example.line or 0, topics or ()

    def _topics(self, decision: Decision, answer: str | None) -> tuple[str, ...] | None:
        """Return the topics that are asked for; None where those that are there stay."""
        if answer == "keep":
            return None
        if answer == "none":
            return ()
        if answer is None:
            return self._names.read(decision.decision)
        return self.suggested(decision)

    def suggested(self, decision: Decision) -> tuple[str, ...]:
        """Return the topics that were suggested.

        Raises:
            RefusedError: when none were.
            UnknownTopicError: when one of them is not known.
        """
        suggested = decision.suggestion
        if not suggested:
            raise RefusedError(_("there is no suggestion to take: write the topics, or none"))
        if isinstance(suggested, str) and answer_of(suggested) == "none" and not self._names.knows(suggested):
            return ()
        return self._names.read(suggested)

    def example(self, decision: Decision, topics: tuple[str, ...] | None) -> Example:
        """Return the example that a decision is about, if it is what it was, or has the topics asked for already.

        Raises:
            RefusedError: when it has changed, or that cannot be told.
        """
        if decision.line is None:
            raise RefusedError(_("names no line of the labels"))
        example = self._examples.get(decision.line)
        same_text = example is not None and decision.text is not None and _same(example.text, decision.text)
        if example is not None and same_text and topics is not None and set(topics) == set(self.of(example)):
            return example  # it was applied before
        if not decision.key and example is not None and same_text:
            return example
        if not decision.key and decision.text is None:
            raise RefusedError(_("has neither key nor text, by which to tell whether the line is what it was"))
        if example is not None and decision.key and decision.key in self._keys(example):
            return example
        elsewhere = self._places.get(decision.key, [])
        if elsewhere:
            raise RefusedError(
                _(
                    "line {line} has changed since it was looked at; what was looked at stands on line {now} now: "
                    "check the labels again",
                    line=decision.line,
                    now=elsewhere[0],
                )
            )
        raise RefusedError(
            _("line {line} has changed since it was looked at: check the labels again", line=decision.line)
        )

    def of(self, example: Example) -> tuple[str, ...]:
        """Return the topics of an example by their names."""
        return tuple(self._names.of(name) for name in example.topics)

    def _keys(self, example: Example) -> set[str]:
        """Return the keys that an example may have, by the names in the file and by those of the topics."""
        return {example_key(example), example_key(replace(example, topics=self.of(example)))}


def _same(text: str, shown: str) -> bool:
    """Return whether a sheet shows this text, which it may have cut if it is long."""
    if shown.endswith("…") and len(shown) >= _CUT:
        return text.startswith(shown[:-1])
    return normalise(text).strip() == normalise(shown).strip()
