"""Files of articles → one page: what they are about, how sure that is, and what decided."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from pathlib import Path

import orjson

from tagger.batch import (
    Checkpoint,
    Chunk,
    Compression,
    Done,
    Fields,
    Progress,
    RunHeader,
    RunOptions,
    Stop,
    Summary,
    list_rejects,
    tag_files,
    tell_rejects,
)
from tagger.batch.chunks import spell_name
from tagger.errors import DataError, Problem, SettingsError
from tagger.messages import _, current, joined
from tagger.model import shipped_model
from tagger.pages.entries import Article, Reading, write_entries
from tagger.pages.overview import Overview
from tagger.pages.rendering import render_page
from tagger.pages.words import LANGUAGES, reason_in, words_in
from tagger.pages.writing import check_page, write_page
from tagger.tagger import Tagger, load

__all__ = ["ReportOptions", "write_report"]

# The field of a record that holds all that it gains; no field of a record has such a name.
_GAINED = "\0page"
# What could not be read is listed up to this number.
_LISTED = 100
# Colours with their kinds of line that a page has; further topics begin anew.
_KINDS = 6
# Topics whose numbers are drawn over time; those of all are in the table below.
_DRAWN = 12


@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """What a report shows, beside what `RunOptions` say of reading.

    Attributes:
        language: of the page's words, one of `tagger.pages.LANGUAGES`.
        text_field: the field that holds the text; without it in "text", or in one with a usual name.
        title_field: a field that is tagged as a paragraph before the text, and heads the article. Without one, a field
            with a usual name heads it, and is not tagged.
        date_field: the field that holds the date; without one, a field with a usual name.
        megabytes: how much the articles of a page may take. Where there are more, the overview counts all, and the
            most doubtful ones are listed.

    Raises:
        SettingsError: when the language is not known, or a number is outside its range.
    """

    language: str = "zh"
    text_field: str = "text"
    title_field: str | None = None
    date_field: str | None = None
    megabytes: float = 20.0

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise SettingsError(
                _(
                    "language is {language!r}: it must be one of {known}",
                    language=self.language,
                    known=joined(LANGUAGES),
                )
            )
        if not self.megabytes > 0:
            raise SettingsError(_("megabytes is {number!r}: it must be above 0", number=self.megabytes))


def write_report(  # noqa: PLR0913 - what a run may be given, each by its name
    inputs: Sequence[str],
    output: str | Path,
    *,
    model: str | Path | None = None,
    report: ReportOptions | None = None,
    options: RunOptions | None = None,
    progress: Callable[[Progress], object] | None = None,
    told: Callable[[str], object] | None = None,
    on_reject: Callable[[str], object] | None = None,
    stop: Stop | None = None,
) -> Summary:
    """Tag files, write a page about them, and return the counts; nothing is written where the run is stopped.

    Inputs are those of `tagger.batch.tag_files`, and so is what is done with what cannot be tagged: it is counted and
    listed on the page, and each is passed to `on_reject`, a sentence each. The same inputs and model give the same
    bytes.

    Raises:
        DataError: when an input is missing or damaged, or is the output; when the output is a folder, is in none, or
            has the name of another form of file; and when nothing could be tagged.
        ModelError: when the model cannot be loaded.
        RunError: when Jinja2 is not installed, or the page cannot be written.
    """
    report, options, path = report or ReportOptions(), options or RunOptions(), Path(output)
    check_page(path)
    fields = Fields(text=report.text_field, title=report.title_field, output=_GAINED, paragraphs=True, overwrite=True)
    options = replace(options, also_written=(*options.also_written, str(path)))
    sink = _Collection(Path(shipped_model() if model is None else model), report, on_reject)
    summary = tag_files(
        inputs, sink, model=model, fields=fields, options=options, progress=progress, told=told, stop=stop
    )
    if not summary.finished:
        return summary
    if not summary.counts.tagged:
        reasons = joined(f"{reason_in(current(), name)} {number}" for name, number in summary.counts.reasons.items())
        raise DataError(
            str(path),
            Problem(
                _("no article could be tagged ({reasons}): no report is written", reasons=reasons)
                if reasons
                else _("no article could be tagged: no report is written")
            ),
        )
    write_page(_render(sink, summary, inputs, report), path)
    return summary


class _Collection:
    """Gathers what a report shows: counts of all articles, and the entries of as many as a page may hold."""

    live = True
    compression: Compression = ""

    def __init__(self, folder: Path, report: ReportOptions, on_reject: Callable[[str], object] | None) -> None:
        self._folder = folder
        self._report = report
        self._fields = Reading(report.title_field, report.date_field)
        self._on_reject = on_reject
        self.overview = Overview()
        self.kept = _Kept(int(report.megabytes * 1e6))
        self.rejects: list[str] = []

    def begin(self, header: RunHeader) -> Checkpoint:
        """Load the model of the run, which tells what decided, and return the beginning."""
        self.header = header
        self.tagger: Tagger = load(self._folder, digest=header.model)
        return Checkpoint()

    def write(self, chunk: Chunk, done: Done) -> None:
        """Count the articles of a chunk and keep their entries."""
        articles = []
        for number, line in zip(done.numbers, done.output.split(b"\n"), strict=False):
            record = orjson.loads(line)
            tagged = record.pop(_GAINED)
            where = record["file"] if number is None else f"{spell_name(chunk.source)}:{number}"
            shown = {} if number is None else record
            articles.append(Article.of(shown, tagged, where, self._fields, chunk.text_field))
        for article, entry in zip(articles, write_entries(articles, self.tagger), strict=True):
            self.overview.add(article)
            self.kept.add(article.doubt, entry)
        self.rejects += islice(list_rejects(done), _LISTED - len(self.rejects))
        if self._on_reject is not None:
            for reject in tell_rejects(done):
                self._on_reject(reject)

    def flush(self) -> None:
        """Do nothing: the page is written when all is read."""

    finish = close = flush


class _Kept:
    """Entries up to a number of bytes; of more than that, those of the most doubtful articles."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: list[tuple[float, int, bytes]] = []
        self._size = self._number = 0

    def add(self, doubt: float, entry: bytes) -> None:
        """Keep an entry; the number of bytes in memory stays below twice the limit."""
        self._entries.append((-doubt, self._number, entry))
        self._number += 1
        self._size += len(entry) + 1
        if self._size > 2 * self._limit:
            self._cut()

    def entries(self) -> list[bytes]:
        """Return what was kept, in the order in which it came."""
        if self._size > self._limit:
            self._cut()
        return [entry for _, _, entry in sorted(self._entries, key=lambda kept: kept[1])]

    def _cut(self) -> None:
        self._entries.sort(key=lambda kept: kept[:2])
        sizes = list(accumulate(len(entry) + 1 for _, _, entry in self._entries))
        number = bisect_right(sizes, self._limit)
        del self._entries[number:]
        self._size = sizes[number - 1] if number else 0


