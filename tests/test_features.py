import math

import numpy as np
import pytest
import slow_twin
from hypothesis import given
from strategies import hard_text

import tagger
from tagger.features.extraction import (
    Occurrences,
    Rows,
    count,
    document_frequencies,
    extract,
    inverse_frequencies,
    stack,
    tfidf,
)
from tagger.features.vocabulary import ALNUM, HAN, OTHER, Vocabulary, build_vocabulary, character_classes_of, pack
from tagger.text import split_paragraphs


def vocabulary_of(texts: list[str], words: list[str]) -> Vocabulary:
    """Everything that stands in these texts, and some words."""
    characters = sorted({*"".join([*texts, *words])} - {" "})
    alphabet = np.array([ord(character) for character in characters], dtype=np.uint32)
    number = {character: index for index, character in enumerate(characters, start=1)}
    pairs = sorted({text[i : i + 2] for text in texts for i in range(len(text) - 1) if " " not in text[i : i + 2]})
    first, second = (np.array([number[pair[i]] for pair in pairs], dtype=np.int64) for i in (0, 1))
    return build_vocabulary(alphabet, pack(first, second), words)[0]


def describe(occurrences: Occurrences) -> list[str]:
    found = map(occurrences.describe, range(len(occurrences.columns)))
    return [f"{kind[0]}:{occurrences.codes.text(start, end)}" for kind, start, end in found]


def spelled(text: str, *, words: bool = True) -> list[str]:
    return describe(extract([text], vocabulary_of([text], ["诈骗", "a" * 32]), words=words))


def test_characters_pairs_and_words_are_features_in_the_order_of_their_places() -> None:
    assert spelled("反诈骗") == ["c:反", "c:反诈", "w:反", "c:诈", "c:诈骗", "c:骗", "w:诈骗"]


def test_han_characters_and_letters_are_told_from_signs_up_to_the_ends_of_their_blocks() -> None:
    han, alnum = "\u3400\u4dbf\u4e00\u9fff\uf900\ufaff\U00020000\U000323af", "az09"
    other = "\u33ff\ua000\uf8ff\ufb00\U0001ffff`{/:A"
    classes = character_classes_of(np.array(list(map(ord, han + alnum + other)), dtype=np.uint32))
    assert classes.tolist() == [HAN] * len(han) + [ALNUM] * len(alnum) + [OTHER] * len(other)


def test_words_can_be_left_out() -> None:
    assert spelled("诈骗", words=False) == ["c:诈", "c:诈骗", "c:骗"]


def test_features_never_reach_over_white_space_or_from_text_to_text() -> None:
    assert "c:反诈" not in spelled("反 诈")
    occurrences = extract(["反", "诈"], vocabulary_of(["反诈"], ["反诈"]))
    assert describe(occurrences) == ["c:反", "w:反", "c:诈", "w:诈"]
    assert count(occurrences).indptr.tolist() == [0, 2, 4]


def test_how_a_text_begins_and_ends_is_of_that_text_alone() -> None:
    vocabulary = vocabulary_of(["￨反诈￨"], [])
    occurrences = extract(["反", "诈", "", "反诈"], vocabulary, words=False)
    assert describe(occurrences) == ["c:￨反", "c:反", "c:诈", "c:诈￨", "c:￨反", "c:反", "c:反诈", "c:诈", "c:诈￨"]
    assert count(occurrences).indptr.tolist() == [0, 2, 4, 4, 9]
    assert describe(extract(["诈|￨反|"], vocabulary, words=False)) == ["c:诈", "c:反"]


def test_punctuation_is_a_character_but_no_word() -> None:
    assert [feature for feature in spelled("诈,骗") if "," in feature] == ["c:诈,", "c:,", "c:,骗"]


def test_a_run_longer_than_any_word_is_no_word() -> None:
    assert f"w:{'a' * 32}" in spelled("a" * 32)
    assert not [feature for feature in spelled("a" * 33) if feature.startswith("w:")]


@pytest.mark.parametrize("texts", [[], [""], ["", ""], [" "], ["未"]])
def test_texts_without_known_features_have_empty_rows(texts: list[str]) -> None:
    counts = count(extract(texts, vocabulary_of(["反诈"], ["反诈"])))
    assert len(counts) == len(texts)
    assert counts.indptr.tolist() == [0] * (len(texts) + 1)
    assert tfidf(counts, np.ones(9)).values.tolist() == []


