"""Labels and unlabelled texts of a command, read and told about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from tagger.cli.printing import echo
from tagger.cli.reading import print_reading
from tagger.curation.pool import paragraphs_of
from tagger.dataset import Dataset, read_dataset
from tagger.dataset.unlabelled import read_pool
from tagger.messages import _, _n
from tagger.records import Example

__all__ = ["read_both"]


def read_both(
    pool: str, labels: str | None, source: dict[str, Any], *, split: bool | None, pool_field: str | None = None
) -> tuple[Dataset, Sequence[Example]]:
    """Read labels, or topics alone, and unlabelled texts, and say what was read; split these as asked for, or needed.

    Raises:
        DataError: when one of them cannot be read.
        click.UsageError: when there is neither a label nor a keyword.
    """
    if labels is None and source["topics"] is None:
        raise click.UsageError(_("name --labels, or --topics with keywords to start without any label"))
    dataset = read_dataset([] if labels is None else labels, **source)
    print_reading(dataset)
    options = source["options"]
    if pool_field is not None:
        options = replace(options, text_field=pool_field, topics_field=None)
    texts: Sequence[Example] = read_pool(pool, options)
    parts = None if split is False else paragraphs_of(texts, () if split else dataset.examples, pool)
    if parts is not None:
        articles = _n("{n} article is", "{n} articles are", len(texts))
        paragraphs = _n("{n} paragraph", "{n} paragraphs", len(parts))
        said = _("{file}: {articles} split into {paragraphs}", file=pool, articles=articles, paragraphs=paragraphs)
        echo(said, err=True)
        texts = parts
    return dataset, texts
