"""How far a long piece of work is: shares of its parts → one share of the whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Course", "ignore", "part", "thousandths"]

# Called with the share of some work that is done, from 0 to 1.
Course: TypeAlias = Callable[[float], object]


def ignore(_: float) -> None:
    """Tell nobody."""


def part(course: Course, start: float, end: float) -> Course:
    """Return the course of a part of some work, that from one share of it to another.

    >>> seen = []
    >>> second = part(seen.append, 0.5, 1.0)
    >>> second(0.5)
    >>> seen
    [0.75]
    """

    def tell(share: float) -> None:
        course(start + share * (end - start))

    return tell


def thousandths(progress: Callable[[int, int], object] | None) -> Course:
    """Return a course that is told as so many thousandths, of 1,000."""
    return ignore if progress is None else lambda share: progress(round(1000 * share), 1000)
