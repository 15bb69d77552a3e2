import math

import numpy as np
import pytest
import slow_twin
from hypothesis import given
from hypothesis import strategies as st
from strategies import hard_text

import tagger
from tagger.features.extraction import Rows
from tagger.scoring.linear import Calibration, assign, linear_scores, probabilities, rank, scarcity, squash
from tagger.text import split_paragraphs

MANY = np.full(2, 10**6)


def calibration(*, exclusive: bool, scarce_slope: float = 0.0, scarce_offset: float = 0.0) -> Calibration:
    return Calibration(
        exclusive=exclusive,
        slope=np.full(2, 2.0),
        offset=np.zeros(2),
        scarce_slope=np.full(2, scarce_slope),
        scarce_offset=np.full(2, scarce_offset),
        prior=np.array([0.1, 0.3]),
    )


def test_scores_equal_the_slow_twin_on_the_seeds(seed_texts: list[str], shipped: tagger.Tagger) -> None:
    twin = slow_twin.Twin(shipped)
    for paragraph in split_paragraphs(seed_texts[2]):
        explained = {e.topic: e.score for e in shipped.explain(paragraph.text)}
        expected = twin.score(paragraph.text)
        assert [explained[topic] for topic in shipped.topics] == pytest.approx(expected, abs=1e-6)


@given(text=st.one_of(hard_text, st.text("苹果火车站香蕉。, ", max_size=30)))
def test_probabilities_equal_the_slow_twin(text: str, tiny: tagger.Tagger, exclusive: tagger.Tagger) -> None:
    for model in (tiny, exclusive):
        found = model.predict_proba([text])[0].tolist()
        assert found == pytest.approx(slow_twin.Twin(model).probabilities(text), abs=1e-6)


def test_a_sigmoid_calibrates_each_topic_by_itself() -> None:
    result = probabilities(np.array([[0.0, 1.0]]), MANY[:1], calibration(exclusive=False))
    assert result[0].tolist() == pytest.approx([0.5, 1 / (1 + math.exp(-2))])


def test_a_softmax_shares_certainty_among_exclusive_topics() -> None:
    result = probabilities(np.array([[0.0, 1.0]]), MANY[:1], calibration(exclusive=True))
    assert result.sum() == pytest.approx(1)
    assert result[0, 1] == pytest.approx(math.exp(2) / (1 + math.exp(2)))


def test_scores_beyond_all_measure_stay_probabilities() -> None:
    for exclusive in (False, True):
        result = probabilities(np.array([[1e5, -1e5]]), MANY[:1], calibration(exclusive=exclusive))
        assert result.tolist() == [[1.0, 0.0]]


def test_a_row_without_features_gets_the_prior() -> None:
    result = probabilities(np.zeros((2, 2)), np.array([0, 5]), calibration(exclusive=False))
    assert result.tolist() == [[0.1, 0.3], [0.5, 0.5]]


def test_no_rows_give_no_probabilities() -> None:
    assert probabilities(np.empty((0, 2)), MANY[:0], calibration(exclusive=True)).shape == (0, 2)


@pytest.mark.parametrize(
    ("exclusive", "always", "expected"),
    [
        (False, False, [[True, True], [False, False]]),
        (False, True, [[True, True], [False, True]]),
        (True, True, [[True, False], [False, True]]),
    ],
)
def test_topics_are_assigned_by_threshold_or_by_rank(exclusive: bool, always: bool, expected: list[list[bool]]) -> None:
    probability = np.array([[0.9, 0.5], [0.1, 0.4]])
    assigned = assign(probability, np.array([0.5, 0.5]), exclusive=exclusive, always=always)
    assert assigned.tolist() == expected


def test_topics_below_the_threshold_and_of_texts_without_features_are_not_assigned() -> None:
    probability = np.array([[0.9, 0.5], [0.9, 0.4]])
    for always, expected in ((False, [[True, True], [False, False]]), (True, [[True, True], [True, False]])):
        assigned = assign(
            probability, np.array([0.5, 0.5]), exclusive=False, always=always, empty=np.array([False, True])
        )
        assert assigned.tolist() == expected


def test_no_rows_have_no_best_topic() -> None:
    nothing = np.zeros((0, 2))
    assert assign(nothing, np.full(2, 0.5), exclusive=True, always=True).shape == (0, 2)
    assert [part.tolist() for part in rank(nothing, np.zeros((0, 2), dtype=bool))] == [[], []]


def test_scarcity_is_one_for_nothing_half_for_two_features_and_falls_to_nothing() -> None:
    found = scarcity(np.array([0, 2, 6, 10**9]))
    assert found.tolist() == pytest.approx([1.0, 0.5, 0.25, 0.0], abs=1e-6)


def test_of_one_score_the_text_of_few_features_is_less_sure() -> None:
    some = calibration(exclusive=False, scarce_slope=-1.5, scarce_offset=-1.0)
    few, more, many = probabilities(np.full((3, 2), 1.5), np.array([3, 30, 3000]), some)[:, 0]
    assert 0.1 < few < more < many
    assert many == pytest.approx(1 / (1 + math.exp(-3)), abs=0.01)
    scarce = 1 / (1 + 3 / 2)
    assert few == pytest.approx(1 / (1 + math.exp(-((2 - 1.5 * scarce) * 1.5 - scarce))))


@pytest.mark.parametrize("exclusive", [False, True])
def test_the_log_odds_of_the_prior_are_squashed_to_the_prior(exclusive: bool) -> None:
    share = np.array([0.25, 0.75])
    some = Calibration(exclusive, np.ones(2), np.zeros(2), np.zeros(2), np.zeros(2), share)
    assert squash(some.prior_log_odds[np.newaxis], exclusive=exclusive)[0] == pytest.approx(share)
    for edge in (0.0, 1.0):
        extreme = Calibration(exclusive, np.ones(2), np.zeros(2), np.zeros(2), np.zeros(2), np.full(2, edge))
        assert np.isfinite(extreme.prior_log_odds).all()


def test_features_without_idf_are_not_known() -> None:
    rows = Rows(np.array([0, 2, 3, 3]), np.array([0, 1, 1], dtype=np.int32), np.array([1.0, 1.0, 1.0]))
    weights, bias = np.array([[1.0], [0.0]]), np.array([0.5])
    raw, known = linear_scores(rows, np.array([2.0, 0.0]), weights, bias)
    assert known.tolist() == [1, 0, 0]
    assert raw[:, 0].tolist() == [1.0, 0.5, 0.5]
    assert linear_scores(rows, np.array([2.0, 1.0]), weights, bias)[1].tolist() == [2, 1, 0]
