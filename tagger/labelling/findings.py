"""A sheet of findings, a label file and a journal → what there is to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tagger.curation.applying import RefusedRow
from tagger.curation.decisions import Decision, answer_of, read_decisions
from tagger.curation.naming import Names, UnknownTopicError
from tagger.curation.resolving import RefusedError, Resolver
from tagger.dataset import LabelOptions
from tagger.dataset.checks import topics_for
from tagger.dataset.editing import LabelFile, open_labels
from tagger.dataset.keys import example_key
from tagger.errors import DataError, Problem
from tagger.labelling.desk import Doubt, Item, neighbours
from tagger.labelling.journal import Journal, Mode
from tagger.labelling.mending import Mender
from tagger.labelling.review import Review
from tagger.messages import LANGUAGES, _, _n, joined, translated
from tagger.records import Example, Topic

__all__ = ["Reviewing", "open_review"]

# Of these nobody decides which topics are right.
_NO_QUESTION = ("copy", "near copy", "rare topic", "confused topics", "passed over")
_PASSED = {translated(kind, language) for kind in _NO_QUESTION for language in LANGUAGES}


class Reviewing:
    """Findings to look at, and where decisions about them go.

    Attributes:
        items: what to ask about, in the order of the sheet.
        topics: what texts may have.
        journal: the decisions.
        changed: rows of the sheet whose line is not what it was.
        elsewhere: how many rows have a decision in the sheet.
        mender: what writes decisions into the label file.
    """

    def __init__(
        self,
        items: Sequence[Item],
        topics: Sequence[Topic],
        journal: Journal,
        mender: Mender,
        *,
        changed: Sequence[RefusedRow],
        elsewhere: int,
        mode: Mode,
    ) -> None:
        self.items, self.topics = tuple(items), tuple(topics)
        self.journal, self.mender = journal, mender
        self.changed, self.elsewhere = tuple(changed), elsewhere
        self._usual = mode

    @property
    def mode(self) -> Mode:
        """How many topics a text has: as was chosen, or else as labels and suggestions have."""
        return self.journal.mode or self._usual

    def choose(self, mode: Mode | None) -> None:
        """Choose how many topics a text has, once; None chooses what labels and suggestions have."""
        self.journal.choose(mode or self._usual)

    def session(self, *, blind: bool) -> Review:
        """Return what asks; `blind` tells neither what is suggested nor why."""
        items = [_hidden(item) for item in self.items] if blind else self.items
        return Review(items, self.topics, self.journal, self.mender)

    def sentences(self) -> Iterator[str]:
        """Yield how much there is, in words."""
        keys = {item.key for item in self.items}
        decided = sum(key in keys for key in self.journal.decisions)
        number = _n("{n} doubtful row to look at", "{n} doubtful rows to look at", len(self.items))
        yield (
            _("{number}, of which {decided} were looked at before", number=number, decided=decided)
            if decided
            else number
        )
        if self.elsewhere:
            yield _n(
                "{n} row is decided in the sheet and not asked about: tagger apply writes it",
                "{n} rows are decided in the sheet and not asked about: tagger apply writes them",
                self.elsewhere,
            )


@contextmanager
def open_review(
    findings: str | Path,
    labels: str | Path,
    *,
    topics: str | Path | None = None,
    options: LabelOptions | None = None,
) -> Iterator[Reviewing]:
    """Read findings and the label file that they are about, and hold the journal, FINDINGS.journal, until the end.

    What `tagger.curation.apply_findings` would refuse is not asked about, nor what is decided in the sheet.

    Raises:
        DataError: when something cannot be read, the labels are of a form that is not changed, or nothing is to be
            looked at.
        RunError: when the journal cannot be written, or another process has it, or labels into this file.
    """

    def read() -> tuple[LabelFile, Names]:
        file = open_labels(labels, options)
        return file, Names(file.topics, topics_for(labels, topics, file.topics))

    rows = read_decisions(findings)
    file, names = read()
    with ExitStack() as stack:
        if Path(f"{labels}.journal").exists():  # of one who labels into this file: not both at once
            stack.callback(Journal(f"{labels}.journal").close)
        journal = Journal(f"{findings}.journal")
        stack.callback(journal.close)
        found = _Finder(file, names, journal)
        items = found.items(rows)
        if not items:
            raise DataError(str(findings), Problem(_nothing(found)))
        declared = topics_for(labels, topics, file.topics)
        yield Reviewing(
            items,
            declared or [Topic(name, name) for name in file.topics],
            journal,
            Mender(read),
            changed=found.changed,
            elsewhere=found.elsewhere,
            mode=_mode(file, items),
        )


class _Finder:
    """Finds what the rows of a sheet are about, and counts those that are not asked about."""

    def __init__(self, file: LabelFile, names: Names, journal: Journal) -> None:
        self.changed: list[RefusedRow] = []
        self.elsewhere = 0
        self._examples = file.examples
        self._places = {example.line: place for place, example in enumerate(file.examples)}
        self._resolver = Resolver(file, names)
        self._journal = journal

    def items(self, rows: Sequence[Decision]) -> list[Item]:
        """Return what is asked about: one for all findings about a row of the labels."""
        items: dict[str, Item] = {}
        for row in rows:
            if row.line is None or row.problem in _PASSED:
                continue
            if row.decision and (isinstance(row.decision, list) or answer_of(row.decision) != "unsure"):
                self.elsewhere += 1
                continue
            key = f"{row.line} {row.key or example_key(Example(row.text or '', ()))}"
            try:
                item = self._item(row, key)
            except RefusedError as error:
                self.changed.append(RefusedRow(row.row, row.line, error.reason))
            else:
                items[key] = _both(items[key], item) if key in items else item
        return list(items.values())

    def _item(self, row: Decision, key: str) -> Item:
        there, standing = self._journal.applied.get(key), self._journal.decisions.get(key)
        asked = row if there is None else replace(row, key=example_key(Example(there.text, there.topics)))
        wanted = standing.topics if standing is not None and standing.answer == "decided" else None
        example = self._resolver.example(asked, wanted)
        decided = standing or there
        topics = self._resolver.of(example) if decided is None else decided.before or ()
        place = self._places[example.line]
        doubt = Doubt(row.row, row.line or 0, topics, self._suggested(row), (row.problem,), row.wrong, row.evidence)
        return Item(key, example, *neighbours(self._examples, place), None, "doubtful", doubt)

    def _suggested(self, row: Decision) -> tuple[str, ...] | None:
        try:
            return self._resolver.suggested(row)
        except (RefusedError, UnknownTopicError):
            return None


def _both(one: Item, other: Item) -> Item:
    """Return an item with what two findings say about it; the first is the surer one."""
    first, second = one.doubt, other.doubt
    assert first is not None and second is not None  # noqa: S101, PT018 - for the type checker: every item has one
    suggestion = second.suggestion if first.suggestion is None else first.suggestion
    evidence = joined(filter(None, [first.evidence, second.evidence]), "{first}; {second}")
    return replace(
        one,
        doubt=replace(first, suggestion=suggestion, problems=first.problems + second.problems, evidence=evidence),
    )


def _hidden(item: Item) -> Item:
    assert item.doubt is not None  # noqa: S101 - for the type checker: every item has one
    return replace(item, doubt=Doubt(item.doubt.row, item.doubt.line, item.doubt.topics))


def _mode(file: LabelFile, items: Sequence[Item]) -> Mode:
    numbers = {len(example.topics) for example in file.examples}
    numbers |= {len(item.doubt.suggestion) for item in items if item.doubt and item.doubt.suggestion is not None}
    return "any" if 0 in numbers else "several" if numbers != {1} else "one"


def _nothing(found: _Finder) -> str:
    if found.changed:
        return _(
            "nothing is left to look at: {number} rows are about lines that changed since; check the labels again",
            number=len(found.changed),
        )
    return _("has nothing to look at that is not decided")
