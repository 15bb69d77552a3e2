import math

import numpy as np
import pytest
import slow_twin
from hypothesis import given
from strategies import hard_text

import tagger
from tagger.features import LONGEST_WORD, count, document_frequencies, extract, inverse_frequencies, tfidf
from tagger.lookup import Lookup
from tagger.segment import Segmenter, open_segmenter
from tagger.text import normalise, split_paragraphs


def spelled(text: str, **choices: bool) -> list[str]:
    segmenter = open_segmenter("auto") if choices.get("words", True) else None
    occurrences = extract([text], segmenter=segmenter, characters=choices.get("characters", True))
    return sorted(f"{kind[0]}:{feature}" for kind, feature in map(occurrences.feature, range(len(occurrences.keys))))


def test_characters_pairs_and_words_are_features() -> None:
    assert spelled("反诈骗") == sorted(["c:反", "c:诈", "c:骗", "c:反诈", "c:诈骗", "w:反", "w:诈骗"])


def test_words_or_characters_can_be_left_out() -> None:
    assert spelled("诈骗", characters=False) == ["w:诈骗"]
    assert spelled("诈骗", words=False) == ["c:诈", "c:诈骗", "c:骗"]


def test_features_never_reach_over_white_space_or_from_text_to_text() -> None:
    assert "c:反诈" not in spelled("反 诈")
    occurrences = extract(["反", "诈"], segmenter=open_segmenter("auto"))
    assert occurrences.rows.tolist() == [0, 1, 0, 1]


def test_punctuation_is_a_character_but_no_word() -> None:
    assert [feature for feature in spelled("诈,骗") if "," in feature] == ["c:,", "c:,骗", "c:诈,"]


def test_a_run_longer_than_any_word_is_no_word() -> None:
    assert f"w:{'a' * LONGEST_WORD}" in spelled("a" * LONGEST_WORD)
    assert not [feature for feature in spelled("a" * (LONGEST_WORD + 1)) if feature.startswith("w:")]


@pytest.mark.parametrize("texts", [[], [""], ["", ""], [" "]])
def test_texts_without_features_have_empty_rows(texts: list[str]) -> None:
    counts = count(extract(texts, segmenter=open_segmenter("auto")), Lookup.build(np.array([1], dtype=np.uint64)))
    assert len(counts) == len(texts)
    assert counts.indptr.tolist() == [0] * (len(texts) + 1)
    assert tfidf(counts, np.ones(1)).values.tolist() == []


def test_idf_is_that_of_scikit_learn_and_zero_below_the_minimum() -> None:
    idf = inverse_frequencies(np.array([0, 1, 3]), documents=3, minimum=1)
    assert idf.tolist() == pytest.approx([0.0, math.log(4 / 2) + 1, 1.0])


def test_rows_can_be_taken_in_any_order() -> None:
    occurrences = extract(["反诈", "", "诈骗骗"], segmenter=None)
    lookup = Lookup.build(np.unique(occurrences.keys))
    counts = count(occurrences, lookup)
    taken = counts.take(np.array([2, 1, 0, 2]))
    whole = [counts.values[counts.indptr[i] : counts.indptr[i + 1]].tolist() for i in (2, 1, 0, 2)]
    assert [taken.values[taken.indptr[i] : taken.indptr[i + 1]].tolist() for i in range(4)] == whole
    assert document_frequencies(counts, features=5).sum() == len(counts.columns)


def _fast(text: str, model: tagger.Tagger, segmenter: Segmenter) -> dict[int, float]:
    rows = tfidf(count(extract([normalise(text)], segmenter=segmenter), model.model.lookup), model.model.idf)
    return dict(zip(rows.columns.tolist(), rows.values.tolist(), strict=True))


def test_the_fast_rows_equal_the_slow_twin_on_the_seeds(
    seed_texts: list[str], shipped: tagger.Tagger, segmenter: Segmenter
) -> None:
    for paragraph in (p for text in seed_texts[:2] for p in split_paragraphs(text)):
        assert _fast(paragraph.text, shipped, segmenter) == pytest.approx(
            slow_twin.weigh(paragraph.text, shipped, segmenter), abs=1e-6
        )


@given(text=hard_text)
def test_the_fast_rows_equal_the_slow_twin_on_hard_text(text: str, tiny: tagger.Tagger) -> None:
    segmenter = open_segmenter("auto", tiny.model.dictionary)
    text += "苹果火车"
    assert _fast(text, tiny, segmenter) == pytest.approx(slow_twin.weigh(text, tiny, segmenter), abs=1e-6)
