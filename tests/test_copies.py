"""Copies and near copies, against a slow twin that compares every pair of texts."""

import random
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tagger.copies
from tagger.copies import CopyPair, group_copies, near_copies
from tagger.text import normalise

ALPHABET = "民警在银行柜台劝住了正要给客服转账的老人今天上午八点市局召开会议部署夏季治安打击整治行动"


def pairs_of(text: str) -> tuple[set[tuple[str, str]], list[str]]:
    letters = [character for character in normalise(text) if character.isalnum()]
    return {(first, second) for first, second in pairwise(letters)}, letters


def slow_similarity(first: str, second: str) -> float:
    (one, letters), (other, others) = pairs_of(first), pairs_of(second)
    if letters == others and letters:
        return 1.0
    if min(len(letters), len(others)) < 12:
        return float(normalise(first) == normalise(second))
    return len(one & other) / len(one | other)


def drawn(size: int, *, seed: int = 0, length: int = 40) -> list[str]:
    draw = random.Random(seed)  # noqa: S311 - test data
    return ["".join(draw.choices(ALPHABET, k=length)) for _ in range(size)]


def edited(text: str, places: int, draw: random.Random) -> str:
    letters = list(text)
    for place in draw.sample(range(len(text)), places):
        letters[place] = draw.choice(ALPHABET)
    return "".join(letters)


def test_light_rewrites_are_found_and_nothing_else() -> None:
    draw = random.Random(1)  # noqa: S311 - test data
    texts = drawn(300)
    rewrites = [edited(text, 2, draw) for text in texts]
    found = near_copies(texts + rewrites)
    assert {pair.second - pair.first for pair in found} == {300}
    assert len(found) >= 0.95 * 300
    for pair in found:
        assert pair.similarity == slow_similarity((texts + rewrites)[pair.first], (texts + rewrites)[pair.second])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), st.sampled_from(["", ",", " ", "!A", "…"])), max_size=8)
)
def test_what_is_reported_is_what_a_slow_twin_measures(drafts: list[tuple[int, int, str]]) -> None:
    bases = drawn(4, seed=2, length=24)
    draw = random.Random(3)  # noqa: S311 - test data
    texts = [edited(bases[base], places, draw) + tail for base, places, tail in drafts]
    measured = {
        (first, second): slow_similarity(texts[first], texts[second])
        for first, second in combinations(range(len(texts)), 2)
    }
    found = {(pair.first, pair.second): pair.similarity for pair in near_copies(texts)}
    for pair, similarity in found.items():
        assert similarity == measured[pair] >= 0.6
    groups = group_copies(texts, similarity=0.6)
    for (first, second), similarity in measured.items():
        if similarity >= 0.9:  # missed once in 10¹⁴ pairs
            assert groups[first] == groups[second]


def test_signs_case_and_width_do_not_count() -> None:
    assert near_copies(["APP下载量,超过1亿次!", "app 下载量超过1亿次"]) == [CopyPair(0, 1, 1.0)]


def test_short_texts_are_copies_only_where_they_are_equal() -> None:
    texts = ["警方提醒您不要轻信", "警方提醒你不要轻信", "警方提醒您,不要轻信。"]
    assert near_copies(texts) == [CopyPair(0, 2, 1.0)]


def test_texts_without_a_letter_are_copies_of_the_very_same_signs() -> None:
    assert near_copies(["……", "——", "", "……", ""]) == [CopyPair(0, 3, 1.0), CopyPair(2, 4, 1.0)]


def test_equal_texts_stand_for_each_other() -> None:
    base, other = drawn(2)
    near = base[:-2] + "另外"
    assert [(pair.first, pair.second) for pair in near_copies([base, near, base, other, base, near])] == [
        (0, 1),
        (0, 2),
        (0, 4),
        (1, 5),
    ]


def test_copies_of_copies_are_in_one_group() -> None:
    draw = random.Random(5)  # noqa: S311 - test data
    chain = drawn(1, length=60)
    for _ in range(6):
        chain.append(edited(chain[-1], 2, draw))
    groups = group_copies([*chain, "", *reversed(chain)], similarity=0.6)
    assert groups[:7].tolist() == [0] * 7
    assert groups[7] == 7
    assert groups[8:].tolist() == [0] * 7


def test_a_template_of_thousands_is_one_group_without_all_its_pairs() -> None:
    texts = [f"市气象台发布高温橙色预警信号预计今天白天最高气温将升至三十七度编号{number:05}" for number in range(600)]
    assert set(group_copies(texts).tolist()) == {0}
    assert len(near_copies(texts)) < 600 * 8 * 32


def test_any_order_and_any_size_of_parts_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(6)  # noqa: S311 - test data
    texts = drawn(60)
    texts += [edited(text, 3, draw) for text in texts]
    expected = near_copies(texts)
    for name, value in (("_PART", 50), ("_MOST", 3)):
        monkeypatch.setattr(tagger.copies, name, value)
    assert near_copies(texts) == expected


def test_no_text_or_one_has_no_copies() -> None:
    assert near_copies([]) == []
    assert group_copies([]).dtype == np.int64
    assert group_copies(["办好户口"]).tolist() == [0]
