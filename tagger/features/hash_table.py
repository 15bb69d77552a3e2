"""A hash table of 64-bit keys in two NumPy arrays, so that it can be memory-mapped and asked for many keys at once.

The keys lie side by side in one array, and a second one, with more slots than there are keys, says where: half of a
dict's memory, and what is not there is mostly found missing in the small array. Open addressing with linear probing,
two in seven slots taken. A key's first slot is as far along the table as its product with an odd constant is along the
numbers of 64 bits (Knuth, The Art of Computer Programming, vol. 3, section 6.4; Lemire 2019, arXiv 1805.10941).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["HashTable"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio
# Slots for each key. Three take a fifth longer to be searched than four, and four are larger; more hardly repay.
_SLOTS = 3.5
_HALF = np.uint64(32)
# Slots that a key tries, one after another. Of millions of keys none tries a hundred, but somebody may choose them so.
_ROUNDS = 1000


@dataclass(frozen=True)
class HashTable:
    """Finds where a key is.

    Attributes:
        keys: uint64 (keys,), all distinct; that at position 0 is 0 and stands for all that is not there.
        slots: int32 (slots,), the position of a key in `keys`, 0 where a slot is free.
    """

    keys: NDArray[np.uint64]
    slots: NDArray[np.int32]

    @classmethod
    def build(cls, keys: NDArray[np.uint64], *, first: int = 1) -> HashTable:
        """Make those keys findable that stand at position `first` or later.

        Raises:
            ValueError: when too many of them want the same slots.
        """
        waiting = np.arange(first, len(keys), dtype=np.int32)
        slots = np.zeros(int(_SLOTS * len(waiting)) + 1, dtype=np.int32)
        table = cls(keys, slots)
        slot = table._first_slots(keys[first:])
        for _ in range(_ROUNDS):
            if not waiting.size:
                return table
            free = slots[slot] == 0
            # Of several keys that want one free slot the last is placed; the others try the next slot.
            slots[slot[free]] = waiting[free]
            left = slots[slot] != waiting
            waiting, slot = waiting[left], (slot[left] + 1) % len(slots)
        raise ValueError("the keys want the same slots")

    def find(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Return the position of each key, 0 where there is none."""
        slot = self._first_slots(keys)
        found = self.slots.take(slot)
        # Most keys are found, or found missing, at their first slot: the others are few, and fewer each time round.
        searching = np.flatnonzero((self.keys.take(found) != keys) & (found != 0))
        slot, wanted = slot.take(searching), keys.take(searching)
        while searching.size:
            slot += 1
            slot[slot == len(self.slots)] = 0
            position = self.slots.take(slot)
            found[searching] = position
            left = np.flatnonzero((self.keys.take(position) != wanted) & (position != 0))
            searching, slot, wanted = searching.take(left), slot.take(left), wanted.take(left)
        return found

    def _first_slots(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        slots = keys * _GOLDEN
        slots >>= _HALF
        slots *= np.uint64(len(self.slots))
        slots >>= _HALF
        return slots.view(np.int64)
