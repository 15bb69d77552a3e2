"""Decisions about findings → the user's own label file, changed in those cells and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tagger.curation.decisions import Decision, answer_of, read_decisions
from tagger.curation.naming import Names, UnknownTopicError
from tagger.dataset import LabelOptions
from tagger.dataset.checks import topics_for
from tagger.dataset.editing import LabelFile, open_labels
from tagger.dataset.keys import example_key
from tagger.errors import DataError, Problem, RunError
from tagger.files import atomic_file, translate_write_errors
from tagger.messages import _, english, joined
from tagger.records import Example, Topic
from tagger.text import normalise

__all__ = ["Applied", "Changed", "RefusedRow", "apply_findings"]


# Characters of a text that is long enough to be told by its beginning.
_CUT = 1000


@dataclass(frozen=True)
class Changed:
    """A row of the labels whose topics changed: its line, and what stood and stands in the cell."""

    line: int
    before: str
    after: str


@dataclass(frozen=True)
class RefusedRow:
    """A row of the findings that was not applied: its line there, the line of the labels, and why."""

    row: int
    line: int | None
    reason: str


@dataclass(frozen=True)
class Applied:
    """What became of the decisions in a sheet of findings.

    Attributes:
        findings: the name of the sheet.
        labels: the name of the label file.
        output: the file that was written; None where nothing was.
        backup: where the label file is kept as it was; None where it was not replaced.
        rows: how many rows the label file has that have a text.
        changed: the rows that changed, by line.
        refused: the rows of the findings that were not applied, in their order.
        kept: rows of the findings whose topics were found to be right.
        already: rows whose topics are as decided already.
        undecided: rows without a decision, and those that somebody was not sure of.
    """

    findings: str
    labels: str
    output: str | None
    backup: str | None
    rows: int
    changed: tuple[Changed, ...]
    refused: tuple[RefusedRow, ...]
    kept: int
    already: int
    undecided: int

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, ready for JSON, in English."""
        return asdict(replace(self, refused=tuple(replace(one, reason=english(one.reason)) for one in self.refused)))