def test_a_feature_is_counted_in_each_text_by_itself() -> None:
    vocabulary = vocabulary_of(["反诈骗"], ["诈骗"])
    counts = count(extract(["反反诈骗反", "", "反骗"], vocabulary))
    column = {text: int(vocabulary.columns[node, 0]) for node, text in enumerate(vocabulary.node_texts())}
    rows = [
        dict(zip(counts.columns[low:high].tolist(), counts.values[low:high].tolist(), strict=True))
        for low, high in zip(counts.indptr[:-1], counts.indptr[1:], strict=True)
    ]
    assert [row.get(column["反"]) for row in rows] == [3, None, 1]
    assert [row.get(column["诈骗"]) for row in rows] == [1, None, None]


def test_more_texts_and_features_than_32_bits_can_number_are_counted_alike() -> None:
    texts = ["反诈骗", "骗反骗"] * 3
    vocabulary = vocabulary_of(["反诈骗反"], [])
    few = count(extract(texts, vocabulary))
    far = Vocabulary(
        vocabulary.alphabet,
        vocabulary.table,
        vocabulary.flags,
        np.where(vocabulary.columns < 0, vocabulary.columns, vocabulary.columns + 2**30),
    )
    many = count(extract(texts, far))
    assert (many.columns - 2**30).tolist() == few.columns.tolist()
    assert many.values.tolist() == few.values.tolist()


def test_counts_beyond_the_table_weigh_by_their_logarithm() -> None:
    rows = Rows(np.array([0, 2]), np.array([0, 1], dtype=np.int32), np.array([1.0, 5000.0]))
    assert tfidf(rows, np.ones(2)).values[1] / tfidf(rows, np.ones(2)).values[0] == pytest.approx(1 + math.log(5000))


def test_stacked_rows_are_those_of_all_parts() -> None:
    vocabulary = vocabulary_of(["反诈骗"], ["诈骗"])
    texts = ["反诈", "", "诈骗骗"]
    whole, parts = count(extract(texts, vocabulary)), stack([count(extract([text], vocabulary)) for text in texts])
    assert [a.tolist() for a in (whole.indptr, whole.columns, whole.values)] == [
        a.tolist() for a in (parts.indptr, parts.columns, parts.values)
    ]
    assert len(stack([])) == 0


def test_idf_is_that_of_scikit_learn_and_zero_below_the_minimum() -> None:
    idf = inverse_frequencies(np.array([0, 1, 3]), documents=3, minimum=1)
    assert idf.tolist() == pytest.approx([0.0, math.log(4 / 2) + 1, 1.0])


def test_rows_can_be_taken_in_any_order() -> None:
    vocabulary = vocabulary_of(["反诈骗骗"], [])
    counts = count(extract(["反诈", "", "诈骗骗"], vocabulary))
    taken = counts.take(np.array([2, 1, 0, 2]))
    whole = [counts.values[counts.indptr[i] : counts.indptr[i + 1]].tolist() for i in (2, 1, 0, 2)]
    assert [taken.values[taken.indptr[i] : taken.indptr[i + 1]].tolist() for i in range(4)] == whole
    assert document_frequencies(counts, features=vocabulary.columns.size).sum() == len(counts.columns)


def _fast(text: str, model: tagger.Tagger) -> dict[int, float]:
    rows = tfidf(count(extract([text], model.model.vocabulary)), model.model.classifier.linear.idf)
    return dict(zip(rows.columns.tolist(), rows.values.tolist(), strict=True))


def test_the_fast_rows_equal_the_slow_twin_on_the_seeds(seed_texts: list[str], shipped: tagger.Tagger) -> None:
    twin = slow_twin.Twin(shipped)
    for paragraph in (p for text in seed_texts[:2] for p in split_paragraphs(text)):
        assert _fast(paragraph.text, shipped) == pytest.approx(twin.weigh(paragraph.text), abs=1e-6)


@given(text=hard_text)
def test_the_fast_rows_equal_the_slow_twin_on_hard_text(text: str, tiny: tagger.Tagger) -> None:
    text += "苹果火车"
    assert _fast(text, tiny) == pytest.approx(slow_twin.Twin(tiny).weigh(text), abs=1e-6)
