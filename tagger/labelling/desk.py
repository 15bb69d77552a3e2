"""What every labelling page asks of what is behind it: the next text, decisions, undoing, and how far one is."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tagger.errors import SettingsError
from tagger.evidence import Evidence
from tagger.labelling.journal import Answer, Decision, Journal
from tagger.messages import _
from tagger.records import Example, Topic

__all__ = ["Desk", "Doubt", "Guess", "Item", "neighbours"]

# How many decisions stay in sight.
_LAST = 10


@dataclass(frozen=True)
class Guess:
    """What a model thinks of a text.

    Attributes:
        topics: those that it would assign.
        probabilities: of each topic by name.
        evidence: what decided for each of the topics; none where nobody has looked for it.
    """

    topics: tuple[str, ...]
    probabilities: dict[str, float]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Doubt:
    """What is doubtful about a row of labels.

    Attributes:
        row: of the sheet of findings.
        line: of the label file.
        topics: those that the row has, by their names.
        suggestion: those that it should have; None where none is suggested.
        problems: what kinds of findings there are about it, in the words of the sheet.
        wrong: the probability that the label is wrong; None where nobody can say.
        evidence: the words for the suggestion and against it, and what else there is to say.
    """

    row: int
    line: int
    topics: tuple[str, ...]
    suggestion: tuple[str, ...] | None = None
    problems: tuple[str, ...] = ()
    wrong: float | None = None
    evidence: str = ""


@dataclass(frozen=True)
class Item:
    """A text to be decided about.

    Attributes:
        key: what it is called in `Desk.decide`.
        example: the text, and where it is from.
        before, after: the texts around it in its document, empty at its ends.
        guess: what the model thinks; None before it has learnt anything, or where guesses are not to be shown.
        why: "new" before there is a model, "unsure", "random", "doubtful" where it has a label that may be wrong, or
            "review" where it was decided before.
        doubt: what is doubtful; None where there is no label yet.
        past: what was decided about it when it was asked before, if only to be taken back since; None if nothing was.
    """

    key: str
    example: Example
    before: str
    after: str
    guess: Guess | None
    why: str
    doubt: Doubt | None = None
    past: Decision | None = None


class Desk(ABC):
    """Asks about texts one after another, and keeps what is decided. Safe for several threads.

    Attributes:
        topics: what texts may have.
    """

    def __init__(self, topics: Sequence[Topic], journal: Journal) -> None:
        self.topics = tuple(topics)
        self._journal = journal
        self._lock = threading.Lock()
        self._watching: list[Callable[[], object]] = []

    def watch(self, told: Callable[[], object]) -> None:
        """Have something called after every decision and undo, by the thread that made it."""
        self._watching.append(told)

    @abstractmethod
    def next(self) -> Item | None:
        """Return what to ask next; None when all is decided."""

    @abstractmethod
    def item(self, key: str) -> Item:
        """Return one that was asked about before, to be looked at again.

        Raises:
            SettingsError: when there is none of that key.
        """

    @abstractmethod
    def decide(self, key: str, topics: Sequence[str], *, answer: Answer = "decided", flag: bool = False) -> Decision:
        """Keep a decision; when this returns it is on the disk.

        Raises:
            SettingsError: when there is no such text, or its topics are not such as the mode has.
            RunError: when it cannot be written.
        """

    @abstractmethod
    def undo(self) -> Item | None:
        """Take back the last decision, and return what it was about; None where there is none that can be taken back.

        Raises:
            RunError: when that cannot be written.
        """

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return how far one is, ready for JSON: counts, and the last decisions."""

    @abstractmethod
    def save(self) -> str:
        """Write the label file; return in words why it could not be, or nothing. Decisions are safe in the journal."""

    def _check(self, topics: Sequence[str], answer: Answer) -> None:
        known = {topic.name for topic in self.topics}
        if unknown := [name for name in topics if name not in known]:
            raise SettingsError(_("there is no topic {topic!r}", topic=unknown[0]))
        if answer != "decided":
            return
        number = len(set(topics))
        if self._journal.mode == "one" and number != 1:
            raise SettingsError(_("a text has exactly one topic here"))
        if self._journal.mode == "several" and not number:
            raise SettingsError(_("a text has one topic at least here"))

    def _keep(self, key: str, example: Example, topics: Sequence[str], answer: Answer, **rest: Any) -> Decision:
        """Write a decision into the journal, now and with the next number."""
        order = {topic.name: place for place, topic in enumerate(self.topics)}
        decided = sorted(set(topics), key=lambda name: (order.get(name, len(order)), name))
        decision = Decision(
            n=self._journal.number + 1,
            at=datetime.now().astimezone().isoformat(timespec="seconds"),
            key=key,
            text=example.text,
            answer=answer,
            topics=tuple(decided) if answer == "decided" else (),
            document=example.document,
            paragraph=example.paragraph,
            **rest,
        )
        self._journal.decide(decision)
        return decision

    def _tell(self) -> None:
        for told in self._watching:
            told()

    @staticmethod
    def _shown(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
        """Return the last of these decisions, the newest first, ready for JSON."""
        return [
            {
                "key": decision.key,
                "text": decision.text[:60],
                "answer": decision.answer,
                "topics": decision.topics,
                "flag": decision.flag,
            }
            for decision in sorted(decisions, key=lambda decision: -decision.n)[:_LAST]
        ]

    @staticmethod
    def _today(decisions: Sequence[Decision]) -> int:
        today = datetime.now().astimezone().date().isoformat()
        return sum(decision.at.startswith(today) for decision in decisions)


def neighbours(examples: Sequence[Example], place: int) -> tuple[str, str]:
    """Return the texts before and after one in its document, empty at its ends."""
    example = examples[place]
    before, after = (
        examples[other].text
        if example.document is not None and 0 <= other < len(examples) and examples[other].document == example.document
        else ""
        for other in (place - 1, place + 1)
    )
    return before, after
