"""Decisions, each on the disk before anything else is told of it; nothing is ever taken out, an undo is one more line.

    {"format": 1, "mode": "any"}
    {"n": 1, "at": "2026-11-27T04:03:11+08:00", "key": "9f3c…", "text": "…", "answer": "decided", "topics": ["a"], …}
    {"undo": 1}
    {"written": {"start": 812, "digest": "…", "upto": 1, "settled": 0}}
    {"applied": {"17 9f3c…": 4, "23 07ab…": null}}

The last line may have been broken off by whatever ended the process: what was not acknowledged is not there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import orjson

from tagger.errors import DataError, Problem, RunError
from tagger.files import sync_file, translate_write_errors
from tagger.messages import _

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such locks
    fcntl = None  # type: ignore[assignment]  # the module, or none

__all__ = ["Answer", "Decision", "Journal", "Mode", "Written"]

Mode = Literal["one", "several", "any"]
"""How many topics a text has: exactly one; one or several; none, one or several."""

Answer = Literal["decided", "unsure"]

_FORMAT = 1


@dataclass(frozen=True)
class Decision:
    """What was decided about a text.

    Attributes:
        n: its number, from 1 up.
        at: when, as ISO 8601 with the offset of the place.
        key: of the text (`tagger.dataset.keys`).
        text, document, paragraph: the text, and where it is from as far as is known.
        answer: "unsure" leaves the text without a label.
        topics: empty for none of them.
        flag: whether it is to be looked at again.
        guess: the topics that the model had guessed; None where it had not, or did not show it.
        before: the topics that a row of labels had when it was looked at; None where there was no such row.
    """

    n: int
    at: str
    key: str
    text: str
    answer: Answer
    topics: tuple[str, ...]
    document: str | None = None
    paragraph: int | None = None
    flag: bool = False
    guess: tuple[str, ...] | None = None
    before: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Written:
    """How far the label file is.

    Attributes:
        start: the byte from which on it holds what we added.
        digest: SHA-256 of that.
        upto: the last decision that it goes up to.
        settled: the last decision whose row is the user's own, since the file was changed meanwhile.
    """

    start: int
    digest: str
    upto: int
    settled: int = 0


class Journal:
    """The decisions of one label file, kept beside it.

    Attributes:
        mode: how many topics a text has; None until it is chosen.
        decisions: those that stand, by the key of the text, the last decided last.
        written: how far the label file is; None where nothing was written.
        applied: where decisions change rows of the label file, those that stand in it, by their keys.

    Raises:
        RunError: when it cannot be written, or another process has it.
        DataError: when it is no journal.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.mode: Mode | None = None
        self.decisions: dict[str, Decision] = {}
        self.written: Written | None = None
        self.applied: dict[str, Decision] = {}
        self._all: list[Decision] = []
        self._undone: set[int] = set()
        with translate_write_errors(self.path):
            self._file = self.path.open("a+b")
        try:
            self._lock()
            self._read()
            with translate_write_errors(self.path):
                sync_file(self.path.parent)
        except BaseException:
            self.close()
            raise

    def choose(self, mode: Mode) -> None:
        """Keep how many topics a text has; once."""
        if self.mode is None:
            self._append({"format": _FORMAT, "mode": mode})
            self.mode = mode

    @property
    def number(self) -> int:
        """The number of the last decision, undone or not."""
        return self._all[-1].n if self._all else 0

    def decide(self, decision: Decision) -> None:
        """Keep a decision; when this returns it is on the disk."""
        self._append(asdict(decision))
        self._take(decision)

    def undo(self) -> Decision | None:
        """Take back the last decision that stands, and return it; an earlier one about the same text stands again."""
        standing = max(self.decisions.values(), key=lambda decision: decision.n, default=None)
        if standing is not None:
            self._append({"undo": standing.n})
            self._undo(standing.n)
        return standing

    def note_written(self, written: Written) -> None:
        """Keep how far the label file is."""
        self._append({"written": asdict(written)})
        self.written = written

    def note_applied(self, numbers: Mapping[str, int | None]) -> None:
        """Keep which decision a row of the label file is as, by its key; None where it is as it was before any."""
        self._append({"applied": dict(numbers)})
        self._apply(numbers)

    def last(self, number: int) -> list[Decision]:
        """Return the last decisions that stand, the newest first."""
        return sorted(self.decisions.values(), key=lambda decision: -decision.n)[:number]

    def close(self) -> None:
        """Let another process have it."""
        self._file.close()

    def _lock(self) -> None:
        if fcntl is not None:  # pragma: no branch - see above
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise RunError(
                    _("{file}: is open in another process that labels; end that one first", file=self.path)
                ) from None

    def _read(self) -> None:
        self._file.seek(0)
        data = self._file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            self._file.truncate(whole)
        for line, entry in enumerate(self._entries(data[:whole]), start=1):
            try:
                self._replay(entry)
            except (KeyError, TypeError, ValueError) as error:
                raise self._error(line) from error

    def _entries(self, data: bytes) -> Iterator[dict[str, Any]]:
        for line, text in enumerate(data.splitlines(), start=1):
            try:
                entry = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise self._error(line) from error
            if not isinstance(entry, dict):
                raise self._error(line)
            yield entry

    def _error(self, line: int) -> DataError:
        return DataError(
            str(self.path), Problem(_("is no line of a journal of labels: move the file away to start again"), line)
        )

    def _replay(self, entry: dict[str, Any]) -> None:
        if "format" in entry:
            if entry["format"] != _FORMAT or entry["mode"] not in {"one", "several", "any"}:
                raise ValueError(entry)
            self.mode = entry["mode"]
        elif "undo" in entry:
            self._undo(int(entry["undo"]))
        elif "written" in entry:
            self.written = Written(**entry["written"])
        elif "applied" in entry:
            self._apply(dict(entry["applied"]))
        else:
            decision = Decision(**entry)
            guess, before = (None if found is None else tuple(found) for found in (decision.guess, decision.before))
            self._take(replace(decision, topics=tuple(decision.topics), guess=guess, before=before))

    def _take(self, decision: Decision) -> None:
        self._all.append(decision)
        self.decisions.pop(decision.key, None)
        self.decisions[decision.key] = decision

    def _apply(self, numbers: Mapping[str, int | None]) -> None:
        for key, number in numbers.items():
            self.applied.pop(key, None)
            if number is not None:
                (self.applied[key],) = (decision for decision in self._all if decision.n == number)

    def _undo(self, number: int) -> None:
        self._undone.add(number)
        (undone,) = (decision for decision in self._all if decision.n == number)
        del self.decisions[undone.key]
        before = [d for d in self._all if d.key == undone.key and d.n not in self._undone]
        if before:
            self.decisions[undone.key] = before[-1]

    def _append(self, entry: dict[str, Any]) -> None:
        with translate_write_errors(self.path):
            self._file.write(orjson.dumps(entry) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
