"""Articles and explanations → pages on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tagger.batch import Checkpoint, Chunk, Compression, Done, Fields, RunHeader, RunOptions, tell_rejects
from tagger.evidence import Evidence, find_evidence
from tagger.messages import N_, _, _n
from tagger.model import shipped_model
from tagger.records import Explanation
from tagger.tagger import load
from tagger.text.codes import BOUNDARY

__all__ = ["PageSink", "for_pages", "print_explanations"]

# Stretches of text shown beside a paragraph: as many as fit there on a terminal of 100 columns.
_DECIDING = 4
# The field that holds what a page shows; no field of a record has such a name.
_PAGE = "\0page"
# Bytes of input tagged at a time: a few articles, so that the first page is there at once.
_CHUNK = 10_000
# What features are.
_KINDS = {"word": N_("word"), "characters": N_("characters"), "length": N_("length")}
# What decided in a paragraph, beside the topic's colour: to be seen without it too.
_DECIDED = "bold underline"
# Columns of a terminal that are not the paragraph's nor those of what decided: its number, and what is between.
_AROUND = 11
# The share of a paragraph's line that may stand before what decided most, where the line begins within it.
_BEFORE = 0.3
# One for each topic, then from the beginning; readable on dark and on light terminals.
_COLOURS = ("green", "cyan", "magenta", "blue", "red")


def for_pages(fields: Fields, options: RunOptions) -> tuple[Fields, RunOptions]:
    """Return what a run into a `PageSink` needs: a page has paragraphs, whatever JSON was asked for."""
    gained: dict[str, Any] = {"output": _PAGE, "topics_only": False, "paragraphs": True, "explain": 0}
    small = min(options.chunk_bytes, _CHUNK)
    # One process prints sooner than several start.
    return replace(fields, overwrite=True, **gained), replace(options, chunk_bytes=small, jobs=options.jobs or 1)


class PageSink:
    """Prints a page for each article; what cannot be tagged is passed to `on_reject`, a sentence each.

    The run must have the fields and the options that `for_pages` returns.
    """

    live = True
    compression: Compression = ""

    def __init__(
        self,
        fields: Fields,
        on_reject: Callable[[str], object],
        *,
        model: str | Path | None = None,
        heading: str | None = None,
    ) -> None:
        """`model` is that of the run; `heading` stands on each page in place of file and line."""
        self._folder = Path(shipped_model() if model is None else model)
        self._heading = heading
        self._title, self._simplify = fields.title, fields.simplify
        self._on_reject = on_reject
        self._console = Console()
        self._colours: dict[str, str] = {}

    def begin(self, header: RunHeader) -> Checkpoint:
        """Load the model of the run, which tells what decided, and return the beginning."""
        tagger = load(self._folder, digest=header.model)
        self._model = (tagger.simplifying() if self._simplify else tagger).model
        return Checkpoint()

    def write(self, chunk: Chunk, done: Done) -> None:
        """Print a page for each article of a chunk, headed by its file, and by line and title where it has them."""
        for number, line in zip(done.numbers, done.output.split(b"\n"), strict=False):
            record = orjson.loads(line)
            for topic in record[_PAGE]["probabilities"]:
                self._colours.setdefault(topic, _COLOURS[len(self._colours) % len(_COLOURS)])
            title = record.get(self._title) if number is not None and self._title is not None else None
            where = record["file"] if number is None else f"{chunk.source}:{number}"
            where = self._heading or where
            paragraphs = [p for p in record[_PAGE]["paragraphs"] if p["topics"]]
            found = find_evidence(self._model, [p["text"] for p in paragraphs], [p["topics"] for p in paragraphs])
            heading = f"{where}  {title}" if title else where
            _print_page(self._console, heading, record[_PAGE], list(found), self._colours)
        for reject in tell_rejects(done):
            self._on_reject(reject)

    def flush(self) -> None:
        """Do nothing: a page is there when it is printed."""

    finish = close = flush


def _print_page(
    console: Console,
    heading: str,
    article: Mapping[str, Any],
    found: Sequence[Sequence[Evidence]],
    colours: Mapping[str, str],
) -> None:
    """Print an article's topics, and the paragraphs that have them with what decided: the evidence for each of them."""
    console.rule(Text(_printable(heading), style="bold"), align="left", style="dim")
    if not article["paragraphs"]:
        console.print(Text(_("no text")))
        console.print()
        return
    console.print(_tags(article, colours) if article["topics"] else Text(_("no topic"), style="dim"))
    console.print()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column(_("¶"), justify="right", style="dim", min_width=2)
    table.add_column(_("topics"), no_wrap=True, min_width=12)
    table.add_column(_("paragraph"), ratio=3, no_wrap=True, overflow="ellipsis")
    table.add_column(_("what decided"), ratio=2, no_wrap=True, overflow="ellipsis")
    shown = [(n, p) for n, p in enumerate(article["paragraphs"], start=1) if p["topics"]]
    tags = [_tags(paragraph, colours, separator="\n") for _number, paragraph in shown]
    widest = max((cell_len(line.plain) for tag in tags for line in tag.split()), default=0)
    width = (console.width - _AROUND - max(12, widest)) * 3 // 5
    for (number, paragraph), tag, evidence in zip(shown, tags, found, strict=True):
        text = _printable(paragraph["text"])
        table.add_row(
            str(number),
            tag,
            _marked(text, evidence, colours, width),
            Text("\n").join(_decided(text, evidence, colours)),
        )
    console.print(table)
    plain = sum(not paragraph["topics"] for paragraph in article["paragraphs"])
    number = len(article["paragraphs"])
    said = _("{plain} of {paragraphs} paragraphs have no topic", plain=plain, paragraphs=number)
    console.print(Text(f"{said}\n", style="dim"))


