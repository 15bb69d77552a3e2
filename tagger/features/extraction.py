"""Texts → counted features → TF-IDF rows, the one code path of training and tagging.

A batch of texts is joined, with a boundary ￨ around each, into one array of code points, and each of those becomes its
number in the vocabulary. At every position at most three features are found: the character itself, the pair of it and
the next, and the word that ends there. How a text begins and ends is a pair too. Take the texts 反诈 and 诈骗:

    joined        ￨    反    诈    ￨    诈    骗    ￨
    text          0    0     0     1    1     1
    characters         反    诈         诈    骗
    pairs         ￨反  反诈  诈￨   ￨诈  诈骗  骗￨
    words                    反诈             诈骗

Text and column of each make one number, and these are sorted: what occurs more than once in a text is then side by
side. NumPy sorts numbers of 32 bits, which these mostly fit in, several at a time: gathering them in a hash table took
twice as long.

Features never reach over white space.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tagger.features.segmentation import segment
from tagger.features.vocabulary import Vocabulary
from tagger.text import Codes, encode

__all__ = [
    "Kind",
    "Occurrences",
    "Rows",
    "count",
    "document_frequencies",
    "extract",
    "find",
    "inverse_frequencies",
    "stack",
    "sublinear",
    "tfidf",
]

Kind = Literal["characters", "word"]

_NO_WORDS = np.zeros(0, dtype=np.int64)
# 1 + ln count, for such counts as texts have.
_SUBLINEAR = np.concatenate([[0.0], 1 + np.log(np.arange(1, 1 << 12))])


@dataclass(frozen=True)
class Occurrences:
    """Every known feature of a batch of texts, each time it occurs.

    Attributes:
        codes: the texts.
        columns: int32 (occurrences,), which feature it is.
        features_per_character: how many features one position can have: 2, or 3 where words are counted.
        positions: int64 (occurrences,), ascending: `features_per_character` times the position in `codes`, and one more
            for a pair that begins there, two more for a word that ends there.
        word_lengths: int64 (characters,), how long the longest word is that ends at each position.
    """

    codes: Codes
    columns: NDArray[np.int32]
    features_per_character: int
    positions: NDArray[np.int64]
    word_lengths: NDArray[np.int64]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where the occurrences of each text begin, and where the last ones end: int64 (texts + 1,).

        The pair of the boundary before a text and its first character is that text's.
        """
        return np.searchsorted(self.positions, self.features_per_character * (self.codes.starts - 1))

    def describe(self, index: int) -> tuple[Kind, int, int]:
        """Return what one occurrence is, and from where to where it is in `codes`."""
        position, kind = divmod(int(self.positions[index]), self.features_per_character)
        if kind == 2:
            return "word", position + 1 - int(self.word_lengths[position]), position + 1
        return "characters", position, position + 1 + kind


