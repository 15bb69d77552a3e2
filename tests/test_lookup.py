import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tagger.lookup import Lookup

KEYS = st.lists(st.integers(min_value=1, max_value=2**64 - 1), unique=True, max_size=200)


@given(KEYS, KEYS)
def test_each_key_is_found_in_its_column_and_no_other_key_is(keys: list[int], others: list[int]) -> None:
    lookup = Lookup.build(np.array(keys, dtype=np.uint64))
    asked = keys + others
    expected = [keys.index(key) if key in keys else -1 for key in asked]
    assert lookup.find(np.array(asked, dtype=np.uint64)).tolist() == expected


def test_keys_that_all_want_one_slot_are_told_apart() -> None:
    # Products with the inverse of the multiplier fall on neighbouring values, so that all share the first slot.
    inverse = pow(0x9E3779B97F4A7C15, -1, 2**64)
    keys = np.array([inverse * n % 2**64 for n in range(1, 50)], dtype=np.uint64)
    lookup = Lookup.build(keys)
    assert lookup.find(keys).tolist() == list(range(49))


def test_at_most_half_of_the_slots_are_taken() -> None:
    for size in range(1, 70):
        assert len(Lookup.build(np.arange(1, size + 1, dtype=np.uint64)).keys) >= 2 * size
