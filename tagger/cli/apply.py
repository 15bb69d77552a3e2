"""tagger apply: decisions about findings → the label file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tagger.cli.group import as_json_option, labels_options
from tagger.cli.printing import echo, print_json
from tagger.cli.sections import Command
from tagger.messages import _, _n, joined

if TYPE_CHECKING:
    from tagger.curation.applying import Applied

__all__ = ["apply"]


@click.command(cls=Command, epilog="Example: tagger apply findings.xlsx labels.csv --dry-run")
@click.argument("findings")
@click.argument("labels")
@click.option("-o", "--output", metavar="FILE", help="Write this file, and leave LABELS as it is.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@labels_options
@as_json_option
def apply(
    findings: str, labels: str, *, output: str | None, dry_run: bool, as_json: bool, source: dict[str, Any]
) -> None:
    """Write the decisions in FINDINGS into LABELS, of which every other byte stays.

    FINDINGS is the sheet that tagger check wrote. In its column decision (决定) stands 改 (change) to take the
    suggestion, 对 (ok) to leave the topics, topics by name or title with | between them, 无 (none), or 拿不准
    (unsure) or nothing. A line that has changed since is refused, and named; all other rows are applied. LABELS is a
    table, JSON lines, lines of fastText or a workbook (.xlsx); as it was it is kept as LABELS.bak. Exit code: 1 if a
    row was refused.
    """
    from tagger.curation.applying import apply_findings  # noqa: PLC0415 - only where it is used

    applied = apply_findings(findings, labels, output=output, dry_run=dry_run, **source)
    if as_json:
        print_json(applied.to_dict())
    elif dry_run:
        for cell in applied.changed:
            echo(f"{labels}:{cell.line}: {cell.before!r} → {cell.after!r}")
    for row in applied.refused:
        echo(f"{findings}:{row.row}: {row.reason}", err=True)
    _tell(applied, labels, dry_run=dry_run, elsewhere=output is not None)
    others = (
        _("{n} found right", n=applied.kept) if applied.kept else "",
        _("{n} as decided already", n=applied.already) if applied.already else "",
        _("{n} undecided", n=applied.undecided) if applied.undecided else "",
        _("{n} refused", n=len(applied.refused)) if applied.refused else "",
    )
    if told := joined(filter(None, others)):
        echo(_("{file}: {told}", file=findings, told=told), err=True)
    if applied.undecided and not (applied.changed or applied.kept or applied.already or applied.refused):
        what = _("nothing is decided yet: fill in the column of decisions, save the file, and give the command again")
        echo(_("{file}: {told}", file=findings, told=what), err=True)
    sys.exit(1 if applied.refused else 0)


def _tell(applied: Applied, labels: str, *, dry_run: bool, elsewhere: bool) -> None:
    """Say how many cells were changed, where, and what was kept."""
    changed = len(applied.changed)
    if dry_run:
        done = _n("{n} cell would change", "{n} cells would change", changed)
    elif elsewhere and applied.output is not None:
        done = _n("{n} cell changed in {output}", "{n} cells changed in {output}", changed, output=applied.output)
    else:
        done = _n("{n} cell changed", "{n} cells changed", changed)
    rest = _n("{n} row untouched", "{n} rows untouched", applied.rows - changed)
    if applied.backup is None:
        echo(_("{file}: {done}, {rest}", file=labels, done=done, rest=rest), err=True)
    else:
        before = applied.backup
        echo(_("{file}: {done}, {rest}; before: {before}", file=labels, done=done, rest=rest, before=before), err=True)
