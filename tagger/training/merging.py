"""Columns of rows that are the same in every row → one, from which a linear model learns the same in less time.

Of 100,000 features of 10,000 headlines 70,000 occur in one headline: those of a headline that occur as often are equal
columns. An SVM gives equal columns equal weights, by which its margins and the norm of its weights are those of one
column √n times as large and one weight √n times as large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

__all__ = ["Merged", "merge_columns"]


@dataclass(frozen=True)
class Merged:
    """Rows whose equal columns are merged.

    Attributes:
        matrix: the rows (rows, merged columns), a column of `n` equal ones √n times as large.
        columns: int32 (columns,), the merged column of each column.
        first: int64 (merged columns,), the first column that each is made of.
        copies: int64 (merged columns,), of how many columns each is made.
    """

    matrix: csr_matrix
    columns: NDArray[np.int32]
    first: NDArray[np.int64]
    copies: NDArray[np.int64]


def merge_columns(matrix: csr_matrix) -> Merged:
    """Merge equal columns of non-negative rows, told by a hash of 64 bits; zeros are left out.

    Of a million columns two that differ have the same hash with a chance of one in ten million.
    """
    by_column = csc_matrix(matrix)
    by_column.eliminate_zeros()
    salt = np.random.default_rng(0).integers(1 << 63, size=matrix.shape[0], dtype=np.uint64)
    hashes = np.zeros(matrix.shape[1], dtype=np.uint64)
    filled = np.flatnonzero(np.diff(by_column.indptr))
    if filled.size:
        mixed = _mix(by_column.data.view(np.uint64) ^ _mix(salt).take(by_column.indices))
        hashes[filled] = np.add.reduceat(mixed, by_column.indptr[filled])
    _, first, number, copies = np.unique(hashes, return_index=True, return_inverse=True, return_counts=True)
    # In order of the columns, those of most texts first.
    order = np.argsort(first)
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order))
    first, copies = first[order], copies[order]
    merged = by_column[:, first]
    merged.data *= np.repeat(np.sqrt(copies), np.diff(merged.indptr))
    return Merged(csr_matrix(merged), place[number], first, copies)


def _mix(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble 64 bits (the finaliser of SplitMix64: Steele, Lea and Flood 2014)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
