import numpy as np
import pytest
import slow_twin
from hypothesis import given
from strategies import han_text, hard_text

import tagger
from tagger.features.segmentation import segment
from tagger.features.vocabulary import Vocabulary, build_vocabulary
from tagger.text import encode, normalise, split_paragraphs


def vocabulary_of(words: list[str], others: str = "") -> Vocabulary:
    characters = sorted({*"".join(words), *others})
    alphabet = np.array([ord(character) for character in characters], dtype=np.uint32)
    return build_vocabulary(alphabet, np.zeros(0, dtype=np.uint64), words)[0]


def cut(text: str, vocabulary: Vocabulary) -> list[str]:
    codes = encode([text])
    numbers = vocabulary.numbers.take(codes.codes)
    words = segment(numbers, vocabulary.pairs(numbers), vocabulary)
    ends = np.sort(words.ends)
    return [codes.text(end + 1 - length, end + 1) for end, length in zip(ends, words.longest[ends], strict=True)]


def test_the_longest_word_that_ends_a_run_is_cut_off_first() -> None:
    vocabulary = vocabulary_of(["打击", "电信", "诈骗", "信诈", "电信诈骗罪"])
    assert cut("打击电信诈骗。", vocabulary) == ["打击", "电信", "诈骗"]
    assert cut("打击电信诈骗罪", vocabulary) == ["打击", "电信诈骗罪"]


def test_what_is_in_no_word_falls_to_characters() -> None:
    assert cut("他打击了", vocabulary_of(["打击"], "他了")) == ["他", "打击", "了"]


def test_characters_that_the_model_never_met_part_words() -> None:
    assert cut("打击X诈骗", vocabulary_of(["打击", "诈骗"])) == ["打击", "诈骗"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023年", ["2023", "年"]),
        ("去卡拉ok厅", ["去", "卡拉ok", "厅"]),
        ("卡拉oks", ["卡", "拉", "oks"]),
        ("a股", ["a股"]),
        ("ba股", ["ba", "股"]),
        ("app 12", ["app", "12"]),
    ],
)
def test_letters_and_digits_side_by_side_are_never_parted(text: str, expected: list[str]) -> None:
    vocabulary = vocabulary_of(["卡拉ok", "a股", "app", "2023"], "年去厅拉卡abcdefghijklmnopqrstuvwxyz0123456789")
    assert cut(text, vocabulary) == expected


def test_no_word_ends_within_letters_and_digits_and_a_run_of_them_ends_as_one() -> None:
    vocabulary = vocabulary_of(["打击", "卡拉ok"], "abc拉卡")
    for text, expected in (("abc", [1, 1, 3]), ("打击。", [1, 2, 0]), ("卡拉ok", [1, 1, 1, 4])):
        numbers = vocabulary.numbers.take(encode([text]).codes)
        found = segment(numbers, vocabulary.pairs(numbers), vocabulary).longest
        assert found[1 : 1 + len(text)].tolist() == expected


def test_a_run_without_an_end_is_cut_in_a_moment() -> None:
    vocabulary = vocabulary_of(["反诈", "诈骗"])
    assert cut("反诈诈骗" * 50_000, vocabulary) == ["反诈", "诈骗"] * 50_000


def test_nothing_has_no_words() -> None:
    assert cut("", vocabulary_of(["反诈"])) == []
    assert cut(" 。", vocabulary_of(["反诈"], "。")) == []


def test_the_seeds_are_cut_as_the_slow_twin_cuts_them(seed_texts: list[str], shipped: tagger.Tagger) -> None:
    twin = slow_twin.Twin(shipped)
    for text in seed_texts[:3]:
        for paragraph in split_paragraphs(text):
            assert cut(paragraph.text, shipped.model.vocabulary) == twin.cut(normalise(paragraph.text))


@given(text=han_text | hard_text)
def test_hard_text_is_cut_as_the_slow_twin_cuts_it(text: str, tiny: tagger.Tagger) -> None:
    text += "苹果app火车"
    assert cut(text, tiny.model.vocabulary) == slow_twin.Twin(tiny).cut(normalise(text))
