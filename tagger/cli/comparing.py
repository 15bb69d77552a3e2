"""Two models on one test set → which of them is better, and by how much, on a terminal or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tagger.cli.printing import echo, print_json, printable
from tagger.cli.reading import print_reading
from tagger.cli.reports import open_console
from tagger.dataset import LabelOptions, read_held_out
from tagger.errors import ModelError
from tagger.evaluation import Comparison, Difference, Report, compare, evaluate_tagger
from tagger.tagger import load

__all__ = ["compare_models"]

# Topics whose F1 is shown: those that differ most.
_TOPICS = 12


def compare_models(
    labels: Sequence[str], folders: Sequence[str], *, options: LabelOptions, seed: int, as_json: bool
) -> None:
    """Measure two models on the same labels, and print how they differ.

    Raises:
        ModelError: when they do not have the same topics.
    """
    first, second = map(load, folders)
    if first.topics != second.topics:
        others = sorted(set(first.topics) ^ set(second.topics))
        raise ModelError(Path(folders[1]), f"has other topics than {folders[0]}: they differ in {', '.join(others)}")
    dataset = read_held_out(labels, topics=first.model.topics, options=options)
    print_reading(dataset)
    reports = [evaluate_tagger(tagger, dataset, seed=seed) for tagger in (first, second)]
    for folder, report in zip(folders, reports, strict=True):
        for warning in report.warnings:
            echo(f"Warning: {folder}: {warning}", err=True)
    comparison = compare(*reports, names=(folders[0], folders[1]), seed=seed)
    if as_json:
        print_json({"comparison": comparison.to_dict(), "reports": [report.to_dict() for report in reports]})
    else:
        _print(open_console(), comparison, reports[0])


def _print(console: Console, comparison: Comparison, report: Report) -> None:
    console.print(printable(report.method), style="bold", markup=False)
    console.print(printable(str(comparison.sentence())) + "\n", markup=False)
    for number, name in enumerate(comparison.names, start=1):
        console.print(printable(f"model {number}: {name}"), markup=False)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", overflow="fold")
    for heading in ("model 1", "model 2", "difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    for difference in comparison.measures:
        table.add_row(difference.measure, *_row(difference))
    table.add_section()
    by_size = sorted(comparison.topics.items(), key=lambda item: -abs(item[1].difference.value or 0.0))
    for name, difference in by_size[:_TOPICS]:
        table.add_row(Text(printable(f"F1 of {report.titles[name]}")), *_row(difference))
    console.print(table)
    console.print("in brackets the 95% interval: where it holds 0, the difference may be chance", style="dim")
    console.print(printable(comparison.signature), style="dim", markup=False)


def _row(difference: Difference) -> tuple[str, str, str]:
    change = difference.difference
    shown = _figure(change.value, "+")
    if change.low is not None and change.high is not None:
        shown += f" ({change.low:+.3f} to {change.high:+.3f})"
    return _figure(difference.first), _figure(difference.second), shown


def _figure(value: float | None, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.3f}"
