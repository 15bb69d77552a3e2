"""tagger keywords: labels and unlabelled texts → words to enter into topics.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tagger.cli.group import as_json_option, labels_options, pool_field_option
from tagger.cli.printing import echo, print_json
from tagger.cli.sections import Command
from tagger.messages import _, _n, joined

if TYPE_CHECKING:
    from tagger.curation.proposing import TopicProposals

__all__ = ["keywords"]

# Characters of an example that are shown on either side of a word.
_AROUND = 16


@click.command(cls=Command, epilog="Example: tagger keywords pool.jsonl --labels labels.csv --topic 反诈")
@click.argument("pool")
@click.option("--labels", metavar="FILE", help="What is labelled already, in any form.")
@click.option("--topic", "wanted", multiple=True, metavar="NAME", help="Name or title of a topic; all when left out.")
@click.option("-n", "--number", type=click.IntRange(min=1), default=20, show_default=True, help="Words for each topic.")
@click.option("--toml", "as_toml", is_flag=True, help="Print tables for topics.toml, with the keywords that are there.")
@click.option(
    "--split/--whole", "split", default=None, help="Split articles into paragraphs.  [default: if labels are of such]"
)
@pool_field_option
@labels_options
@as_json_option
def keywords(
    pool: str,
    *,
    labels: str | None,
    wanted: tuple[str, ...],
    number: int,
    as_toml: bool,
    split: bool | None,
    pool_field: str | None,
    as_json: bool,
    source: dict[str, Any],
) -> None:
    """Propose keywords for topics.toml, by what the likeliest texts of POOL say and others do not.

    Each comes with how many of a topic's likely texts say it, and how many of as many unlikely ones, and an example.
    Keywords that topics.toml has already are left out. A person decides: a keyword should be said in texts of its topic
    and hardly elsewhere.
    """
    from tagger.cli.pools import read_both  # noqa: PLC0415 - scikit-learn takes a second
    from tagger.curation.lists import topics_toml  # noqa: PLC0415 - likewise
    from tagger.curation.proposing import propose_keywords  # noqa: PLC0415 - likewise

    dataset, texts = read_both(pool, labels, source, split=split, pool_field=pool_field)
    known = {name: topic.name for topic in dataset.topics for name in (topic.title, topic.name)}
    if unknown := [name for name in wanted if name not in known]:
        listed = joined(sorted(known))
        raise click.UsageError(_("unknown topic {topic!r}; known are {known}", topic=unknown[0], known=listed))
    names = {known[name] for name in wanted} or None
    found = propose_keywords(dataset, texts, number=number, topics=names, told=lambda what: echo(what, err=True))
    left = [topic.title for topic in dataset.topics if (names is None or topic.name in names)]
    if missing := sorted({*left} - {proposals.topic.title for proposals in found}):
        listed = joined(missing)
        echo(_("nothing to learn from, neither labels nor keywords: {topics}", topics=listed), err=True)
    if as_toml:
        echo(topics_toml(found), nl=False)
        return
    for proposals in found:
        if as_json:
            print_json(_record(proposals))
        else:
            _print(proposals)


def _print(found: TopicProposals) -> None:
    new = [proposal for proposal in found.words if not proposal.known]
    known = len(found.words) - len(new)
    said = _(
        "{topic}: said in so many of {likely} likely texts and {others} unlikely ones",
        topic=found.topic.title,
        likely=found.likely,
        others=found.others,
    )
    beside = _n("{n} as good is there already", "{n} as good are there already", known)
    echo(_("{done}; {todo}", done=said, todo=beside) if known else said)
    if not found.words:
        echo("  " + _("no word stands out: more texts, or more labels, may show some"))
    for proposal in new:
        echo(f"  {proposal.word}\t{proposal.inside}\t{proposal.outside}\t{_around(proposal.example, proposal.word)}")


def _around(text: str, word: str) -> str:
    """Return what stands around a word in a text, on one line; its beginning where the word is written otherwise."""
    place = max(0, text.casefold().find(word))
    first, last = max(0, place - _AROUND), place + len(word) + _AROUND
    return f"{'…' if first else ''}{' '.join(text[first:last].split())}{'…' if last < len(text) else ''}"


def _record(found: TopicProposals) -> dict[str, Any]:
    return {
        "topic": found.topic.name,
        "title": found.topic.title,
        "likely": found.likely,
        "others": found.others,
        "keywords": [
            {"word": p.word, "inside": p.inside, "outside": p.outside, "known": p.known, "example": p.example}
            for p in found.words
        ],
    }
