"""Decisions about rows of a label file → those cells of it, by the same checks as `tagger apply` has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tagger.curation.applying import edit_labels, replace_labels
from tagger.curation.decisions import Decision
from tagger.curation.naming import Names
from tagger.curation.resolving import RefusedRow, Resolver
from tagger.dataset.editing import LabelFile
from tagger.dataset.keys import example_key
from tagger.labelling.desk import Doubt
from tagger.records import Example

__all__ = ["Mender", "Wanted"]


@dataclass(frozen=True)
class Wanted:
    """What is to be in a row.

    Attributes:
        key: of the item.
        number: of the decision; None where what was decided is taken back.
        doubt: what was doubtful about it.
        text: of the row.
        topics: what it is to have.
        written: the topics that we wrote there before; None where we wrote none.
    """

    key: str
    number: int | None
    doubt: Doubt
    text: str
    topics: tuple[str, ...]
    written: tuple[str, ...] | None


class Mender:
    """Changes rows of a label file, which `read` reads anew with the names of its topics.

    Attributes:
        backup: where the file is kept as it was before the first change; None where nothing was changed.
        changed: the lines that were changed.
    """

    def __init__(self, read: Callable[[], tuple[LabelFile, Names]]) -> None:
        self._read = read
        self.backup: str | None = None
        self.changed: set[int] = set()

    def mend(self, wanted: Sequence[Wanted]) -> tuple[RefusedRow, ...]:
        """Write what is wanted, and return what was refused: a row must be as it was looked at, or as we wrote it.

        Raises:
            DataError: when the label file cannot be read.
            RunError: when it cannot be replaced, as where another program holds it open.
        """
        file, names = self._read()
        edited, refused = edit_labels(file, Resolver(file, names), map(_decision, wanted))
        _path, backup = replace_labels(file, edited.data, keep=self.backup is None)
        self.backup = self.backup or backup
        self.changed |= {cell.line for cell in edited.cells}
        return refused


def _decision(wanted: Wanted) -> Decision:
    there = wanted.doubt.topics if wanted.written is None else wanted.written
    return Decision(
        row=wanted.doubt.row,
        line=wanted.doubt.line,
        decision=list(wanted.topics),
        text=wanted.text,
        key=example_key(Example(wanted.text, there)),
    )
