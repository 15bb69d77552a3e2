"""tagger apply: decisions about findings → the label file."""

from __future__ import annotations

import sys
from typing import Any

import click

from tagger.cli.group import as_json_option, labels_options
from tagger.cli.printing import echo, print_json
from tagger.cli.sections import Command

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
    changed = len(applied.changed)
    done = "would change" if dry_run else "changed"
    kept = f"; before: {applied.backup}" if applied.backup is not None else ""
    written = f" in {applied.output}" if output is not None and applied.output is not None else ""
    echo(f"{labels}: {changed} cells {done}{written}, {applied.rows - changed} rows untouched{kept}", err=True)
    others = {
        "found right": applied.kept,
        "as decided already": applied.already,
        "undecided": applied.undecided,
        "refused": len(applied.refused),
    }
    if any(others.values()):
        told = ", ".join(f"{number} {what}" for what, number in others.items() if number)
        echo(f"{findings}: {told}", err=True)
    sys.exit(1 if applied.refused else 0)
