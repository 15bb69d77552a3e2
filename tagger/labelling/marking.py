"""The words of a finding, as a sheet lists them → where they stand, in the text and in the list.

A sheet has them in one cell: 火锅 +1.2 队 -0.3; 第 9 行. They are features, so of normalised text, and one that begins
or ends with `BOUNDARY` stands only where a text does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tagger.text import BOUNDARY, normalise_with_offsets

__all__ = ["Mark", "Marks", "find_marks"]

_END = chr(BOUNDARY)
_WORD = re.compile(r"([^\s;；]+) ([+-]\d{1,6}\.\d+)(?!\d)")


@dataclass(frozen=True, slots=True)
class Mark:
    """What `text[start:end]` says: it speaks for the suggestion where `value` is above 0, and else against it."""

    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True)
class Marks:
    """Where words stand, in order: none over another in the `text`; in the `evidence`, those that the text marks."""

    text: tuple[Mark, ...] = ()
    evidence: tuple[Mark, ...] = ()


def find_marks(evidence: str, text: str) -> Marks:
    """Find the words that evidence lists; where two share a character of the text, the one that says more is marked."""
    words = [(found, float(found[2])) for found in _WORD.finditer(evidence) if found[1].strip(_END)]
    if not words:
        return Marks()
    normal, origin = normalise_with_offsets(text)
    normal = f"{_END}{normal}{_END}"
    taken = bytearray(len(text))
    marks, listed = [], []
    for found, value in sorted(words, key=lambda word: -abs(word[1])):
        places = []
        for start, end in _places(found[1], normal):
            # Without the boundaries that stand around the text.
            first, last = origin[max(start - 1, 0)], origin[min(end - 1, len(origin) - 1) - 1] + 1
            if first < last and not any(taken[first:last]):
                taken[first:last] = b"\1" * (last - first)
                places.append(Mark(first, last, value))
        marks += places
        if places:
            listed.append(Mark(found.start(1), found.end(1), value))
    return Marks(*(tuple(sorted(some, key=lambda mark: mark.start)) for some in (marks, listed)))


def _places(word: str, text: str) -> Iterator[tuple[int, int]]:
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + len(word))
