import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.features.hash_table import HashTable

KEYS = st.lists(st.integers(min_value=1, max_value=2**64 - 1), unique=True, max_size=200)


def lookup_of(keys: list[int]) -> HashTable:
    return HashTable.build(np.array([0, *keys], dtype=np.uint64))


@given(KEYS, KEYS)
def test_each_key_is_found_in_its_place_and_no_other_key_is(keys: list[int], others: list[int]) -> None:
    asked = [0, *keys, *others]
    expected = [keys.index(key) + 1 if key in keys else 0 for key in asked]
    assert lookup_of(keys).find(np.array(asked, dtype=np.uint64)).tolist() == expected


def test_keys_that_all_want_one_slot_are_told_apart() -> None:
    # Products with the inverse of the multiplier fall on neighbouring values, so that all share the first slot.
    inverse = pow(0x9E3779B97F4A7C15, -1, 2**64)
    keys = [inverse * n % 2**64 for n in range(1, 50)]
    assert lookup_of(keys).find(np.array(keys, dtype=np.uint64)).tolist() == list(range(1, 50))


def test_keys_that_nobody_chose_by_chance_are_refused() -> None:
    inverse = pow(0x9E3779B97F4A7C15, -1, 2**64)
    with pytest.raises(ValueError, match="want the same slots"):
        lookup_of([inverse * n % 2**64 for n in range(1, 2000)])


def test_keys_before_the_first_are_not_found() -> None:
    table = HashTable.build(np.arange(6, dtype=np.uint64), first=4)
    assert table.find(np.arange(7, dtype=np.uint64)).tolist() == [0, 0, 0, 0, 4, 5, 0]


def test_at_most_half_of_the_slots_are_taken() -> None:
    for size in range(1, 70):
        assert len(lookup_of(list(range(1, size + 1))).slots) >= 2 * size