class _RefusedError(Exception):
    """Raised where a decision cannot be applied, with why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def apply_findings(
    findings: str | Path,
    labels: str | Path,
    *,
    topics: str | Path | Sequence[Topic] | None = None,
    options: LabelOptions | None = None,
    output: str | Path | None = None,
    dry_run: bool = False,
) -> Applied:
    """Write the decisions in a sheet of findings into a label file, of which every other byte stays.

    All rows that can be applied are; the others are listed with the reason, such as a line that is not what it was when
    it was looked at. The file before is kept as `LABELS.bak`, `.bak.2` and so on, and the new one takes its place in
    one step. With `output` that file is written instead, and with `dry_run` none is. `topics` and `options` are those
    of `read_dataset`.

    Raises:
        DataError: when a file cannot be read, or the labels are of a form that is not changed.
        RunError: when it cannot be written, or the label file was changed by somebody else meanwhile.
    """
    decisions = read_decisions(findings)
    file = open_labels(labels, options)
    names = Names(file.topics, topics_for(labels, topics, file.topics))
    reader = _Reader(file, names)
    wanted, refused = reader.read(decisions)
    edited = file.edit(wanted)
    for problem in edited.refused:
        rows = reader.rows[problem.line or 0]
        refused += [RefusedRow(row, problem.line, problem.message) for row in rows]
    written, backup = None, None
    if not dry_run:
        _check_output(output, findings)
        written, backup = _write(file, edited.data, None if output is None else Path(output))
    return Applied(
        findings=str(findings),
        labels=str(labels),
        output=written,
        backup=backup,
        rows=len(file.examples),
        changed=tuple(Changed(cell.line, cell.before, cell.after) for cell in edited.cells),
        refused=tuple(sorted(refused, key=lambda one: one.row)),
        kept=reader.kept,
        already=reader.already,
        undecided=reader.undecided,
    )


class _Reader:
    """Reads what is wanted from decisions; counts those that want nothing."""

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
            except (_RefusedError, UnknownTopicError) as error:
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
                raise _RefusedError(
                    _("{word!r} is a topic and a decision: write the topic's other name", word=decision.decision)
                )
        if answer == "unsure":
            self.undecided += 1
            return None
        topics = self._topics(decision, answer)
        example = self._example(decision, topics)
        if answer == "keep":
            self.kept += 1
            topics = self._of(example)
        elif set(topics or ()) == set(self._of(example)):
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
        if not decision.suggestion:
            raise _RefusedError(_("there is no suggestion to take: write the topics, or none"))
        suggested = decision.suggestion
        if isinstance(suggested, str) and answer_of(suggested) == "none" and not self._names.knows(suggested):
            return ()
        return self._names.read(suggested)

    def _example(self, decision: Decision, topics: tuple[str, ...] | None) -> Example:
        """Return the example that a decision is about, if it is what it was."""
        if decision.line is None:
            raise _RefusedError(_("names no line of the labels"))
        example = self._examples.get(decision.line)
        same_text = example is not None and decision.text is not None and _same(example.text, decision.text)
        if example is not None and same_text and topics is not None and set(topics) == set(self._of(example)):
            return example  # it was applied before
        if not decision.key and example is not None and same_text:
            return example
        if not decision.key and decision.text is None:
            raise _RefusedError(_("has neither key nor text, by which to tell whether the line is what it was"))
        if example is not None and decision.key and decision.key in self._keys(example):
            return example
        elsewhere = self._places.get(decision.key, [])
        if elsewhere:
            raise _RefusedError(
                _(
                    "line {line} has changed since it was looked at; what was looked at stands on line {now} now: "
                    "check the labels again",
                    line=decision.line,
                    now=elsewhere[0],
                )
            )
        raise _RefusedError(
            _("line {line} has changed since it was looked at: check the labels again", line=decision.line)
        )

    def _of(self, example: Example) -> tuple[str, ...]:
        return tuple(self._names.of(name) for name in example.topics)

    def _keys(self, example: Example) -> set[str]:
        """Return the keys that an example may have, by the names in the file and by those of the topics."""
        return {example_key(example), example_key(replace(example, topics=self._of(example)))}


def _same(text: str, shown: str) -> bool:
    """Return whether a sheet shows this text, which it may have cut if it is long."""
    if shown.endswith("…") and len(shown) >= _CUT:
        return text.startswith(shown[:-1])
    return normalise(text).strip() == normalise(shown).strip()


def _check_output(output: str | Path | None, findings: str | Path) -> None:
    if output is not None and Path(output).resolve() == Path(findings).resolve():
        raise DataError(str(output), Problem(_("is the sheet of findings: name another file to write")))
    if output is not None and Path(output).is_dir():
        raise DataError(str(output), Problem(_("is a folder: name a file to write")))


def _write(file: LabelFile, data: bytes, output: Path | None) -> tuple[str | None, str | None]:
    """Write the labels, and return the names of what was written and of what is kept of the file before."""
    path = Path(file.name)
    if output is not None and output.resolve() != path.resolve():
        with atomic_file(output) as new:
            new.write(data)
        return str(output), None
    if data == file.data:
        return None, None
    with translate_write_errors(path):
        if path.read_bytes() != file.data:
            raise RunError(
                _(
                    "{file}: was changed by another program meanwhile, and stays as it is: give the command again",
                    file=path,
                )
            )
        backup = _keep(path, file.data)
        with atomic_file(path) as new:
            new.write(data)
    return str(path), str(backup)


def _keep(path: Path, data: bytes) -> Path:
    """Keep what a file held beside it, under a name that is free; or under one that has the same already."""
    number = 1
    while (backup := path.with_name(f"{path.name}.bak{f'.{number}' * (number > 1)}")).exists():
        if backup.is_file() and backup.read_bytes() == data:
            return backup
        number += 1
    with atomic_file(backup) as kept:
        Path(kept.name).chmod(path.stat().st_mode & 0o7777)
        kept.write(data)
    return backup
