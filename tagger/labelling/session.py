"""Texts of a pool without labels: what is asked next, what was decided, and how far one is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from tagger.curation.outlook import Outlook
from tagger.dataset.keys import example_key
from tagger.errors import SettingsError, TaggerError
from tagger.labelling.desk import Desk, Guess, Item, neighbours
from tagger.labelling.journal import Answer, Decision, Journal
from tagger.labelling.saving import Saver
from tagger.messages import _
from tagger.records import Example, Topic

__all__ = ["Session"]

# One text in so many is taken at random, whatever the model thinks: by these one can tell how good it is.
_RANDOM_EVERY = 20


class Session(Desk):
    """Asks about texts, keeps what is decided, and hands it to whoever learns from it. Safe for several threads.

    `pool` are the texts, `topics` what they may have, `blind` hides guesses. `labelled` are texts that have labels
    already, which are not asked about.

    Attributes:
        outlook: what the next labels would bring; None where nobody has told.
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
        super().__init__(topics, journal)
        self.blind = blind
        self.outlook: Outlook | None = None
        self._saver = saver
        known = {_key(example.text) for example in labelled}
        self._labelled = Counter(name for example in labelled for name in example.topics)
        self._items = {key: place for place, key in reversed([*enumerate(_key(e.text) for e in pool)])}
        self._items = {key: place for key, place in self._items.items() if key not in known or key in journal.decisions}
        self._pool = tuple(pool)
        self._queue = [key for place, key in sorted((place, key) for key, place in self._items.items())]
        self._guesses: Mapping[str, Guess] = {}
        self._random = self._queue[::_RANDOM_EVERY]
        self._asked = 0

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
            return self._item(key, "review", self._journal.decisions.get(key))

    def decide(self, key: str, topics: Sequence[str], *, answer: Answer = "decided", flag: bool = False) -> Decision:
        """Keep a decision; when this returns it is on the disk.

        Raises:
            SettingsError: when there is no such text, or its topics are not such as the mode has.
            RunError: when it cannot be written.
        """
        self._check(topics, answer)
        if key not in self._items:
            raise SettingsError(_("there is no such text"))
        with self._lock:
            before = self._journal.decisions.get(key)
            if before is not None and before.n <= self._saver.settled:
                raise SettingsError(_("its row was written and the file was changed since: change it there"))
            guess = self._guesses.get(key)
            guessed = None if guess is None or self.blind else guess.topics
            decision = self._keep(key, self._pool[self._items[key]], topics, answer, flag=flag, guess=guessed)
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
            item = self._item(last[0].key, "review", last[0]) if last[0].key in self._items else None
        self._tell()
        return item

    def state(self) -> dict[str, Any]:
        """Return how far one is, ready for JSON: counts, and the last decisions."""
        with self._lock:
            decisions = list(self._journal.decisions.values())
        decided = [decision for decision in decisions if decision.answer == "decided"]
        counts = self._labelled + Counter(name for decision in decided for name in decision.topics)
        return {
            "decided": len(decided),
            "today": self._today(decided),
            "unsure": len(decisions) - len(decided),
            "left": sum(key not in self._journal.decisions for key in self._queue),
            "counts": {topic.name: counts[topic.name] for topic in self.topics},
            "ahead": "" if self.outlook is None else self.outlook.of_next(),
            "last": self._shown(decisions),
        }

    def save(self) -> str:
        """Write the label file; return in words why it could not be, or nothing. Decisions are safe in the journal.

        Keys are not kept waiting meanwhile.
        """
        with self._lock:
            standing = self._saver.standing()
        try:
            written, _rows = self._saver.write(standing)
        except TaggerError as error:
            return str(error)
        with self._lock:
            self._saver.note(written)
        return ""

    def examples(self) -> list[Example]:
        """Return the decisions as examples."""
        with self._lock:
            decisions = list(self._journal.decisions.values())
        return [Example(d.text, d.topics, d.document, d.paragraph) for d in decisions if d.answer == "decided"]

    def next_at_random(self, number: int) -> list[str]:
        """Return the keys of the texts to be taken at random next."""
        with self._lock:
            decided = self._journal.decisions
            return list(islice((key for key in self._random if key not in decided), number))

    def learn(self, order: Sequence[str], guesses: Mapping[str, Guess]) -> None:
        """Take what a model makes of the texts: in which order to ask, by their keys, and what it guesses."""
        first = dict.fromkeys(key for key in order if key in self._items)
        # Nobody else changes the queue, so that keys are not kept waiting.
        queue = [*first, *(key for key in self._queue if key not in first)]
        with self._lock:
            self._queue, self._guesses = queue, guesses

    def _item(self, key: str, why: str, past: Decision | None = None) -> Item:
        place = self._items[key]
        guess = None if self.blind else self._guesses.get(key)
        return Item(key, self._pool[place], *neighbours(self._pool, place), guess, why, past=past)


def _key(text: str) -> str:
    return example_key(Example(text, ()))