def _render(found: _Collection, summary: Summary, inputs: Sequence[str], report: ReportOptions) -> str:
    words, overview, tagger = words_in(report.language), found.overview, found.tagger
    entries = found.kept.entries()
    exclusive = tagger.settings.exclusive
    shown: list[str | None] = [*tagger.topics, None]
    timeline = overview.timeline(shown)
    topics = {
        name: {
            "value": "none" if name is None else number,
            "kind": "none" if name is None else f"t{number % _KINDS}",
            "title": words["no_topic"] if name is None else tagger.titles[name],
            "articles": overview.of_articles[name],
            "paragraphs": overview.of_paragraphs[name],
            "steps": [] if timeline is None else timeline.counts[name],
        }
        for number, name in enumerate(shown)
    }
    ranked = [topics[name] for name in sorted(tagger.topics, key=lambda name: -overview.of_articles[name])]
    return render_page(
        "report.html",
        style="page.css",
        script="report.js",
        words=words,
        inputs=[spell_name(name) for name in inputs],
        overview=overview,
        topics=list(topics.values()),
        ranked=[*ranked, topics[None]],
        drawn=[*ranked[:_DRAWN], topics[None]],
        timeline=timeline,
        exclusive=exclusive,
        kept=len(entries),
        rejected=summary.counts.rejected,
        reasons=[(reason_in(report.language, name), number) for name, number in summary.counts.reasons.items()],
        rejects=found.rejects,
        version=found.header.to_dict()["version"],
        model=found.header.model[:12],
        data={"titles": [tagger.titles[name] for name in tagger.topics], "words": words, "dated": timeline is not None},
        articles=b"[" + b",".join(entries) + b"]",
    )
