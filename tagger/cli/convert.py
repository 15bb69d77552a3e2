"""tagger convert: labels of one form → another form, for another tool."""

from __future__ import annotations

from typing import Any

import click

from tagger.cli.group import as_json_option, labels_options
from tagger.cli.printing import echo, print_json
from tagger.cli.sections import Command

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
        echo(f"{source_file}: {note}", err=True)
    if as_json:
        print_json(done.to_dict())
    counts = {
        "labelled": done.labelled,
        "with none of the topics": done.without_topic,
        "not labelled": done.unlabelled,
        "with a guess": done.guessed,
    }
    told = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    beside = "".join(f"; {path}" for path in done.also_written)
    echo(f"{output}: {done.texts} texts for {done.form}: {told}{beside}", err=True)
