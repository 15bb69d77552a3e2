"""What is asked next, what was decided, and how far one is: everything of a labelling page but the page."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tagger.dataset.keys import example_key
from tagger.errors import SettingsError, TaggerError
from tagger.labelling.journal import Answer, Decision, Journal
from tagger.labelling.saving import Saver
from tagger.messages import _
from tagger.records import Example, Topic

__all__ = ["Guess", "Item", "Session"]

# How many decisions stay in sight.
_LAST = 10
# One text in so many is taken at random, whatever the model thinks: by these one can tell how good it is.
_RANDOM_EVERY = 20


@dataclass(frozen=True)
class Guess:
    """What a model thinks of a text: the topics it would assign, and the probability of each topic by name."""

    topics: tuple[str, ...]
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Item:
    """A text to be decided about.

    Attributes:
        key: what it is called in `Session.decide`.
        example: the text, and where it is from.
        before, after: the texts around it in its document, empty at its ends.
        guess: what the model thinks; None before it has learnt anything, or where guesses are not to be shown.
        why: "new" before there is a model, "unsure", "random", or "review" where it was decided before.
    """

    key: str
    example: Example
    before: str
    after: str
    guess: Guess | None
    why: str


class Session:
    """Asks about texts, keeps what is decided, and hands it to whoever learns from it. Safe for several threads.

    `pool` are the texts, `topics` what they may have, `blind` hides guesses. `labelled` are texts that have labels
    already, which are not asked about.
    """

    def __init__(
        self,
        pool: Sequence[Example],
        topics: Sequence[Topic],
        journal: Journal,
        saver: Saver,
        *,
        labelled: Sequence[Example] = (),
        blind: bool = False,
    ) -> None:
        self.topics = tuple(topics)
        self.blind = blind
        self._journal, self._saver = journal, saver
        self._lock = threading.Lock()
        known = {_key(example.text) for example in labelled}
        self._labelled = Counter(name for example in labelled for name in example.topics)
        self._items = {key: place for place, key in reversed([*enumerate(_key(e.text) for e in pool)])}
        self._items = {key: place for key, place in self._items.items() if key not in known or key in journal.decisions}
        self._pool = tuple(pool)
        self._queue = [key for place, key in sorted((place, key) for key, place in self._items.items())]
        self._guesses: dict[str, Guess] = {}
        self._random = self._queue[::_RANDOM_EVERY]
        self._asked = 0
        self._watching: list[Callable[[], object]] = []

    def watch(self, told: Callable[[], object]) -> None:
        """Have something called after every decision and undo, by the thread that made it."""
        self._watching.append(told)

    def next(self) -> Item | None:
        """Return what to ask next; None when all is decided."""
        with self._lock:
            decided = self._journal.decisions
            self._asked += 1
            sources = (self._random, self._queue) if self._asked % _RANDOM_EVERY == 0 else (self._queue, self._random)
            for keys in sources:
                key = next((key for key in keys if key not in decided), None)
                if key is not None:
                    why = "random" if keys is self._random else "unsure" if self._guesses else "new"
                    return self._item(key, why)
            return None

    def item(self, key: str) -> Item:
        """Return one that was asked about before, to be looked at again.

        Raises:
            SettingsError: when there is none of that key.
        """
        if key not in self._items:
            raise SettingsError(_("there is no such text"))
        with self._lock:
            return self._item(key, "review")

    def decide(self, key: str, topics: Sequence[str], *, answer: Answer = "decided", flag: bool = False) -> Decision:
        """Keep a decision; when this returns it is on the disk.

        Raises:
            SettingsError: when there is no such text, or its topics are not such as the mode has.
            RunError: when it cannot be written.
        """
        names = [topic.name for topic in self.topics]
        unknown = [name for name in topics if name not in names]
        if key not in self._items or unknown:
            raise SettingsError(
                _("there is no topic {topic!r}", topic=unknown[0]) if unknown else _("there is no such text")
            )
        if answer == "decided":
            self._check_mode(len(set(topics)))
        with self._lock:
            before = self._journal.decisions.get(key)
            if before is not None and before.n <= self._saver.settled:
                raise SettingsError(_("its row was written and the file was changed since: change it there"))
            example = self._pool[self._items[key]]
            guess = self._guesses.get(key)
            decision = Decision(
                n=self._journal.number + 1,
                at=datetime.now().astimezone().isoformat(timespec="seconds"),
                key=key,
                text=example.text,
                answer=answer,
                topics=tuple(name for name in names if name in topics) if answer == "decided" else (),
                document=example.document,
                paragraph=example.paragraph,
                flag=flag,
                guess=None if guess is None or self.blind else guess.topics,
            )
            self._journal.decide(decision)
        self._tell()
        return decision

    def undo(self) -> Item | None:
        """Take back the last decision, and return what it was about; None where there is none that can be taken back.

        Raises:
            RunError: when that cannot be written.
        """
        with self._lock:
            last = self._journal.last(1)
            if not last or last[0].n <= self._saver.settled:
                return None
            self._journal.undo()
            item = self._item(last[0].key, "review") if last[0].key in self._items else None
        self._tell()
        return item

    def state(self) -> dict[str, Any]:
        """Return how far one is, ready for JSON: counts, and the last decisions."""
        with self._lock:
            decisions = list(self._journal.decisions.values())
            last = self._journal.last(_LAST)
        decided = [decision for decision in decisions if decision.answer == "decided"]
        counts = self._labelled + Counter(name for decision in decided for name in decision.topics)
        today = datetime.now().astimezone().date().isoformat()
        return {
            "decided": len(decided),
            "today": sum(decision.at.startswith(today) for decision in decided),
            "unsure": len(decisions) - len(decided),
            "left": sum(key not in self._journal.decisions for key in self._queue),
            "counts": {topic.name: counts[topic.name] for topic in self.topics},
            "last": [
                {
                    "key": decision.key,
                    "text": decision.text[:60],
                    "answer": decision.answer,
                    "topics": decision.topics,
                    "flag": decision.flag,
                }
                for decision in last
            ],
        }

    def save(self) -> str:
        """Write the label file; return in words why it could not be, or nothing. Decisions are safe in the journal."""
        with self._lock:
            try:
                self._saver.save()
            except TaggerError as error:
                return str(error)
        return ""

    def examples(self) -> list[Example]:
        """Return the decisions as examples."""
        with self._lock:
            decisions = list(self._journal.decisions.values())
        return [Example(d.text, d.topics, d.document, d.paragraph) for d in decisions if d.answer == "decided"]

    def learn(self, order: Sequence[str], guesses: dict[str, Guess]) -> None:
        """Take what a model makes of the texts: in which order to ask, by their keys, and what it guesses."""
        with self._lock:
            rest = [key for key in self._queue if key not in set(order)]
            self._queue = [key for key in order if key in self._items] + rest
            self._guesses = guesses

    def _tell(self) -> None:
        for told in self._watching:
            told()

    def _check_mode(self, number: int) -> None:
        if self._journal.mode == "one" and number != 1:
            raise SettingsError(_("a text has exactly one topic here"))
        if self._journal.mode == "several" and not number:
            raise SettingsError(_("a text has one topic at least here"))

    def _item(self, key: str, why: str) -> Item:
        place = self._items[key]
        example = self._pool[place]
        around = [""] * 2
        for side, other in enumerate((place - 1, place + 1)):
            if example.document is not None and 0 <= other < len(self._pool):
                neighbour = self._pool[other]
                around[side] = neighbour.text if neighbour.document == example.document else ""
        guess = None if self.blind else self._guesses.get(key)
        return Item(key, example, around[0], around[1], guess, why)


def _key(text: str) -> str:
    return example_key(Example(text, ()))
