"""Reports of evaluation → a verdict and tables on a terminal, or plain text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from tagger.cli.printing import printable
from tagger.cli.verdicts import headed, print_errors, print_terms, print_verdict
from tagger.cli.wrapping import print_wrapped
from tagger.evaluation import Estimate, Report, Scores
from tagger.messages import N_, Message, _, _n
from tagger.training import Tuning

__all__ = ["open_console", "print_report", "print_tuning"]

# A pipe has no width; this one holds the widest table.
_PIPE = 120
# Rows of the table of topics, and pairs of topics that are confused: more are for programs.
_ROWS = 30
_PAIRS = 12
# The widest a title may be: a longer one takes the room of the figures.
_TITLE = 24
# What tuning goes by, as `Tuning` names it; here these are messages.
_MEASURES = (N_("accuracy"), N_("mean average precision"))
# How many measures have their intervals, and the width of titles: as much as fits, and the figures whole.
_LAYOUTS = ((4, _TITLE), (1, _TITLE), (0, _TITLE), (0, 16), (0, 8))


def open_console() -> Console:
    """Return what prints to standard output: as wide as the terminal, or as the widest table in a pipe."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE)


def print_report(
    report: Report, *, examples: bool = False, errors_in: str | None = None, explain_terms: bool = False
) -> None:
    """Print every part of a report: what to make of it first, then the figures.

    `examples` asks for those that were wrong, of which all are in the file `errors_in`; `explain_terms` for what the
    terms mean.
    """
    console = open_console()
    print_wrapped(console, _text(report.method, "bold"))
    print_verdict(console, report.verdict)
    _print_topics(console, report)
    for said in (
        _("exact match {estimate}", estimate=_estimate(report.exact_match)),
        _("false tag rate (tagged without having a topic) {estimate}", estimate=_estimate(report.false_tag_rate)),
        _(
            "expected calibration error {error:.3f}, Brier score {brier:.3f}",
            error=report.calibration_error,
            brier=report.brier,
        ),
    ):
        print_wrapped(console, _text(said))
    console.print()
    _print_confusion(console, report)
    if examples:
        print_errors(console, report.errors, all_in=errors_in)
    about = _("of the topics given such a probability, this share was right")
    _print_part(console, _("Calibration"), about, _reliability(report))
    about = _("when only the surest assigned topics are kept")
    _print_part(console, _("Precision against coverage"), about, _coverage(report))
    if report.curve:
        about = _("trained on a share of the documents")
        _print_part(console, _("Learning curve"), about, _curve(report))
    if explain_terms:
        print_terms(console)
    else:
        print_wrapped(console, _text(_("What the terms mean: --explain-terms"), "dim"))
    print_wrapped(console, _text(report.signature, "dim"))


def print_tuning(tuning: Tuning) -> None:
    """Print what was tried and what was chosen, to standard error, as it is not a result."""
    console = Console(highlight=False, stderr=True)
    table = _table(_("settings"), _(tuning.measure))
    for trial in tuning.trials:
        table.add_row(_text(trial.settings.describe()), f"{trial.score:.4f}")
    console.print(table)
    said = _("chosen: {settings}", settings=tuning.settings.describe())
    if tuning.cut:
        cut = _n("the time budget cut off {n} candidate", "the time budget cut off {n} candidates", tuning.cut)
        said = _("{done}; {todo}", done=said, todo=cut)
    print_wrapped(console, _text(said))


def _print_part(console: Console, heading: Message, about: Message, table: Table) -> None:
    print_wrapped(console, headed(heading, about))
    console.print(table)
    console.print()


def _print_topics(console: Console, report: Report) -> None:
    """Print the measures of each topic in the form that fits: with all intervals, with that of F1, or with none."""
    names = list(report.topics)
    left_out = max(0, len(names) - _ROWS)
    if left_out:
        names = [verdict.topic for verdict in report.verdict.topics[:_ROWS]]
    for intervals, width in _LAYOUTS:
        table = _topics(report, names, intervals, width)
        if _fits(console, table):
            break
    console.print(table)
    if left_out:
        said = _("the {shown} worst topics; {number} more are in --json", shown=_ROWS, number=left_out)
        print_wrapped(console, _text(said, "dim"))


