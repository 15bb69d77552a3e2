"""Decisions → the label file: the rows that this page added stand at its end, and are written anew as decisions change.

What stands before them is the user's, and not touched. Where the end of the file is no longer what was written,
somebody has changed it, and all of it is the user's from then on: decisions written before are theirs to change there.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tagger.dataset.appending import append_rows
from tagger.dataset.options import LabelOptions
from tagger.errors import DataError, Problem, reason
from tagger.files import atomic_file
from tagger.labelling.journal import Decision, Journal, Written
from tagger.messages import _
from tagger.records import Example

__all__ = ["Saver", "Standing"]


@dataclass(frozen=True)
class Standing:
    """Decisions that stand, in their order, and the number of the last one, undone or not."""

    decisions: tuple[Decision, ...]
    number: int


class Saver:
    """Keeps a label file as the decisions of its journal have it."""

    def __init__(self, path: str | Path, journal: Journal, options: LabelOptions) -> None:
        self.path = Path(path)
        self._journal = journal
        self._options = options

    @property
    def settled(self) -> int:
        """The number of the last decision whose row is the user's own by now, so that it is changed in the file."""
        return self._journal.written.settled if self._journal.written is not None else 0

    def save(self) -> int:
        """Write the decisions that stand into the label file, and return how many rows are ours there.

        Raises:
            DataError: when a row cannot be written in the file's form.
            RunError: when the file cannot be replaced, as where another program holds it open.
        """
        written, number = self.write(self.standing())
        self.note(written)
        return number

    def standing(self) -> Standing:
        """Return what is to be in the label file."""
        decisions = sorted(self._journal.decisions.values(), key=lambda decision: decision.n)
        return Standing(tuple(decisions), self._journal.number)

    def write(self, standing: Standing) -> tuple[Written, int]:
        """Write into the label file what stood, and return how far it is then, and how many rows are ours there.

        This may take seconds, of which the journal knows nothing: decisions may come meanwhile. Errors are those of
        `save`.
        """
        data = self._read()
        own, settled = self._own(data)
        rows = [decision for decision in standing.decisions if decision.n > settled and decision.answer == "decided"]
        added = append_rows(self.path, data[:own], [_example(decision) for decision in rows], self._options)
        if added != data:
            with atomic_file(self.path) as file:
                file.write(added)
        return Written(own, _digest(added[own:]), standing.number, settled), len(rows)

    def note(self, written: Written) -> None:
        """Keep in the journal how far the label file is."""
        if written != self._journal.written:
            self._journal.note_written(written)

    def own_part(self) -> bytes:
        """Return what stands in the label file before our rows; all of it where it was changed since."""
        data = self._read()
        return data[: self._own(data)[0]]

    def _read(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise DataError(
                str(self.path), Problem(_("cannot be read: {reason}; check the path", reason=reason(error)))
            ) from error

    def _own(self, data: bytes) -> tuple[int, int]:
        """Return where our rows begin, and the last decision that is settled; in a file that was changed all are."""
        written = self._journal.written
        if written is None:
            return len(data), 0
        if len(data) >= written.start and _digest(data[written.start :]) == written.digest:
            return written.start, written.settled
        return len(data), written.upto


def _example(decision: Decision) -> Example:
    return Example(decision.text, decision.topics, decision.document, decision.paragraph)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
