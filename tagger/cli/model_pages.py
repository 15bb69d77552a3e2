"""A model card → a page on a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, MarkdownElement, Paragraph
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from tagger.cli.printing import printable
from tagger.cli.wrapping import wrapped
from tagger.messages import N_, _
from tagger.model import Model
from tagger.model.card import render_card
from tagger.scoring.thresholds import OperatingPoint

__all__ = ["print_model"]

_TOPICS = N_("Topics")
# A figure that rich has cut because a table does not fit; how wide it makes tables changed in 14.3.
_CUT = re.compile(r"\d…")
_INTERVAL = re.compile(r" \(-?\d\.\d+–-?\d\.\d+\)")


class _Paragraph(Paragraph):
    """A paragraph that is broken as Chinese is."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from wrapped(self.text, options.max_width)


class _Markdown(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "paragraph_open": _Paragraph}


def print_model(model: Model, digest: str) -> None:
    """Print what a model's card says, its table of topics by titles and as wide as the terminal lets it be."""
    console = Console(highlight=False)
    for part in re.split(r"(?m)^(?=## )", render_card(model)):
        heading, body = (*part.split("\n", 1), "")[:2]
        if heading in {f"## {_TOPICS}", f"## {_(_TOPICS)}"}:
            # The table is the last of it.
            before = body.partition("\n|")[0]
            console.print(_markdown(f"{heading}\n{before}"))
            console.print()
            _print_topics(console, model)
        else:
            console.print(_markdown(part if _fits(console, part) else _without_intervals(part)))
            console.print()
    console.print(Text(_("hash of the model: SHA-256 {digest}", digest=digest), style="dim"))


def _fits(console: Console, part: str) -> bool:
    """Whether no figure is cut where the part of a card is printed; without intervals there is room for all."""
    with console.capture() as printed:
        console.print(_markdown(part))
    return _CUT.search(printed.get()) is None


def _print_topics(console: Console, model: Model) -> None:
    wide, narrow = _topics(model, whole=True), _topics(model, whole=False)
    unlimited = console.options.update(max_width=10_000)
    fits = Measurement.get(console, unlimited, wide).maximum <= console.width
    console.print(wide if fits else narrow)
    for topic in model.topics:
        if topic.description:
            console.print(Text.assemble((printable(topic.title), "bold"), "  ", printable(topic.description)))
    console.print()


def _topics(model: Model, *, whole: bool) -> Table:
    """Return the table of topics: with what to expect of their thresholds, or with those alone."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(_("topic"), overflow="fold")
    expected = (_("precision"), _("recall"))
    names: Sequence[str] = (_("text from"), *expected, _("paragraph from"), *expected)
    for name in (_("examples"), *(names if whole else names[::3])):
        table.add_column(name, justify="right", no_wrap=True)
    classifier = model.classifier
    for topic, text, paragraph in zip(
        model.topics, classifier.text_thresholds, classifier.paragraph_thresholds, strict=True
    ):
        figures = [_figures(way.chosen, whole=whole) for way in (text, paragraph)]
        examples = str(model.provenance.topic_counts[topic.name])
        title = Text(printable(topic.title))
        if topic.title != topic.name:
            title.append(f" {printable(topic.name)}", style="dim")
        table.add_row(title, examples, *figures[0], *figures[1])
    return table


def _figures(point: OperatingPoint, *, whole: bool) -> list[str]:
    values = (point.threshold, point.precision, point.recall)
    # What was not measured is no number.
    return ["–" if value != value else f"{value:.3f}" for value in (values if whole else values[:1])]  # noqa: PLR0124


def _without_intervals(part: str) -> str:
    lines = (_INTERVAL.sub("", line) if line.startswith("|") else line for line in part.split("\n"))
    return "\n".join(lines)


def _markdown(text: str) -> Markdown:
    return _Markdown(printable(text), hyperlinks=False)
