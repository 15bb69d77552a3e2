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
from tagger.cli.wrapping import print_wrapped
from tagger.dataset import LabelOptions, read_held_out
from tagger.errors import ModelError
from tagger.evaluation import Comparison, Difference, Report, compare, evaluate_tagger
from tagger.messages import _, joined
from tagger.tagger import load

__all__ = ["compare_models"]

# Topics whose F1 is shown: those that differ most.
_TOPICS = 12


def compare_models(
    labels: Sequence[str],
    folders: Sequence[str],
    *,
    options: LabelOptions,
    seed: int,
    simplify: bool,
    as_json: bool,
) -> None:
    """Measure two models on the same labels, and print how they differ.

    Raises:
        ModelError: when they do not have the same topics.
    """
    first, second = (load(folder, simplify=simplify) for folder in folders)
    if first.topics != second.topics:
        others = sorted(set(first.topics) ^ set(second.topics))
        text = _("has other topics than {other}: they differ in {topics}", other=folders[0], topics=joined(others))
        raise ModelError(Path(folders[1]), text)
    dataset = read_held_out(labels, topics=first.model.topics, options=options)
    print_reading(dataset)
    reports = [evaluate_tagger(tagger, dataset, seed=seed) for tagger in (first, second)]
    for folder, report in zip(folders, reports, strict=True):
        for warning in report.warnings:
            echo(_("Warning: {file}: {warning}", file=folder, warning=warning), err=True)
    comparison = compare(*reports, names=(folders[0], folders[1]), seed=seed)
    if as_json:
        print_json({"comparison": comparison.to_dict(), "reports": [report.to_dict() for report in reports]})
    else:
        _print(open_console(), comparison, reports[0])


def _print(console: Console, comparison: Comparison, report: Report) -> None:
    print_wrapped(console, Text(printable(report.method), "bold"))
    print_wrapped(console, Text(printable(comparison.sentence())))
    console.print()
    for number, name in enumerate(comparison.names, start=1):
        print_wrapped(console, Text(printable(_("model {number}: {name}", number=number, name=name))))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", overflow="fold")
    for heading in (*(_("model {number}", number=number) for number in (1, 2)), _("difference")):
        table.add_column(heading, justify="right", no_wrap=True)
    for difference in comparison.measures:
        table.add_row(_(difference.measure), *_row(difference))
    table.add_section()
    by_size = sorted(comparison.topics.items(), key=lambda item: -abs(item[1].difference.value or 0.0))
    for name, difference in by_size[:_TOPICS]:
        table.add_row(Text(printable(_("F1 of {title}", title=report.titles[name]))), *_row(difference))
    console.print(table)
    hint = _("in brackets the 95% interval: where it holds 0, the difference may be chance")
    print_wrapped(console, Text(hint, "dim"))
    print_wrapped(console, Text(printable(comparison.signature), "dim"))


def _row(difference: Difference) -> tuple[str, str, str]:
    change = difference.difference
    shown = _figure(change.value, "+")
    if change.low is not None and change.high is not None:
        shown += " " + _("({low:+.3f} to {high:+.3f})", low=change.low, high=change.high)
    return _figure(difference.first), _figure(difference.second), shown


def _figure(value: float | None, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.3f}"
