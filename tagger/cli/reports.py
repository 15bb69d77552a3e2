"""Reports of evaluation → tables on a terminal, or plain text in a pipe."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tagger.cli.printing import printable
from tagger.evaluation.report import Estimate, Report, Scores
from tagger.training import Tuning

__all__ = ["print_report", "print_tuning"]

# A pipe has no width; this one holds the widest table.
_PIPE = 120


def print_report(report: Report) -> None:
    """Print every part of a report, each with a line that says what it is."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE)
    console.print(_text(report.method, "bold"))
    console.print(_topics(report))
    console.print(f"exact match {_estimate(report.exact_match)}")
    console.print(f"false tag rate (tagged without having a topic) {_estimate(report.false_tag_rate)}")
    console.print(f"expected calibration error {report.calibration_error:.3f}, Brier score {report.brier:.3f}\n")
    console.print("[bold]Calibration[/bold]: of the topics given such a probability, this share was right")
    console.print(_reliability(report))
    console.print("[bold]Confusion matrix[/bold]: rows are true topics, columns assigned ones")
    console.print(_confusion(report))
    console.print("[bold]Precision against coverage[/bold]: when only the surest assigned topics are kept")
    console.print(_coverage(report))
    if report.curve:
        console.print("[bold]Learning curve[/bold]: trained on a share of the documents")
        console.print(_curve(report))
    console.print(_text(report.signature, "dim"))


def print_tuning(tuning: Tuning) -> None:
    """Print what was tried and what was chosen, to standard error, as it is not a result."""
    console = Console(highlight=False, stderr=True)
    table = _table("settings", tuning.measure)
    for trial in tuning.trials:
        table.add_row(_text(trial.settings.describe()), f"{trial.score:.4f}")
    console.print(table)
    cut = f"; the time budget cut off {tuning.cut} candidates" if tuning.cut else ""
    console.print(_text(f"chosen: {tuning.settings.describe()}{cut}"))


def _topics(report: Report) -> Table:
    table = _table("topic", "examples", "AP", "precision", "recall", "F1")
    for name, scores in report.topics.items():
        table.add_row(_text(name), *_scores(scores))
    table.add_section()
    table.add_row("macro", *_scores(report.macro))
    table.add_row("micro", *_scores(report.micro))
    return table


def _scores(scores: Scores) -> list[str]:
    measures = (scores.average_precision, scores.precision, scores.recall, scores.f1)
    return [str(scores.examples), *map(_estimate, measures)]


def _reliability(report: Report) -> Table:
    table = _table("probability", "count", "mean", "right")
    for part in report.reliability:
        table.add_row(
            f"{part.low:.1f}–{part.high:.1f}", str(part.count), _number(part.probability), _number(part.observed)
        )
    return table


def _confusion(report: Report) -> Table:
    names = [*report.topics, "none"]
    table = _table("", *names)
    for name, row in zip(names, report.confusion, strict=True):
        table.add_row(_text(name), *(str(count) if count else "·" for count in row))
    return table


def _coverage(report: Report) -> Table:
    table = _table("kept", "probability from", "precision")
    for share, least, precision in report.coverage:
        table.add_row(f"{share:.0%}", _number(least), _number(precision))
    return table


def _curve(report: Report) -> Table:
    table = _table("documents", "average precision", "macro-F1")
    for share, average_precision, f1 in report.curve:
        table.add_row(f"{share:.1%}", _number(average_precision), _number(f1))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first, no_wrap=True, min_width=12)
    for name in others:
        table.add_column(_text(name), justify="right")
    return table


def _text(text: str, style: str = "") -> Text:
    """Take a text as it is: brackets in it are no markup."""
    return Text(printable(text), style=style)


def _estimate(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _number(estimate.value)
    return f"{_number(estimate.value)} ({estimate.low:.2f}–{estimate.high:.2f})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
