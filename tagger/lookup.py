"""A hash table of 64-bit keys in two NumPy arrays, so that it can be memory-mapped and asked for many keys at once.

The keys lie side by side in one array, and a second one, with more slots than there are keys, says where: half of a
dict's memory, and what is not there is mostly found missing in the small array. Open addressing with linear probing, a
power of two of slots, at most half of them taken. A key's first slot is the top bits of its product with an odd
constant (Knuth, The Art of Computer Programming, vol. 3, section 6.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["GOLDEN", "Lookup"]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio


@dataclass(frozen=True)
class Lookup:
    """Finds where a key is.

    Attributes:
        keys: uint64 (keys,), all distinct; that at place 0 is 0 and stands for all that is not there.
        slots: int32 (slots,), the place of a key in `keys`, 0 where a slot is free.
    """

    keys: NDArray[np.uint64]
    slots: NDArray[np.int32]

    @classmethod
    def build(cls, keys: NDArray[np.uint64], *, first: int = 1) -> Lookup:
        """Make those keys findable that stand at place `first` or later."""
        waiting = np.arange(first, len(keys), dtype=np.int32)
        slots = np.zeros(1 << max(1, (2 * len(waiting) - 1).bit_length()), dtype=np.int32)
        lookup = cls(keys, slots)
        slot = lookup._first_slots(keys[first:])
        while waiting.size:
            free = slots[slot] == 0
            # Of several keys that want one free slot the last is placed; the others try the next slot.
            slots[slot[free]] = waiting[free]
            left = slots[slot] != waiting
            waiting, slot = waiting[left], (slot[left] + 1) & (len(slots) - 1)
        return lookup

    def find(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Give the place of each key, 0 where there is none."""
        slot = self._first_slots(keys)
        found = self.slots.take(slot)
        # Most keys are found, or found missing, at their first slot: the others are few, and fewer each time round.
        searching = np.flatnonzero(self.keys.take(found) != keys)
        searching = searching[found.take(searching) != 0]
        while searching.size:
            at = (slot.take(searching) + 1) & (len(self.slots) - 1)
            slot[searching] = at
            place = self.slots.take(at)
            found[searching] = place
            searching = searching[(self.keys.take(place) != keys.take(searching)) & (place != 0)]
        return found

    def _first_slots(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        shift = np.uint64(64 - (len(self.slots).bit_length() - 1))
        return ((keys * GOLDEN) >> shift).view(np.int64)
