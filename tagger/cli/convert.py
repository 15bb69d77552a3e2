"""tagger convert: labels of one form → another form, for another tool."""

from __future__ import annotations

from typing import Any

import click

from tagger.cli.group import as_json_option, labels_options
from tagger.cli.printing import echo, print_json
from tagger.cli.sections import Command
from tagger.messages import _, _n, joined

__all__ = ["convert"]

_TARGETS = ("csv", "xlsx", "jsonl", "doccano", "label-studio", "fasttext")


@click.command(cls=Command, epilog="Example: tagger convert labels.csv tasks.json --to label-studio")
@click.argument("source_file", metavar="IN")
@click.argument("output", metavar="OUT")
@click.option("--to", type=click.Choice(_TARGETS), help="What OUT is for.  [default: by its ending]")
@click.option("--model", "folder", metavar="DIR", help="Model folder, by which texts without labels get a guess.")
@labels_options
@as_json_option
def convert(
    source_file: str,
    output: str,
    *,
    to: str | None,
    folder: str | None,
    as_json: bool,
    source: dict[str, Any],
) -> None:
    """Convert labels, or texts that are to be labelled, from IN to OUT.

    IN is of any form that train reads. OUT ends in .csv, .tsv, .xlsx or .jsonl; in .jsonl or .csv for doccano, in .json
    for Label Studio, with label_config.xml beside it, and in .txt for fastText. What was written is read again before
    it takes its place; what a form cannot hold is said, or refused where it would be lost in silence.
    """
    from tagger.exchange import convert_labels  # noqa: PLC0415 - only where it is used

    done = convert_labels(source_file, output, to=to, model=folder, **source)
    for note in done.notes:
        echo(_("{file}: {note}", file=source_file, note=note), err=True)
    if as_json:
        print_json(done.to_dict())
    counts = (
        _("{n} labelled", n=done.labelled) if done.labelled else "",
        _("{n} with none of the topics", n=done.without_topic) if done.without_topic else "",
        _("{n} not labelled", n=done.unlabelled) if done.unlabelled else "",
        _("{n} with a guess", n=done.guessed) if done.guessed else "",
    )
    told = joined(filter(None, counts))
    texts = _n("{n} text for {form}", "{n} texts for {form}", done.texts, form=done.form)
    said = _("{file}: {texts}: {told}", file=output, texts=texts, told=told)
    for path in done.also_written:
        said = _("{done}; {todo}", done=said, todo=path)
    echo(said, err=True)