def _marked(text: str, evidence: Sequence[Evidence], colours: Mapping[str, str], width: int) -> Text:
    """Return a paragraph with what decided in it marked, begun where that can be seen in a line of so many columns."""
    marked = Text(text)
    stretches = [(stretch, one.topic) for one in evidence for stretch in one.stretches]
    # The strongest last: it is seen where two topics share a word.
    for stretch, topic in sorted(stretches, key=lambda pair: pair[0].value):
        marked.stylize(f"{_DECIDED} {colours[topic]}", stretch.start, stretch.end)
    strongest = max((stretch for stretch, _topic in stretches), key=lambda stretch: stretch.value, default=None)
    if strongest is None or cell_len(text[: strongest.end]) < width:
        return marked
    start = strongest.start
    while start > 0 and cell_len(text[start - 1 : strongest.start]) <= _BEFORE * width:
        start -= 1
    return Text("… ") + marked[start:]


def _decided(text: str, evidence: Sequence[Evidence], colours: Mapping[str, str]) -> Iterator[Text]:
    """Yield for each topic the words that decided, the strongest first, a line each as the topics have."""
    for one in evidence:
        strongest = sorted(one.stretches, key=lambda stretch: -stretch.value)
        words = list(dict.fromkeys(text[stretch.start : stretch.end].strip() for stretch in strongest))
        # A word within a longer one says nothing more.
        told = [word for word in words if not any(word in other for other in words if other != word)]
        yield Text(" ").join(Text(word, style=colours[one.topic]) for word in told[:_DECIDING])


def print_explanations(explanations: Iterable[Explanation], *, top: int) -> None:
    """Print for each topic its largest contributions, the rest summed up, the bias and the score."""
    console = Console()
    explanations = [*explanations]
    if any(chr(BOUNDARY) in each.feature for found in explanations for each in found.contributions[:top]):
        console.print(Text(f"{_('{sign} is where the text begins or ends', sign=chr(BOUNDARY))}\n", style="dim"))
    for found in explanations:
        heading = _(
            "{title}  probability {probability:.3f}  threshold {threshold:.3f}  {outcome}",
            title=found.title if found.title == found.topic else f"{found.title} {found.topic}",
            probability=found.probability,
            threshold=found.threshold,
            outcome=_("assigned") if found.assigned else _("not assigned"),
        )
        console.rule(Text(_printable(heading), style="bold" if found.assigned else "dim"), align="left", style="dim")
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(justify="right")
        table.add_column()
        for contribution in found.contributions[:top]:
            table.add_row(f"{contribution.value:+.4f}", _and_dim(contribution.feature, _(_KINDS[contribution.kind])))
        rest = found.contributions[top:]
        if rest:
            table.add_row(
                f"{sum(c.value for c in rest):+.4f}",
                _and_dim("", _n("{n} more feature", "{n} more features", len(rest))),
            )
        table.add_row(f"{found.bias:+.4f}", _and_dim("", _("bias")))
        table.add_row(f"{found.score:+.4f}", _("score"))
        console.print(table)


def _tags(tagged: Mapping[str, Any], colours: Mapping[str, str], *, separator: str = "  ") -> Text:
    parts = [
        Text(f"{_printable(title)} {_percent(tagged['probabilities'][topic])}", style=colours[topic])
        for topic, title in zip(tagged["topics"], tagged["titles"], strict=True)
    ]
    return Text(separator).join(parts)


def _and_dim(feature: str, remark: str) -> Text:
    return Text.assemble(_printable(feature), "  " if feature else "", (remark, "dim"))


def _printable(text: str) -> str:
    """Leave out what would steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _percent(probability: float) -> str:
    """Round down to whole percent: nothing is certain."""
    return f"{min(99, int(100 * probability))}%"
