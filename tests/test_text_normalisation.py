import sys

import pytest
from hypothesis import given
from strategies import hard_text

from tagger.text import normalise, normalise_with_offsets


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("①②③ ٣ ३", "123 3 3"),
        ("臺灣", "臺灣"),
        ("𠮷", "𠮷"),
        ("⼈民", "人民"),
        ("反\u200b诈\ufeff", "反诈"),
        ("👨‍👩‍👧", "👨👩👧"),
        ("a\x00b\tc\nd", "a b c d"),
        ("\ud800", "\ufffd"),
        ("Straße", "strasse"),
        ("㈱", "(株)"),
        ("", ""),
    ],
)
def test_width_case_digits_and_what_is_not_seen_are_folded(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_every_character_of_unicode_folds_once_and_for_all() -> None:
    folded = normalise("".join(map(chr, range(sys.maxunicode + 1))))
    assert normalise(folded) == folded
    assert not set(folded) & set("\n\r\0\u2028\ud800")


@given(hard_text, hard_text)
def test_two_texts_fold_as_their_concatenation_does(first: str, second: str) -> None:
    assert normalise(first + second) == normalise(first) + normalise(second)


@given(hard_text)
def test_offsets_lead_back_to_the_character_each_came_from(text: str) -> None:
    folded, offsets = normalise_with_offsets(text)
    assert folded == normalise(text)
    assert len(offsets) == len(folded) + 1
    assert offsets[-1] == len(text)
    assert offsets == sorted(offsets)
    for character, offset in zip(folded, offsets, strict=False):
        assert character in normalise(text[offset])
