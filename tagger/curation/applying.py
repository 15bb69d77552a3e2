"""Decisions about findings → the user's own label file, changed in those cells and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tagger.curation.decisions import Decision, read_decisions
from tagger.curation.naming import Names
from tagger.curation.resolving import RefusedRow, Resolver
from tagger.dataset import LabelOptions
from tagger.dataset.checks import topics_for
from tagger.dataset.editing import Edited, LabelFile, open_labels
from tagger.errors import DataError, Problem, RunError
from tagger.files import atomic_file, translate_write_errors
from tagger.messages import _, english
from tagger.records import Topic

__all__ = ["Applied", "Changed", "RefusedRow", "apply_findings", "edit_labels", "replace_labels"]


@dataclass(frozen=True)
class Changed:
    """A row of the labels whose topics changed: its line, and what stood and stands in the cell."""

    line: int
    before: str
    after: str


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
    resolver = Resolver(file, names)
    edited, refused = edit_labels(file, resolver, decisions)
    written, backup = None, None
    if not dry_run:
        _check_output(output, findings)
        written, backup = replace_labels(file, edited.data, None if output is None else Path(output))
    return Applied(
        findings=str(findings),
        labels=str(labels),
        output=written,
        backup=backup,
        rows=len(file.examples),
        changed=tuple(Changed(cell.line, cell.before, cell.after) for cell in edited.cells),
        refused=refused,
        kept=resolver.kept,
        already=resolver.already,
        undecided=resolver.undecided,
    )


def edit_labels(
    file: LabelFile, resolver: Resolver, decisions: Iterable[Decision]
) -> tuple[Edited, tuple[RefusedRow, ...]]:
    """Return a label file with what was decided, still in memory, and the rows of findings that were refused.

    Raises:
        DataError: when rows that were not to be changed would be read otherwise.
    """
    wanted, refused = resolver.read(decisions)
    edited = file.edit(wanted)
    for problem in edited.refused:
        rows = resolver.rows[problem.line or 0]
        refused += [RefusedRow(row, problem.line, problem.message) for row in rows]
    return edited, tuple(sorted(refused, key=lambda one: one.row))


def _check_output(output: str | Path | None, findings: str | Path) -> None:
    if output is not None and Path(output).resolve() == Path(findings).resolve():
        raise DataError(str(output), Problem(_("is the sheet of findings: name another file to write")))
    if output is not None and Path(output).is_dir():
        raise DataError(str(output), Problem(_("is a folder: name a file to write")))


def replace_labels(
    file: LabelFile, data: bytes, output: Path | None = None, *, keep: bool = True
) -> tuple[str | None, str | None]:
    """Write the labels, and return the names of what was written and of what is kept of the file before.

    Raises:
        RunError: when it cannot be written, or the label file was changed by somebody else since it was read.
    """
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
        backup = str(_keep(path, file.data)) if keep else None
        with atomic_file(path) as new:
            new.write(data)
    return str(path), backup


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
