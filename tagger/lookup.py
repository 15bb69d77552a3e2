"""A hash table of 64-bit keys in two NumPy arrays, so that it can be memory-mapped and asked for many keys at once.

Open addressing with linear probing, a power of two of slots, at most half of them taken. A key's first slot is the
top bits of its product with an odd constant (Knuth, The Art of Computer Programming, vol. 3, section 6.4). Key 0
marks a free slot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Lookup"]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio
MISSING = -1


@dataclass(frozen=True)
class Lookup:
    """Finds the column of a key.

    Attributes:
        keys: uint64 (slots,), 0 where a slot is free.
        columns: int32 (slots,), the column of the key in the same slot.
    """

    keys: NDArray[np.uint64]
    columns: NDArray[np.int32]

    @classmethod
    def build(cls, keys: NDArray[np.uint64]) -> Lookup:
        """Place distinct, non-zero keys; the column of `keys[i]` is `i`."""
        slots = 1 << max(1, (2 * len(keys) - 1).bit_length())
        lookup = cls(np.zeros(slots, dtype=np.uint64), np.full(slots, MISSING, dtype=np.int32))
        slot = lookup._first_slots(keys)
        waiting = np.arange(len(keys))
        while waiting.size:
            free = waiting[lookup.keys[slot[waiting]] == 0]
            # Of several keys that want one free slot the last is placed; the others try the next slot.
            lookup.keys[slot[free]] = keys[free]
            placed = lookup.keys[slot[waiting]] == keys[waiting]
            lookup.columns[slot[waiting[placed]]] = waiting[placed]
            waiting = waiting[~placed]
            slot[waiting] = (slot[waiting] + 1) & (slots - 1)
        return lookup

    def find(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Give the column of each key, -1 where there is none."""
        found = np.full(len(keys), MISSING, dtype=np.int32)
        slot = self._first_slots(keys)
        searching = np.arange(len(keys))
        while searching.size:
            stored = self.keys[slot[searching]]
            hit = stored == keys[searching]
            found[searching[hit]] = self.columns[slot[searching[hit]]]
            searching = searching[~hit & (stored != 0)]
            slot[searching] = (slot[searching] + 1) & (len(self.keys) - 1)
        return found

    def _first_slots(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        shift = np.uint64(64 - (len(self.keys).bit_length() - 1))
        return ((keys * _MULTIPLIER) >> shift).astype(np.int64)
