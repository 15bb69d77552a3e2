r"""Normalised text → counted features → TF-IDF rows, the one code path of training and tagging.

A batch of texts is joined, with line ends between, into one array of code points, and every feature in it becomes a
64-bit key. Take the texts 反诈 and 诈骗:

    joined        反  诈  \n 诈  骗
    row           0   0   -   1   1
    characters    反  诈      诈  骗       key: the code point
    pairs         反诈        诈骗         key: both code points, 21 bits each
    words         反诈        诈骗         key: FNV-1a over the code points, 62 bits

The two top bits of a key tell the kind, so that no key of one kind is one of another; keys of characters and pairs
are exact, and among a million words the chance that any two share a key is one in ten million. Features never reach
over white space.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tagger.lookup import Lookup
from tagger.segment import Segmenter

__all__ = ["Occurrences", "Rows", "count", "document_frequencies", "extract", "inverse_frequencies", "tfidf"]

Kind = Literal["characters", "word"]

# Longer runs of letters and digits are identifiers, not words.
LONGEST_WORD = 32

_CHARACTER, _PAIR, _WORD = (np.uint64(kind << 62) for kind in (1, 2, 3))
_SPACE = 0x20
_NEWLINE = 0x0A
# Fowler, Noll and Vo's hash (FNV-1a, 64 bits), with code points in the place of bytes.
_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)


@dataclass(frozen=True)
class Occurrences:
    """Every feature of a batch of texts, each time it occurs.

    Attributes:
        joined: the texts with a line end after each.
        keys: uint64 (occurrences,), which feature it is.
        rows: int64 (occurrences,), in which text.
        starts: int64 (occurrences,), offset in `joined`.
        lengths: int64 (occurrences,), characters.
        offsets: int64 (texts,), where each text starts in `joined`.
    """

    joined: str
    keys: NDArray[np.uint64]
    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def feature(self, index: int) -> tuple[Kind, str]:
        """Spell out the feature of one occurrence."""
        start = self.starts[index]
        kind: Kind = "word" if self.keys[index] >= _WORD else "characters"
        return kind, self.joined[start : start + self.lengths[index]]


@dataclass(frozen=True)
class Rows:
    """Sparse rows, one a text: those of row `i` are `indptr[i]:indptr[i + 1]` of `columns` and `values`.

    Attributes:
        indptr: int64 (rows + 1,).
        columns: int32 (entries,), ascending within a row.
        values: float64 (entries,).
    """

    indptr: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def row_of_entries(self) -> NDArray[np.int64]:
        """Give the row of each entry, shape (entries,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    def take(self, rows: NDArray[np.int64]) -> Rows:
        """Give these rows, in this order."""
        lengths = np.diff(self.indptr)[rows]
        indptr = np.concatenate([[0], np.cumsum(lengths)])
        entries = np.repeat(self.indptr[rows] - indptr[:-1], lengths) + np.arange(indptr[-1])
        return Rows(indptr, self.columns[entries], self.values[entries])


def extract(texts: Iterable[str], *, segmenter: Segmenter | None, characters: bool = True) -> Occurrences:
    """Find every feature of normalised texts: characters, pairs of neighbours, and words if there is a segmenter."""
    joined = "".join(f"{text}\n" for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    found: list[tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]] = []
    if characters:
        found += _characters_and_pairs(codes)
    if segmenter is not None:
        found.append(_words(codes, segmenter.lengths(joined)))
    keys, starts, lengths = (np.concatenate(parts) for parts in zip(*found, strict=True))
    ends = np.flatnonzero(codes == _NEWLINE)
    return Occurrences(
        joined=joined,
        keys=keys,
        rows=np.searchsorted(ends, starts),
        starts=starts,
        lengths=lengths,
        offsets=np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends,
    )


def count(occurrences: Occurrences, lookup: Lookup) -> Rows:
    """Count the features that the lookup knows, a row for each text."""
    columns = lookup.find(occurrences.keys)
    known = columns >= 0
    width = len(lookup.keys)
    entries, counts = np.unique(occurrences.rows[known] * width + columns[known], return_counts=True)
    rows = len(occurrences.offsets)
    return Rows(
        indptr=np.searchsorted(entries, np.arange(rows + 1) * width),
        columns=(entries % width).astype(np.int32),
        values=counts.astype(np.float64),
    )


def document_frequencies(counts: Rows, *, features: int) -> NDArray[np.int64]:
    """Count the rows that hold each feature, shape (features,)."""
    return np.bincount(counts.columns, minlength=features)


def inverse_frequencies(frequencies: NDArray[np.int64], *, documents: int, minimum: int = 1) -> NDArray[np.float64]:
    """Weigh features by rarity: ln((1 + documents) / (1 + frequency)) + 1, and 0 for those below the minimum.

    The smoothed form of scikit-learn's TfidfTransformer (Spärck Jones 1972). A feature of weight 0 leaves no trace
    in `tfidf`, not in the length either: it is as if it were not in the vocabulary.
    """
    weights = np.log((1 + documents) / (1 + frequencies)) + 1
    return np.where(frequencies >= minimum, weights, 0.0)


def tfidf(counts: Rows, idf: NDArray[np.floating]) -> Rows:
    """Weigh counts as (1 + ln count) × idf and scale each row to length 1; a row without features stays empty."""
    values = (1 + np.log(counts.values)) * idf[counts.columns].astype(np.float64)
    rows = counts.row_of_entries()
    lengths = np.sqrt(np.bincount(rows, weights=values * values, minlength=len(counts)))
    lengths[lengths == 0] = 1
    return Rows(counts.indptr, counts.columns, values / lengths[rows])


def _characters_and_pairs(
    codes: NDArray[np.uint64],
) -> list[tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]]:
    seen = codes > _SPACE
    single = np.flatnonzero(seen)
    double = np.flatnonzero(seen[:-1] & seen[1:])
    pairs = codes[double] << np.uint64(21) | codes[double + 1]
    return [
        (codes[single] | _CHARACTER, single, np.ones_like(single)),
        (pairs | _PAIR, double, np.full_like(double, 2)),
    ]


def _words(
    codes: NDArray[np.uint64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    starts = np.cumsum(lengths) - lengths
    kept = _is_word_character(codes[starts]) & (lengths <= LONGEST_WORD)
    starts, lengths = starts[kept], lengths[kept]
    keys = np.full(len(starts), _FNV_OFFSET)
    for place in range(int(lengths.max(initial=0))):
        longer = lengths > place
        keys[longer] = (keys[longer] ^ codes[starts[longer] + place]) * _FNV_PRIME
    return keys >> np.uint64(2) | _WORD, starts, lengths


def _is_word_character(codes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell Han characters, lower-case Latin letters and digits from punctuation and signs."""
    han = (codes >= 0x3400) & (codes <= 0x9FFF) | (codes >= 0xF900) & (codes <= 0xFAFF) | (codes >= 0x20000)
    latin = (codes >= ord("a")) & (codes <= ord("z"))
    digits = (codes >= ord("0")) & (codes <= ord("9"))
    return np.asarray(han | latin | digits)
