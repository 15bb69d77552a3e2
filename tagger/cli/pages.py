"""Articles and explanations → pages on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tagger.batch import Fields, RunOptions, Stream
from tagger.batch.chunks import Work, read_text, tag_chunk
from tagger.batch.inputs import read_chunks
from tagger.records import Article, Contribution, Explanation, Tag
from tagger.tagger import Tagger

__all__ = ["print_article", "print_explanations", "print_pages"]

_DECIDING = 4
_COLOURS = ("green", "yellow", "cyan", "magenta", "blue", "red")


def print_pages(inputs: Sequence[str], tagger: Tagger, fields: Fields, options: RunOptions, stream: Stream) -> int:
    """Print a page for each text, tag JSON lines into the stream, and give how many could not be tagged."""
    work = Work(fields, options.encoding, options.max_line_bytes)
    rejected = 0
    for chunk in read_chunks(inputs, options, live=True):
        if chunk is None:
            continue
        if not chunk.texts:
            done = tag_chunk(chunk, tagger=tagger, work=work)
            stream.write(chunk, done)
            stream.pause()
            rejected += done.counts.rejected
        for text in chunk.texts:
            read = read_text(text, work)
            if isinstance(read, str):
                print_article(text.name, tagger.tag(read), tagger)
            else:
                stream.on_reject(read.fields["reason"])
                rejected += 1
    return rejected


def print_article(name: str, article: Article, tagger: Tagger) -> None:
    """Print an article's topics, and the paragraphs that carry them with the features that decided."""
    console = Console()
    console.rule(Text(_printable(name), style="bold"), align="left")
    if not article.paragraphs:
        console.print("no text\n")
        return
    console.print(_tags(article.topics, tagger) if article.topics else Text("no topic", style="dim"))
    console.print()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("¶", justify="right", style="dim", min_width=2)
    table.add_column("topics", no_wrap=True, min_width=12)
    table.add_column("paragraph", ratio=3, no_wrap=True, overflow="ellipsis")
    table.add_column("what decided", ratio=2, style="dim")
    plain = 0
    for number, paragraph in enumerate(article.paragraphs, start=1):
        if not paragraph.topics:
            plain += 1
            continue
        best = next(e for e in tagger.explain(paragraph.text) if e.topic == paragraph.topics[0].topic)
        table.add_row(
            str(number),
            _tags(paragraph.topics, tagger, separator="\n"),
            Text(_printable(paragraph.text)),
            Text(" ".join(_deciding(best.contributions))),
        )
    console.print(table)
    console.print(Text(f"{plain} of {len(article.paragraphs)} paragraphs have no topic\n", style="dim"))


def print_explanations(explanations: Iterable[Explanation], *, top: int) -> None:
    """Print for each topic its largest contributions, the rest summed up, the bias and the score."""
    console = Console()
    for found in explanations:
        console.rule(
            Text(
                f"{found.title} {found.topic}  probability {found.probability:.3f}  threshold {found.threshold:.3f}  "
                f"{'assigned' if found.assigned else 'not assigned'}",
                style="bold" if found.assigned else "dim",
            ),
            align="left",
        )
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(justify="right")
        table.add_column()
        for contribution in found.contributions[:top]:
            table.add_row(f"{contribution.value:+.4f}", f"{contribution.feature}  [dim]{contribution.kind}[/dim]")
        rest = found.contributions[top:]
        if rest:
            table.add_row(f"{sum(c.value for c in rest):+.4f}", f"[dim]{len(rest)} more features[/dim]")
        table.add_row(f"{found.bias:+.4f}", "[dim]bias[/dim]")
        table.add_row(f"{found.score:+.4f}", "score")
        console.print(table)


def _tags(tags: Sequence[Tag], tagger: Tagger, *, separator: str = "  ") -> Text:
    parts = [
        Text(f"{tag.title} {_percent(tag.probability)}", style=_COLOURS[tagger.topics.index(tag.topic) % len(_COLOURS)])
        for tag in tags
    ]
    return Text(separator).join(parts)


def _printable(text: str) -> str:
    """Leave out what would steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _percent(probability: float) -> str:
    """Round down to whole percent: nothing is certain."""
    return f"{int(100 * probability)}%"


def _deciding(contributions: Iterable[Contribution]) -> list[str]:
    """Pick the features that spoke loudest for a topic; those within a longer one say nothing more."""
    loudest = list(dict.fromkeys(c.feature for c in contributions if c.value > 0 and c.places))[: 2 * _DECIDING]
    return [a for a in loudest if not any(a in b for b in loudest if a != b)][:_DECIDING]
