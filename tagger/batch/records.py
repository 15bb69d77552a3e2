"""Records → what they gain: the core that JSON lines, tables and clusters share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tagger.batch.record import DEFAULT_FIELDS, Fields, article_fields, summary_fields
from tagger.tagger import Tagger
from tagger.text import split_paragraphs

__all__ = ["find_fault", "tag_records"]


def tag_records(
    records: Sequence[Mapping[str, Any]], *, tagger: Tagger, fields: Fields = DEFAULT_FIELDS
) -> Iterator[dict[str, Any]]:
    """Give what each record gains, in order, for records in which `find_fault` finds none.

    >>> import tagger
    >>> record = {"id": 7, "text": "民警在银行柜台劝住了正要给“客服”转账的老人。"}
    >>> list(tag_records([record], tagger=tagger.load(), fields=Fields(topics_only=True)))
    [{'topics': ['anti_fraud']}]
    """
    articles = [split_paragraphs(record[fields.text]) for record in records]
    titles: list[int] = [0] * len(articles)
    if fields.title is not None:
        # A title joined to the text by a line end could be taken for a sentence that runs on: they are split apart.
        of_titles = [split_paragraphs(record.get(fields.title) or "") for record in records]
        titles = list(map(len, of_titles))
        articles = [title + body for title, body in zip(of_titles, articles, strict=True)]
    if not fields.looks_inside:
        yield from summary_fields(*tagger.decide_split(articles), fields=fields, tagger=tagger)
        return
    for title, article in zip(titles, tagger.tag_split(articles), strict=True):
        yield article_fields(article, fields=fields, tagger=tagger, in_title=title)


def find_fault(record: Mapping[str, Any], fields: Fields) -> tuple[str, str] | None:
    """Tell why a record cannot be tagged, as a kind and a sentence, or None where it can."""
    text = record.get(fields.text)
    if not isinstance(text, str):
        if fields.text in record:
            return "text is no string", f"field {fields.text!r} is no string"
        return "no text", f"no field {fields.text!r}; found: {', '.join(record) or 'none'}"
    if fields.title is not None and not isinstance(record.get(fields.title, ""), str | None):
        return "text is no string", f"field {fields.title!r} is no string"
    if not fields.overwrite and not fields.gained.isdisjoint(record):
        clash = min(fields.gained & record.keys())
        return "field taken", f"has a field {clash!r} already: give --overwrite to replace it"
    return None