def _topics(report: Report, names: Sequence[str], intervals: int, width: int) -> Table:
    table = _table(_("topic"), _("examples"), _("AP"), _("precision"), _("recall"), _("F1"))
    for name in names:
        table.add_row(_title(report.titles[name], width), *_scores(report.topics[name], intervals))
    table.add_section()
    table.add_row(_("macro"), *_scores(report.macro, intervals))
    table.add_row(_("micro"), *_scores(report.micro, intervals))
    return table


def _scores(scores: Scores, intervals: int) -> list[str]:
    """Return the examples and the measures; the last ones have their intervals."""
    measures = (scores.average_precision, scores.precision, scores.recall, scores.f1)
    plain = len(measures) - intervals
    return [
        str(scores.examples),
        *(_number(measure.value) for measure in measures[:plain]),
        *(_estimate(measure) for measure in measures[plain:]),
    ]


def _reliability(report: Report) -> Table:
    table = _table(_("probability"), _("count"), _("mean"), _("right"))
    for part in report.reliability:
        table.add_row(
            f"{part.low:.1f}–{part.high:.1f}", str(part.count), _number(part.probability), _number(part.observed)
        )
    return table


def _print_confusion(console: Console, report: Report) -> None:
    """Print what was taken for what: the whole table if it fits, or the most frequent pairs."""
    grid = _confusion(report)
    if _fits(console, grid):
        about = _("rows are true topics, columns what was given; a row adds up to its examples")
        _print_part(console, _("Confusion"), about, grid)
        return
    pairs = report.verdict.mix_ups[:_PAIRS]
    if not pairs:
        print_wrapped(console, headed(_("Confusion"), _("no topic was taken for another")))
        console.print()
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(_("true topic"), overflow="fold")
    table.add_column(_("given for it"), overflow="fold")
    table.add_column(_("times"), justify="right")
    table.add_column(_("of"), justify="right")
    for pair in pairs:
        title, taken_for = (_title(t) if t else _text(_("none"), "dim") for t in (pair.title, pair.taken_for_title))
        table.add_row(title, taken_for, str(pair.number), str(pair.examples))
    about = _("what was most often taken for what, and of how many examples")
    _print_part(console, _("Confusion"), about, table)


def _confusion(report: Report) -> Table:
    titles = [*report.titles.values()]
    table = _table("", *titles, _("none"), _("all"))
    for title, row in zip([*titles, _("none")], report.confusion, strict=True):
        table.add_row(_text(title), *(str(count) if count else "·" for count in row), str(sum(row)))
    if any(report.besides):
        besides = (str(count) if count else "·" for count in report.besides)
        table.add_row(_text(_("besides others"), "dim"), *besides, "", "")
    return table


def _coverage(report: Report) -> Table:
    table = _table(_("kept"), _("probability from"), _("precision"))
    for share, least, precision in report.coverage:
        table.add_row(f"{share:.0%}", _number(least), _number(precision))
    return table


def _curve(report: Report) -> Table:
    table = _table(_("documents"), _("average precision"), _("macro-F1"))
    for share, average_precision, f1 in report.curve:
        table.add_row(f"{share:.1%}", _number(average_precision), _number(f1))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first, no_wrap=True, min_width=min(12, max(1, cell_len(first))))
    for name in others:
        table.add_column(_text(name), justify="right", no_wrap=True)
    return table


def _fits(console: Console, table: Table) -> bool:
    """Whether a table is no wider than the console when nothing in it is cut."""
    wide = console.options.update(max_width=10_000)
    return Measurement.get(console, wide, table).maximum <= console.width


def _title(title: str, width: int = _TITLE) -> Text:
    """Return a title, cut where it would take the room of figures."""
    text = _text(title)
    text.truncate(width, overflow="ellipsis")
    return text


def _text(text: str, style: str = "") -> Text:
    """Take a text as it is: brackets in it are no markup."""
    return Text(printable(text), style=style)


def _estimate(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _number(estimate.value)
    return f"{_number(estimate.value)} ({estimate.low:.2f}–{estimate.high:.2f})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
