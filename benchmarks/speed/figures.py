"""Medians with their ranges, ratios with their intervals, and how right labels are."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Figure", "accuracy", "micro_f1", "middle", "ratio"]

_RESAMPLES = 400


@dataclass(frozen=True)
class Figure:
    """A figure with its bounds."""

    value: float
    low: float
    high: float

    def spell(self, digits: int = 2) -> str:
        """Give value and bounds, rounded.

        >>> Figure(1.234, 1, 2).spell()
        '1.23 (1.00–2.00)'
        """
        return f"{self.value:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"


def middle(values: Sequence[float]) -> Figure:
    """Give the median of the rounds with their whole range.

    >>> middle([3.0, 1.0, 2.0])
    Figure(value=2.0, low=1.0, high=3.0)
    """
    return Figure(median(values), min(values), max(values))


def ratio(slower: Sequence[float], faster: Sequence[float]) -> Figure:
    """Give the median ratio of rounds, paired since they saw the same noise, with a 95% interval of that median.

    The interval is that of order statistics (Conover 1999, 3.2): as many of the lowest and highest ratios are left out
    as leave at least 95%; of fewer than nine none can be.

    >>> ratio([4.0, 6.0, 8.0], [2.0, 2.0, 2.0])
    Figure(value=3.0, low=2.0, high=4.0)
    """
    ratios = sorted(a / b for a, b in zip(slower, faster, strict=True))
    count, out = len(ratios), 0
    while 2 * sum(math.comb(count, k) for k in range(out + 2)) / 2**count <= 0.05:
        out += 1
    return Figure(median(ratios), ratios[out], ratios[count - 1 - out])


def accuracy(given: Sequence[Sequence[str]], true: Sequence[Sequence[str]]) -> Figure:
    """Give the share of texts with the right label, with Wilson's 95% interval (1927).

    >>> accuracy([["a"], ["b"]], [["a"], ["a"]]).spell()
    '0.50 (0.09–0.91)'
    """
    count, z = len(true), 1.96
    share = sum(set(a) == set(b) for a, b in zip(given, true, strict=True)) / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return Figure(share, centre - half, centre + half)


def micro_f1(given: Sequence[Sequence[str]], true: Sequence[Sequence[str]]) -> Figure:
    """Give F1 over all pairs of text and label, with a 95% interval from resampling texts.

    >>> micro_f1([["a"], []], [["a"], ["b"]]).value
    0.6666666666666666
    """
    counts = [(len(set(a) & set(b)), len(set(a)) + len(set(b))) for a, b in zip(given, true, strict=True)]

    def f1(sample: Sequence[tuple[int, int]]) -> float:
        return 2 * sum(right for right, _ in sample) / (sum(both for _, both in sample) or 1)

    chance = random.Random(0)  # noqa: S311 - a fixed seed is the point
    resampled = sorted(f1(chance.choices(counts, k=len(counts))) for _ in range(_RESAMPLES))
    return Figure(f1(counts), resampled[_RESAMPLES // 40], resampled[-1 - _RESAMPLES // 40])
