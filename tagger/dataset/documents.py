"""The documents of paragraphs: their order, whether it is that of an article, and copies of a text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

from tagger.records import Example
from tagger.text import normalise

__all__ = ["copy_key", "in_order", "is_sorted_by_topic"]

# Documents with several sets of topics of which this share is sorted: chance sorts half of those with two paragraphs.
_SORTED = 0.9
# Paragraphs a document must have to count: fewer are often in order by chance.
_LONG = 5
_NOT_A_WORD = re.compile(r"[\W_]+")


def in_order(examples: Sequence[Example]) -> list[Example]:
    """Return the examples with the paragraphs of each document by their numbers, where all of them have one.

    A document takes the places that its paragraphs had.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, example in enumerate(examples):
        if example.document is not None:
            places[example.document].append(place)
    ordered = list(examples)
    for mine in places.values():
        numbers = [examples[place].paragraph for place in mine]
        if None not in numbers and len(set(numbers)) == len(numbers):
            by_number = sorted(mine, key=lambda place: examples[place].paragraph or 0)
            for place, source in zip(mine, by_number, strict=True):
                ordered[place] = examples[source]
    return ordered


def is_sorted_by_topic(examples: Sequence[Example]) -> bool:
    """Return whether the rows of documents stand sorted by topic, so that their order is not that of an article.

    In an article topics come and go; in a sorted table each set of topics is one run, and they are in alphabetic order.
    """
    documents: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for example in examples:
        if example.document is not None:
            documents[example.document].append(example.topics)
    mixed = [topics for topics in documents.values() if len(topics) >= _LONG and len(set(topics)) > 1]
    in_runs = sum(_is_sorted([topics for topics, _ in groupby(document)]) for document in mixed)
    return len(mixed) > 1 and in_runs >= _SORTED * len(mixed)


def copy_key(text: str) -> str:
    """Return what a text has in common with copies that differ in spaces, punctuation, case and width only."""
    plain = normalise(text)
    return _NOT_A_WORD.sub("", plain) or plain.strip()


def _is_sorted(runs: list[tuple[str, ...]]) -> bool:
    return runs == sorted(runs) or runs == sorted(runs, reverse=True)
