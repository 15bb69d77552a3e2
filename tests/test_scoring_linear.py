import math

import numpy as np
import pytest
import slow_twin

import tagger
from tagger.scoring.linear import Calibration, assign, probabilities
from tagger.text import split_paragraphs


def calibration(*, exclusive: bool) -> Calibration:
    return Calibration(exclusive=exclusive, slope=np.full(2, 2.0), offset=np.zeros(2), prior=np.array([0.1, 0.3]))


def test_scores_equal_the_slow_twin_on_the_seeds(seed_texts: list[str], shipped: tagger.Tagger) -> None:
    twin = slow_twin.Twin(shipped)
    for paragraph in split_paragraphs(seed_texts[2]):
        explained = {e.topic: e.score for e in shipped.explain(paragraph.text)}
        expected = twin.score(paragraph.text)
        assert [explained[topic] for topic in shipped.topics] == pytest.approx(expected, abs=1e-6)


def test_a_sigmoid_calibrates_each_topic_by_itself() -> None:
    result = probabilities(np.array([[0.0, 1.0]]), calibration(exclusive=False))
    assert result[0].tolist() == pytest.approx([0.5, 1 / (1 + math.exp(-2))])


def test_a_softmax_shares_certainty_among_exclusive_topics() -> None:
    result = probabilities(np.array([[0.0, 1.0]]), calibration(exclusive=True))
    assert result.sum() == pytest.approx(1)
    assert result[0, 1] == pytest.approx(math.exp(2) / (1 + math.exp(2)))


def test_scores_beyond_all_measure_stay_probabilities() -> None:
    for exclusive in (False, True):
        result = probabilities(np.array([[1e5, -1e5]]), calibration(exclusive=exclusive))
        assert result.tolist() == [[1.0, 0.0]]


def test_a_row_without_features_gets_the_prior() -> None:
    result = probabilities(np.zeros((2, 2)), calibration(exclusive=False), empty=np.array([True, False]))
    assert result.tolist() == [[0.1, 0.3], [0.5, 0.5]]


def test_no_rows_give_no_probabilities() -> None:
    assert probabilities(np.empty((0, 2)), calibration(exclusive=True)).shape == (0, 2)


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