@dataclass(frozen=True)
class Rows:
    """Sparse rows, one a text: those of row `i` are `indptr[i]:indptr[i + 1]` of `columns` and `values`.

    Attributes:
        indptr: int64 (rows + 1,).
        columns: int32 (entries,), none of them twice in a row.
        values: float64 (entries,).
    """

    indptr: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def sums(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Add up something that each entry has, row by row: (entries, …) → (rows, …)."""
        result = np.zeros((len(self), *values.shape[1:]))
        filled = np.flatnonzero(np.diff(self.indptr))
        if filled.size:
            result[filled] = np.add.reduceat(values, self.indptr[filled], axis=0, dtype=np.float64)
        return result

    def slice(self, first: int, last: int) -> Rows:
        """Return the rows from one to another, without copying their entries."""
        entries = slice(self.indptr[first], self.indptr[last])
        return Rows(self.indptr[first : last + 1] - self.indptr[first], self.columns[entries], self.values[entries])

    def renumber(self, columns: NDArray[np.int32]) -> Rows:
        """Return these rows with other numbers for their columns; entries whose column becomes -1 are left out."""
        renumbered = Rows(self.indptr, columns[self.columns], self.values)
        return renumbered.keep(renumbered.columns >= 0)

    def keep(self, entries: NDArray[np.bool_]) -> Rows:
        """Return these rows with the marked ones of their entries alone."""
        kept = np.flatnonzero(entries)
        return Rows(np.searchsorted(kept, self.indptr), self.columns.take(kept), self.values.take(kept))

    def take(self, rows: NDArray[np.int64]) -> Rows:
        """Return these rows, in this order."""
        sizes = np.diff(self.indptr)[rows]
        indptr = np.concatenate([[0], np.cumsum(sizes)])
        entries = np.repeat(self.indptr[rows] - indptr[:-1], sizes) + np.arange(indptr[-1])
        return Rows(indptr, self.columns[entries], self.values[entries])


def extract(texts: Sequence[str], vocabulary: Vocabulary, *, words: bool = True) -> Occurrences:
    """Find every feature of texts that the vocabulary knows: characters, pairs of neighbours, and words."""
    return find(encode(texts), vocabulary, words=words)


def find(codes: Codes, vocabulary: Vocabulary, *, words: bool = True) -> Occurrences:
    """Do as `extract` does, for texts that are encoded already."""
    numbers = vocabulary.numbers.take(codes.codes)
    features_per_character = 3 if words else 2
    columns = np.full((len(numbers), features_per_character), -1, dtype=np.int32)
    pairs = vocabulary.pairs(numbers)
    columns[:, 0] = vocabulary.character_columns.take(numbers)
    columns[:-1, 1] = vocabulary.character_columns.take(pairs)
    word_lengths = _NO_WORDS
    if words:
        found = segment(numbers, pairs, vocabulary)
        columns[found.ends, 2] = vocabulary.word_columns.take(found.nodes)
        word_lengths = found.longest
    flat = columns.ravel()
    positions = np.flatnonzero(flat >= 0)
    return Occurrences(codes, flat.take(positions), features_per_character, positions, word_lengths)


def count(occurrences: Occurrences) -> Rows:
    """Count the features of each text: a row a text, columns ascending."""
    columns = occurrences.columns
    starts = occurrences.starts
    texts, width = len(starts) - 1, int(columns.max(initial=0)) + 1
    # 32-bit keys are sorted in half the time, where they fit.
    key_type = np.dtype(np.uint32 if texts * width < 1 << 32 else np.uint64)
    bases = np.arange(texts + 1, dtype=key_type) * key_type.type(width)
    keys = np.repeat(bases[:-1], np.diff(starts))
    keys += columns.view(np.uint32)
    keys.sort()
    is_first = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
    positions = np.flatnonzero(is_first)
    entries = keys.take(positions)
    indptr = np.searchsorted(entries, bases)
    return Rows(
        indptr=indptr,
        columns=(entries - np.repeat(bases[:-1], np.diff(indptr))).astype(np.int32),
        values=np.diff(positions, append=len(keys)).astype(np.float64),
    )


def stack(parts: Sequence[Rows]) -> Rows:
    """Put rows under one another."""
    ends = np.cumsum([0, *(part.indptr[-1] for part in parts)])
    starts = [part.indptr[:-1] + end for part, end in zip(parts, ends[:-1], strict=True)]
    return Rows(
        indptr=np.concatenate([*starts, ends[-1:]]).astype(np.int64),
        columns=np.concatenate([np.zeros(0, dtype=np.int32), *(part.columns for part in parts)]),
        values=np.concatenate([np.zeros(0), *(part.values for part in parts)]),
    )


def document_frequencies(counts: Rows, *, features: int) -> NDArray[np.int64]:
    """Count the rows that hold each feature, shape (features,)."""
    return np.bincount(counts.columns, minlength=features)


def inverse_frequencies(frequencies: NDArray[np.int64], *, documents: int, minimum: int = 1) -> NDArray[np.float64]:
    """Return the IDF of features: ln((1 + documents) / (1 + frequency)) + 1, and 0 for those below the minimum.

    The smoothed form of scikit-learn's TfidfTransformer (Spärck Jones 1972). A feature of IDF 0 leaves no trace in
    `tfidf`, not in the norm either: it is as if it were not in the vocabulary.
    """
    weights = np.log((1 + documents) / (1 + frequencies)) + 1
    return np.where(frequencies >= minimum, weights, 0.0)


def tfidf(counts: Rows, idf: NDArray[np.floating]) -> Rows:
    """Return counts as (1 + ln count) × idf with each row scaled to norm 1; a row without features stays empty."""
    values = sublinear(counts.values) * idf.take(counts.columns)
    norms = np.sqrt(counts.sums(values * values))
    norms[norms == 0] = 1
    return Rows(counts.indptr, counts.columns, values / np.repeat(norms, np.diff(counts.indptr)))


def sublinear(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 + ln count: the tenth occurrence says less than the first."""
    if counts.max(initial=0) < len(_SUBLINEAR):
        return _SUBLINEAR.take(counts.astype(np.int64))
    return np.asarray(1 + np.log(counts))
