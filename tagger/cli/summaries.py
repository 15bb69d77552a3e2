"""What a run over files did → lines on standard error."""

from __future__ import annotations

from tagger.batch import REJECTS, Counts, Summary
from tagger.cli.printing import echo
from tagger.messages import Message, _, _n, joined

__all__ = ["rejected", "report_summary"]


def report_summary(summary: Summary, file: str | None, *, quiet: bool) -> None:
    """Print how much was tagged into a file, with which topics; what was not, and why; and where a run was stopped."""
    counts = summary.counts
    if file is not None and not quiet:
        echo(_("{done}; {took}", done=_tagged(summary, file), took=_took(summary)), err=True)
        for topic, number in sorted(counts.topics.items(), key=lambda entry: -entry[1]):
            echo(f"{number:10}  {summary.titles.get(topic, topic)}", err=True)
    if counts.rejected:
        said = rejected(counts)
        if file is not None and summary.finished:
            rejects = f"{file}{REJECTS}"
            said = _("{rejected}: {file}", rejected=said, file=rejects)
        if file is not None and summary.first_reject:
            said = _("{rejected}; the first: {first}", rejected=said, first=summary.first_reject)
        echo(said, err=True)
    if not summary.finished:
        _report_stopped(summary, file)


def _report_stopped(summary: Summary, file: str | None) -> None:
    lines, partial = summary.counts.lines, f"{file}.partial"
    if file is None:
        echo(_n("stopped after {n} line", "stopped after {n} lines", lines), err=True)
        return
    said = _n(
        "stopped after {n} line, which is kept in {file}; to go on, give the same command with --resume",
        "stopped after {n} lines, which are kept in {file}; to go on, give the same command with --resume",
        lines,
        file=partial,
    )
    echo(said, err=True)


def _tagged(summary: Summary, file: str) -> Message:
    counts = summary.counts
    values = {"file": file, "tagged": counts.tagged}
    said = (
        _n("{file}: {tagged} of {n} line tagged", "{file}: {tagged} of {n} lines tagged", counts.lines, **values)
        if summary.finished
        else _n(
            "{file}: {tagged} of {n} line tagged so far",
            "{file}: {tagged} of {n} lines tagged so far",
            counts.lines,
            **values,
        )
    )
    return _("{tagged}, {blank} blank", tagged=said, blank=counts.blank) if counts.blank else said


def _took(summary: Summary) -> Message:
    rate = (summary.counts.lines - summary.resumed) / summary.seconds
    return _("in {seconds:.1f} s, {rate:.0f} a second", seconds=summary.seconds, rate=rate)


def rejected(counts: Counts) -> Message:
    """Say how much could not be tagged, and why."""
    reasons = joined(_("{reason} {number}", reason=_(why), number=n) for why, n in counts.reasons.items())
    return _("{number} could not be tagged ({reasons})", number=counts.rejected, reasons=reasons)
