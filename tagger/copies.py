"""Texts → pairs and groups of equal and nearly equal ones, told by the pairs of characters that they share.

Signs and spaces do not count, nor case or width. Likely pairs come from MinHash (Broder, 1997) in bands, and each is
then compared exactly, so that none is reported wrongly; at a similarity of .6, 1.2% of the pairs are missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tagger.text.codes import BOUNDARY, CODE_POINTS, Codes, encode

__all__ = ["COPY", "LIKENESS", "CopyPair", "group_copies", "near_copies"]

# Between two paragraphs of the press that nobody copied, .6 came about twice in 6,000; a text with one character in 20
# changed, its last tenth cut or its source added stays above it. From .8 it is one text, edited.
LIKENESS = 0.6
COPY = 0.8

# Of fewer letters and figures, half of the pairs are shared by chance.
_SHORTEST = 12  # characters
_BANDS = 32
_ROWS = 4
# A text is compared with so many behind it that share a band. Where a template makes a band of thousands, each is still
# linked to the next ones, at a cost that does not grow with the square.
_NEIGHBOURS = 8
_MOST = 1 << 22  # pairs kept before those found again are dropped
_PART = 1 << 18  # characters worked on at once, which keeps the arrays within the processor's cache
_CODE_BITS = np.uint64(21)
_PAIR_BITS = np.uint64(42)
_PAIR = np.uint64((1 << 42) - 1)

_NOT_MET, _SIGN, _LETTER = range(3)
_KINDS = np.zeros(CODE_POINTS, dtype=np.uint8)

Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]
Numbers = TypeVar("Numbers", Ints, Keys)


@dataclass(frozen=True, slots=True)
class CopyPair:
    """Two texts that are equal or nearly so.

    Attributes:
        first: place of the one that stands earlier.
        second: place of the other.
        similarity: Jaccard index of their pairs of characters, 1 where they are equal.
    """

    first: int
    second: int
    similarity: float


def near_copies(texts: Sequence[str], *, similarity: float = LIKENESS) -> list[CopyPair]:
    """Return the pairs of texts that are equal or at least so similar, in the order of their places.

    Of several equal texts each is paired with the first, and only the first with those that are similar. Texts of fewer
    than 12 letters and figures are copies only where they are equal.

    >>> near_copies(["警方提醒:不要轻信陌生来电。", "办好户口", "警方提醒 不要轻信陌生的来电", "办好户口!"])
    [CopyPair(first=0, second=2, similarity=0.7692307692307693), CopyPair(first=1, second=3, similarity=1.0)]
    """
    firsts, lengths = _equal(texts)
    places = np.arange(len(texts))
    again = np.flatnonzero(firsts != places)
    found = [CopyPair(first, second, 1.0) for first, second in zip(firsts[again].tolist(), again.tolist(), strict=True)]
    rows = np.flatnonzero((firsts == places) & (lengths >= _SHORTEST))
    long = [texts[row] for row in rows.tolist()]
    for pairs in _parts_of_pairs(_candidates(_signatures(long)), lengths[rows]):
        values = _jaccard(long, pairs)
        for (first, second), value in zip(rows[pairs].tolist(), values.tolist(), strict=True):
            if value >= similarity:
                found.append(CopyPair(first, second, value))
    return sorted(found, key=lambda pair: (pair.first, pair.second))


def group_copies(texts: Sequence[str], *, similarity: float = COPY) -> Ints:
    """Return for each text the place of the first one of its group: int64 (texts,), its own place where it has no copy.

    Copies of copies are in one group.

    >>> group_copies(["办好户口", "反诈宣传", "办好户口!"]).tolist()
    [0, 1, 0]
    """
    groups = np.arange(len(texts))
    pairs = near_copies(texts, similarity=similarity)
    first = np.array([pair.first for pair in pairs], dtype=np.int64)
    second = np.array([pair.second for pair in pairs], dtype=np.int64)
    while True:
        before = groups.copy()
        lower = np.minimum(groups[first], groups[second])
        for side in (first, second):
            np.minimum.at(groups, groups[side], lower)
        groups = groups[groups]
        if np.array_equal(before, groups):
            return groups


def _letters(texts: Sequence[str]) -> Codes:
    """Normalise texts and take the signs and spaces out of them."""
    codes = encode(texts)
    kinds = _KINDS.take(codes.codes)
    if not kinds.all():
        for code in np.unique(codes.codes[kinds == _NOT_MET]).tolist():
            _KINDS[code] = _LETTER if chr(code).isalnum() else _SIGN
        kinds = _KINDS.take(codes.codes)
    kept = kinds == _LETTER
    kept[0] = True
    kept[codes.starts[1:] - 1] = True
    before = np.concatenate([[0], np.cumsum(kept)])
    return Codes(codes.codes[kept], before[codes.starts])


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, Codes]]:
    """Yield the letters of the texts, not too many at once, with the place of the first of them."""
    ends = np.cumsum([len(text) + 1 for text in texts])
    first = 0
    while first < len(texts):
        before = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + _PART, side="right")))
        yield first, _letters(texts[first:last])
        first = last


def _equal(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """Return for each text the place of the first one equal to it, and the number of its letters and figures."""
    firsts, lengths = np.empty(len(texts), dtype=np.int64), np.empty(len(texts), dtype=np.int64)
    seen: dict[str | bytes, int] = {}
    for start, codes in _parts(texts):
        lengths[start : start + len(codes)] = codes.character_counts()
        edges = codes.starts.tolist()
        for row, (left, right) in enumerate(pairwise(edges), start=start):
            # What has no letter at all is equal only to the very same signs.
            key = codes.codes[left : right - 1].tobytes() or texts[row]
            firsts[row] = seen.setdefault(key, row)
    return firsts, lengths


def _shingles(codes: Codes) -> tuple[Keys, Ints]:
    """Return the pairs of neighbouring letters, texts in turn, and where those of each text begin.

    Each text has two letters at least.
    """
    inside = codes.codes != BOUNDARY
    keys = codes.codes[:-1].astype(np.uint64) << _CODE_BITS | codes.codes[1:]
    starts = np.concatenate([[0], np.cumsum(codes.character_counts() - 1)])
    return keys[inside[:-1] & inside[1:]], starts


def _signatures(texts: Sequence[str]) -> Keys:
    """Return one number for each text and band, uint64 (bands, texts), equal where four permutations agree."""
    random = np.random.default_rng(0)
    factors = random.integers(0, 1 << 31, size=(_BANDS, _ROWS), dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    shifts = random.integers(0, 1 << 32, size=(_BANDS, _ROWS), dtype=np.uint32)
    bands = np.zeros((_BANDS, len(texts)), dtype=np.uint64)
    for first, codes in _parts(texts):
        keys, starts = _shingles(codes)
        mixed = (_mix(keys) >> np.uint64(32)).astype(np.uint32)
        permuted = np.empty_like(mixed)
        for band, into in enumerate(bands[:, first : first + len(codes)]):
            for factor, shift in zip(factors[band], shifts[band], strict=True):
                np.multiply(mixed, factor, out=permuted)
                np.add(permuted, shift, out=permuted)
                into[:] = _mix(into ^ np.minimum.reduceat(permuted, starts[:-1]))
    return bands


def _mix(keys: Keys) -> Keys:
    """Scatter numbers over all 64 bits, each to another: one round of the finaliser of MurmurHash3 (Appleby)."""
    keys = (keys ^ keys >> np.uint64(33)) * np.uint64(0xFF51AFD7ED558CCD)
    keys = (keys ^ keys >> np.uint64(33)) * np.uint64(0xC4CEB9FE1A85EC53)
    return keys ^ keys >> np.uint64(33)


def _candidates(bands: Keys) -> Ints:
    """Return the pairs of texts that share a band, each once, the earlier text first: int64 (pairs, 2)."""
    count = bands.shape[1]
    found: list[Ints] = [np.empty(0, dtype=np.int64)]
    for band in bands:
        order = np.argsort(band, kind="stable")
        ordered = band[order]
        for distance in range(1, min(_NEIGHBOURS + 1, count)):
            same = np.flatnonzero(ordered[distance:] == ordered[:-distance])
            if not len(same):
                break
            found.append(order[same] * count + order[same + distance])
        # Most bands find the same again.
        if sum(map(len, found)) > _MOST:
            found = [_distinct(np.concatenate(found))]
    pairs = _distinct(np.concatenate(found))
    return np.stack([pairs // max(count, 1), pairs % max(count, 1)], axis=1)


def _parts_of_pairs(pairs: Ints, lengths: Ints) -> Iterator[Ints]:
    """Yield the pairs in turn, no more at once than have a certain number of letters, or one that has more."""
    ends = np.cumsum(lengths[pairs].sum(axis=1))
    first = 0
    while first < len(pairs):
        before = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + _PART, side="right")))
        yield pairs[first:last]
        first = last


def _jaccard(texts: Sequence[str], pairs: Ints) -> NDArray[np.float64]:
    """Return how many of the character pairs of two texts both have: float64 (pairs,)."""
    rows, sides = np.unique(pairs, return_inverse=True)
    codes = _letters([texts[row] for row in rows.tolist()])
    keys, _ = _shingles(codes)
    own = _distinct(_numbered(codes.character_counts() - 1) | keys)
    edges = np.searchsorted(own, np.arange(len(rows) + 1, dtype=np.uint64) << _PAIR_BITS)
    sizes = np.diff(edges)[sides.reshape(-1, 2)]
    taken = np.repeat(edges[sides.ravel()], sizes.ravel()) + _counted(sizes.ravel())
    both = np.sort(_numbered(sizes.sum(axis=1)) | own[taken] & _PAIR)
    twice = both[1:][both[1:] == both[:-1]] >> _PAIR_BITS
    shared = np.bincount(twice.astype(np.int64), minlength=len(pairs))
    similarity: NDArray[np.float64] = shared / (sizes.sum(axis=1) - shared)
    return similarity


def _distinct(keys: Numbers) -> Numbers:
    """Sort and drop what stands twice; NumPy's own counts by a hash table first, which takes three times as long."""
    ordered = np.sort(keys)
    first = np.ones(len(ordered), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _numbered(sizes: Ints) -> Keys:
    """Return the place of each size, as often as the size says, above the bits of a pair of letters."""
    return np.repeat(np.arange(len(sizes), dtype=np.uint64) << _PAIR_BITS, sizes)


def _counted(sizes: Ints) -> Ints:
    """Return 0, 1, … for each size in turn: [2, 3] gives [0, 1, 0, 1, 2]."""
    ends = np.cumsum(sizes)
    return np.arange(int(sizes.sum())) - np.repeat(ends - sizes, sizes)
