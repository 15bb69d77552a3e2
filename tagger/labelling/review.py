"""Findings about labels that were looked at: what is asked next, what was decided, and how far one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tagger.curation.resolving import RefusedRow
from tagger.errors import SettingsError, TaggerError
from tagger.labelling.desk import Desk, Item
from tagger.labelling.journal import Answer, Decision, Journal
from tagger.labelling.mending import Mender, Wanted
from tagger.messages import _
from tagger.records import Topic

__all__ = ["Review"]


class Review(Desk):
    """Asks about findings in their order, keeps what is decided, and has the rows of the label file mended.

    Of `items` each has what is doubtful about it (`Item.doubt`).

    Attributes:
        refused: decisions that were not written, since their row is not what it was.
    """

    def __init__(self, items: Sequence[Item], topics: Sequence[Topic], journal: Journal, mender: Mender) -> None:
        super().__init__(topics, journal)
        self._items = {item.key: item for item in items}
        self._mender = mender
        self.refused: tuple[RefusedRow, ...] = ()

    def next(self) -> Item | None:
        """Return what to ask next; None when all is decided."""
        with self._lock:
            decided = self._journal.decisions
            return next((item for key, item in self._items.items() if key not in decided), None)

    def item(self, key: str) -> Item:
        """Return one that was asked about before, to be looked at again.

        Raises:
            SettingsError: when there is none of that key.
        """
        if key not in self._items:
            raise SettingsError(_("there is no such text"))
        with self._lock:
            return replace(self._items[key], past=self._journal.decisions.get(key))

    def decide(self, key: str, topics: Sequence[str], *, answer: Answer = "decided", flag: bool = False) -> Decision:
        """Keep a decision; when this returns it is on the disk.

        Raises:
            SettingsError: when there is no such text, or its topics are not such as the mode has.
            RunError: when it cannot be written.
        """
        doubt = self.item(key).doubt
        assert doubt is not None  # noqa: S101 - for the type checker: every item has one
        if set(topics) != set(doubt.topics):  # what a row has may stay, whatever the mode is
            self._check(topics, answer)
        with self._lock:
            decision = self._keep(
                key, self._items[key].example, topics, answer, flag=flag, guess=doubt.suggestion, before=doubt.topics
            )
        self._tell()
        return decision

    def undo(self) -> Item | None:
        """Take back the last decision, and return what it was about; None where there is none that can be taken back.

        Raises:
            RunError: when that cannot be written.
        """
        with self._lock:
            last = self._journal.last(1)
            if not last or last[0].key not in self._items:
                return None
            self._journal.undo()
        self._tell()
        return replace(self._items[last[0].key], past=last[0])

    def state(self) -> dict[str, Any]:
        """Return how far one is, ready for JSON: counts, the last decisions, and what was refused in words."""
        with self._lock:
            decisions = [d for key, d in self._journal.decisions.items() if key in self._items]
        decided = [decision for decision in decisions if decision.answer == "decided"]
        kept = sum(set(decision.topics) == set(decision.before or ()) for decision in decided)
        return {
            "decided": len(decided),
            "changed": len(decided) - kept,
            "kept": kept,
            "today": self._today(decided),
            "unsure": len(decisions) - len(decided),
            "left": len(self._items) - len(decisions),
            "counts": {},
            "last": self._shown(decisions),
            "refused": [row.reason for row in self.refused],
        }

    def save(self) -> str:
        """Mend the label file; return in words why it could not be, or nothing. Decisions are safe in the journal.

        Keys are not kept waiting meanwhile.
        """
        with self._lock:
            wanted = self._wanted()
        try:
            refused = self._mender.mend(wanted) if wanted else ()
        except TaggerError as error:
            return str(error)
        rows = {row.row for row in refused}
        if written := {one.key: one.number for one in wanted if one.doubt.row not in rows}:
            with self._lock:
                self._journal.note_applied(written)
        self.refused = refused
        return ""

    def _wanted(self) -> list[Wanted]:
        """Return what is to be in the label file, and is not yet."""
        wanted = []
        for key, item in self._items.items():
            there, standing = self._journal.applied.get(key), self._journal.decisions.get(key)
            if standing is not None and standing.answer == "unsure":
                standing = None
            if item.doubt is not None and there != standing:
                topics = item.doubt.topics if standing is None else standing.topics
                number = None if standing is None else standing.n
                written = None if there is None else there.topics
                wanted.append(Wanted(key, number, item.doubt, item.example.text, topics, written))
        return wanted
