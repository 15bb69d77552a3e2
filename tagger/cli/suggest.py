"""tagger suggest: labels and unlabelled texts → what to label next."""

from __future__ import annotations

from typing import Any

import click

from tagger.cli.group import as_json_option, jobs_option, labels_options, pool_field_option
from tagger.cli.language import page_language
from tagger.cli.printing import echo, print_json
from tagger.cli.sections import Command
from tagger.messages import _, _n, joined

__all__ = ["suggest"]

_STRATEGIES = ("auto", "placed", "margin", "diverse", "random")


@click.command(cls=Command, epilog="Example: tagger suggest pool.jsonl --labels labels.csv -n 50 -o to_label.xlsx")
@click.argument("pool")
@click.option("--labels", metavar="FILE", help="What is labelled already, in any form.")
@click.option("-n", "--number", type=click.IntRange(min=1), default=50, show_default=True, help="How many texts.")
@click.option(
    "-o", "--output", metavar="FILE", help="Where to write: .xlsx, .csv, .tsv or .jsonl.  [default: print JSON lines]"
)
@click.option(
    "--strategy",
    type=click.Choice(_STRATEGIES),
    default="auto",
    show_default=True,
    help="What a machine is unsure about that learns from POOL (placed) or does not (margin), by which helps (auto); "
    "one of each kind of text (diverse); any (random).",
)
@click.option("--blind", is_flag=True, help="Do not tell the model's guess, which people tend to agree with.")
@page_language("sheet")
@click.option("--overwrite", is_flag=True, help="Replace FILE of --output.")
@click.option(
    "--split/--whole", "split", default=None, help="Split articles into paragraphs.  [default: if labels are of such]"
)
@click.option(
    "--ahead/--no-ahead", default=True, show_default=True, help="Tell what more labels would bring, which takes longer."
)
@pool_field_option
@labels_options
@jobs_option
@as_json_option
def suggest(
    pool: str,
    *,
    labels: str | None,
    number: int,
    output: str | None,
    strategy: Any,
    blind: bool,
    language: Any,
    overwrite: bool,
    split: bool | None,
    pool_field: str | None,
    ahead: bool,
    jobs: int,
    as_json: bool,
    source: dict[str, Any],
) -> None:
    """Choose texts of POOL to label next.

    POOL is a file of any form, or a folder of text files. None that is chosen is labelled already, or nearly a copy of
    one that is, or of another. The file is a label file as it stands, with the model's guess for topics: mend it, and
    add it to the labels. Without --labels, the keywords of --topics are all that is known.
    """
    from tagger.cli.pools import read_both  # noqa: PLC0415 - scikit-learn takes a second
    from tagger.curation.lists import (  # noqa: PLC0415 - likewise
        check_list,
        spell_topics,
        suggestion_record,
        write_suggestions,
    )
    from tagger.curation.suggesting import suggest as choose  # noqa: PLC0415 - likewise
    from tagger.dataset import read_labels  # noqa: PLC0415 - likewise

    if output is not None:
        check_list(output, overwrite=overwrite)
    dataset, texts = read_both(pool, labels, source, split=split, pool_field=pool_field)
    found = choose(
        dataset, texts, number=number, strategy=strategy, ahead=ahead, jobs=jobs, told=lambda what: echo(what, err=True)
    )
    written = () if labels is None else read_labels(labels, source["options"]).examples
    spelling = spell_topics(dataset.topics, written)
    served = joined(f"{spelling[name]} {count}" for name, count in found.topics.items() if count)
    said = _n(
        "{n} text to label, chosen by {strategy}",
        "{n} texts to label, chosen by {strategy}",
        len(found.texts),
        strategy=found.strategy,
    )
    echo(_("{done}: {told}", done=said, told=served) if served else said, err=True)
    if output is not None:
        write_suggestions(output, found.texts, spelling, blind=blind, language=language)
        todo = _("{file}: mend its topics and add it to your labels; tagger train reads it as it is", file=output)
        echo(todo, err=True)
    records = [suggestion_record(text, spelling, blind=blind) for text in found.texts]
    if output is None or as_json:
        for record in records:
            print_json(record)
