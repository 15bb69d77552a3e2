"""tagger check: labels → what is doubtful in them, on the screen and as a file to decide in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from tagger.cli.group import as_json_option, jobs_option, labels_options
from tagger.cli.language import page_language
from tagger.cli.printing import echo, print_json
from tagger.cli.progress import progress_bar
from tagger.cli.sections import Command
from tagger.dataset.reading import list_lines
from tagger.messages import N_, _, _n

if TYPE_CHECKING:
    from tagger.curation import Check, Finding

__all__ = ["check"]

_SHOWN = 10
# Of a text the first characters on the screen.
_CHARACTERS = 40
_WRONG = {
    "wrong topic": N_("look as if another topic were right"),
    "missing topic": N_("look as if they lack a topic"),
    "extra topic": N_("look as if they have a topic too many"),
    "missing second topic": N_("look as if they lack a second topic"),
}
# Where it may be so many more or fewer, both ends are said.
_UNSURE = 10
_SAYINGS = {
    "form": N_("would be refused by tagger train"),
    "conflict": N_("stand among equal texts with other topics"),
    "near conflict": N_("are nearly equal to texts with other topics"),
    "copy": N_("are copies of others with the same topics"),
    "near copy": N_("are nearly equal to others with the same topics"),
    "rare topic": N_("are topics with too few examples to learn from"),
    "passed over": N_("kinds of rows are passed over"),
}


@click.command(cls=Command, epilog="Example: tagger check labels.csv -o findings.xlsx")
@click.argument("labels")
@click.option(
    "-o", "--output", metavar="FILE", help="File of findings to decide in: .xlsx, .csv or .tsv; or .jsonl for programs."
)
@page_language("file")
@labels_options
@jobs_option
@as_json_option
def check(
    labels: str,
    *,
    output: str | None,
    language: Literal["zh", "en"],
    jobs: int,
    as_json: bool,
    source: dict[str, Any],
) -> None:
    """Find what is doubtful in LABELS: form, copies, and labels that look wrong.

    Labels are judged by taggers that did not see them, paragraphs among the others of their article. Each finding has
    the likeliest correction, how probable it is that the label is wrong, and the words that speak for that. Write your
    decisions into the file: 改 (change) takes the suggestion, 对 (keep) leaves the label, or write the topics.
    """
    from tagger import curation  # noqa: PLC0415 - scikit-learn takes a second
    from tagger.curation.sheet import check_findings_file  # noqa: PLC0415 - likewise

    if output is not None:
        if Path(output).resolve() == Path(labels).resolve():
            raise click.UsageError(_("the findings would take the place of the labels: name another file"))
        check_findings_file(output)
    with progress_bar(_("judging")) as progress:
        found = curation.check(labels, **source, jobs=jobs, progress=progress, told=_say_what_was_read)
    if as_json:
        print_json(found.to_dict())
    else:
        _print_summary(found)
    if output is not None:
        rows = curation.write_findings(found, output, language=language)
        done = _n("{file}: {n} row", "{file}: {n} rows", rows, file=output)
        command = f"tagger apply {output} {labels}"
        todo = _("write 改, 对 or topics into the column of decisions, then: {command}", command=command)
        echo(_("{done}; {todo}", done=done, todo=todo), err=True)


def _say_what_was_read(doubtful: Any) -> None:
    for sentence in doubtful.reading.sentences():
        echo(sentence, err=True)


def _print_summary(found: Check) -> None:
    examples = _n("{n} example", "{n} examples", found.examples)
    documents = _n("{n} document", "{n} documents", found.documents)
    echo(_("{file}: {examples} of {documents}", file=found.source, examples=examples, documents=documents))
    counts = found.counts()
    for kind, saying in _SAYINGS.items():
        if kind in counts:
            lines = [finding.line for finding in found.findings if finding.kind == kind and finding.line is not None]
            once = [*dict.fromkeys(lines)]
            said, where = _(saying), list_lines(once, counts[kind] - len(lines) + len(once))
            told = _("{saying}  ({lines})", saying=said, lines=where) if lines else said
            echo(f"{counts[kind]:6}  {told}")
    for kind, saying in _WRONG.items():
        if kind in counts:
            echo(f"{counts[kind]:6}  {_(saying)}")
    if found.expectation is not None:
        about = found.expectation
        unsure = about.most - about.least >= _UNSURE
        hits = (
            _("{least:.0f} to {most:.0f}", least=about.least, most=about.most)
            if unsure
            else _("{hits:.0f}", hits=about.hits)
        )
        text = N_(
            "of the first {first} that look wrong about {hits} are, and {rate:.1%} of all labels: measured by planting "
            "errors in these labels"
        )
        echo(_(text, first=about.first, hits=hits, rate=about.rate))
    elif found.judges:
        echo(_("too few examples to tell how many of these are wrong"))
    else:
        echo(_("too little to learn from: no label was judged"))
    titles = {topic.name: topic.title for topic in found.topics}
    for pair in found.confusions[:3]:
        said = _n(
            "often confused: {labelled} is likelier {likelier}, {n} time",
            "often confused: {labelled} is likelier {likelier}, {n} times",
            pair.number,
            labelled=titles[pair.labelled],
            likelier=titles[pair.likelier],
        )
        echo(said)
    for finding in found.suspects()[:_SHOWN]:
        echo(_one_line(finding, titles))
    sys.stdout.flush()


def _one_line(finding: Finding, titles: dict[str, str]) -> str:
    def names(topics: tuple[str, ...]) -> str:
        return "|".join(titles.get(name, name) for name in topics) or _("none")

    suggested = "?" if finding.suggestion is None else names(finding.suggestion)
    text = " ".join(finding.text.split())
    text = text if len(text) <= _CHARACTERS else text[:_CHARACTERS] + "…"
    words = " ".join(f"{part.feature} {part.value:+.1f}" for part in finding.evidence[:3])
    where = _("line {line}", line=finding.line)
    said = _(
        "  {where}: {wrong:.2f}  {topics} → {suggested}  {text}",
        where=where,
        wrong=finding.wrong,
        topics=names(finding.topics),
        suggested=suggested,
        text=text,
    )
    return f"{said}  [{words}]" if words else said
