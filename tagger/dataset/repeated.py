"""Texts that occur more than once: with other topics, or as copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tagger.dataset.documents import copy_key
from tagger.dataset.reading import list_lines
from tagger.errors import Problem
from tagger.messages import _, _n
from tagger.records import Example
from tagger.text import normalise

__all__ = ["find_conflicts", "line_of", "sum_up", "tell_copies"]


def find_conflicts(examples: Sequence[Example]) -> Iterator[Problem]:
    """Find texts that occur twice with different topics, whatever their width and case."""
    seen: dict[str, Example] = {}
    for example in examples:
        first = seen.setdefault(normalise(example.text).strip(), example)
        if first.topics != example.topics:
            yield Problem(_conflict(example, first), example.line, example.file)


def _conflict(example: Example, first: Example) -> str:
    here, there = _names(example), _names(first)
    if not first.line:
        return _("the same text has the topics {here} here and {there} before: settle on one", here=here, there=there)
    return _(
        "the same text has the topics {here} here and {there} on {line}: settle on one",
        here=here,
        there=there,
        line=list_lines([line_of(first, 0)]),
    )


def sum_up(conflicts: Sequence[Problem]) -> str:
    """Return a warning about all conflicts."""
    lines = [f"{p.source}:{p.line}" if p.source else p.line or 0 for p in conflicts]
    return _n(
        "{n} text with other topics than before ({lines}), kept as they are: "
        "settle on one, or give --several if each row has one of a text's topics",
        "{n} texts with other topics than before ({lines}), kept as they are: "
        "settle on one, or give --several if each row has one of a text's topics",
        len(conflicts),
        lines=list_lines(lines),
    )


def tell_copies(examples: Sequence[Example]) -> Iterator[str]:
    """Yield a sentence about texts that occur more than once, but for signs, if any does."""
    places: dict[tuple[str, tuple[str, ...]], list[int | str]] = defaultdict(list)
    for number, example in enumerate(examples, start=1):
        places[copy_key(example.text), example.topics].append(line_of(example, number))
    copies = [lines[1] for lines in places.values() if len(lines) > 1]
    number = sum(len(lines) - 1 for lines in places.values())
    if copies:
        copies.sort(key=lambda place: (isinstance(place, str), place))
        lines = list_lines(copies, number)
        yield _("copies of texts, but for signs and spaces: {number} ({lines})", number=number, lines=lines)


def line_of(example: Example, number: int) -> int | str:
    """Return the line of an example, with its file where there are several; its number where it has none."""
    line = example.line or number
    return line if example.file is None else f"{example.file}:{line}"


def _names(example: Example) -> str:
    return "|".join(example.topics) or _("(none)")
