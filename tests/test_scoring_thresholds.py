import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tagger
from tagger.scoring.thresholds import (
    MOST_POINTS,
    OperatingPoint,
    choose_threshold,
    choose_with_false_tag_limit,
    measure_points,
    thin,
)
from tagger.settings import ThresholdObjective, parse_objective


def frequent(*, rows: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    probability = random.random(rows)
    return probability, random.random(rows) < probability


@pytest.mark.parametrize(
    "text", ["f2", "precision", "precision=", "precision=2", "recall=-1", "=0.5", "nan", "x=0.5", ""]
)
def test_what_is_no_purpose_is_said(text: str) -> None:
    with pytest.raises(tagger.SettingsError, match="must be f1, precision=P, recall=R or a probability"):
        parse_objective(text)
    with pytest.raises(tagger.SettingsError):
        tagger.Settings(threshold=text)


def test_with_true_probabilities_the_best_f1_is_had_at_half_of_it() -> None:
    # Lipton, Elkan and Naryanaswamy 2014, theorem 1.
    best = choose_threshold(measure_points(*frequent()), ThresholdObjective("f1"))
    assert best.threshold == pytest.approx(best.f1 / 2, abs=0.03)


def test_no_more_than_a_share_of_those_without_a_topic_gets_one() -> None:
    random = np.random.default_rng(1)
    target = random.random((4000, 3)) < 0.2
    probability = 1 / (1 + np.exp(-random.normal(np.where(target, 1.2, -1.8), 1.0)))
    plain = probability[~target.any(axis=1)]
    points = [measure_points(*pair) for pair in zip(probability.T, target.T, strict=True)]
    free = choose_with_false_tag_limit(points, plain, most=1.0)
    assert free == [choose_threshold(found, ThresholdObjective("f1")) for found in points]
    for most in (0.05, 0.01):
        chosen = choose_with_false_tag_limit(points, plain, most=most)
        tagged = (plain >= [point.threshold for point in chosen]).any(axis=1).mean()
        assert 0.8 * most < tagged <= most
        assert all(point.threshold >= before.threshold for point, before in zip(chosen, free, strict=True))
    assert choose_with_false_tag_limit([(), *points[1:]], plain, most=0.05)[0].threshold == 0.5
    assert choose_with_false_tag_limit(points, plain[:0], most=0.0) == free


@pytest.mark.parametrize("asked", [0.8, 0.9, 0.95])
def test_a_precision_asked_for_is_kept_with_the_best_recall(asked: float) -> None:
    points = measure_points(*frequent())
    chosen = choose_threshold(points, ThresholdObjective("precision", asked))
    assert chosen.precision == pytest.approx(asked, abs=0.002)
    assert not [p for p in points if p.precision >= asked and p.recall > chosen.recall]


def test_a_recall_asked_for_is_kept_with_the_highest_threshold() -> None:
    points = measure_points(*frequent())
    chosen = choose_threshold(points, ThresholdObjective("recall", 0.9))
    assert chosen.recall >= 0.9
    assert not [p for p in points if p.recall >= 0.9 and p.threshold > chosen.threshold]


def test_a_precision_that_cannot_be_had_assigns_nothing() -> None:
    probability = np.full(50, 0.4)
    target = np.arange(50) % 2 == 0
    assert choose_threshold(measure_points(probability, target), ThresholdObjective("precision", 0.9)).threshold == 1.0


def test_a_recall_that_cannot_be_had_assigns_all_that_was_measured() -> None:
    points = [OperatingPoint(0.5, 0.9, 0.4), OperatingPoint(0.2, 0.8, 0.6)]
    assert choose_threshold(points, ThresholdObjective("recall", 0.9)).threshold == 0.2


def test_a_probability_stands_with_what_to_expect_of_it() -> None:
    points = [OperatingPoint(0.8, 0.9, 0.4), OperatingPoint(0.5, 0.7, 0.6)]
    assert choose_threshold(points, ThresholdObjective("probability", 0.6)) == OperatingPoint(0.6, 0.9, 0.4)
    assert choose_threshold(points, ThresholdObjective("probability", 0.5)).recall == 0.6
    assert math.isnan(choose_threshold(points, ThresholdObjective("probability", 0.9)).precision)


def test_without_examples_a_topic_is_assigned_where_it_is_likelier_than_not() -> None:
    for probability in (np.full(3, np.nan), np.full(3, 0.9)):
        points = measure_points(probability, np.zeros(3, dtype=bool))
        assert not points
        assert choose_threshold(points, ThresholdObjective("f1")).threshold == 0.5


def test_no_threshold_lies_between_equal_probabilities() -> None:
    probability = np.array([0.9, 0.5, 0.5, 0.1])
    points = measure_points(probability, np.array([True, True, False, False]))
    assert [p.threshold for p in points] == pytest.approx([0.7, 0.3, 0.05])


def test_one_lucky_example_does_not_set_the_threshold_of_a_rare_topic() -> None:
    # One example, on top of everything by chance; calibrated, such a probability means a third.
    probability = np.concatenate([[0.34], np.full(20, 0.3), np.zeros(200)])
    target = np.zeros(221, dtype=bool)
    target[0] = True
    assert choose_threshold(measure_points(probability, target), ThresholdObjective("f1")).threshold < 0.3


def test_forced_examples_are_assigned_at_every_threshold_and_others_only_where_they_may_be() -> None:
    probability = np.array([0.9, 0.8, 0.2, 0.1])
    target = np.array([True, False, True, False])
    forced = np.array([False, False, True, False])
    points = measure_points(probability, target, selectable=np.array([True, False, False, True]), forced=forced)
    assert len(points) == 3
    assert points[0].threshold == 1.0
    assert points[0].recall > 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300))
def test_thinned_points_keep_the_ends_and_the_chosen(values: list[float]) -> None:
    probability = np.array(values)
    points = measure_points(probability, np.arange(len(values)) % 2 == 0)
    best = choose_threshold(points, ThresholdObjective("f1"))
    thinned = thin(points, best)
    assert len(thinned) <= MOST_POINTS + 1
    assert {points[0], points[-1], best} <= set(thinned)


def test_thinned_points_are_evenly_spread_over_recall() -> None:
    points = [OperatingPoint(1 - number / 1000, 0.5, number / 1000) for number in range(1001)]
    thinned = thin(points, points[500])
    assert len(thinned) == MOST_POINTS - 1
    assert np.diff([point.recall for point in thinned]).max() <= 1 / (MOST_POINTS - 3) + 0.001


def test_an_operating_point_without_anything_has_no_f1() -> None:
    assert OperatingPoint(0.5, 0.0, 0.0).f1 == 0.0


def test_thresholds_change_without_training(tiny: tagger.Tagger) -> None:
    strict, loose = tiny.with_thresholds("0.99"), tiny.with_thresholds("0.01")
    texts = ["苹果火车", "香蕉", "下雨"]
    assert sum(map(len, strict.predict(texts))) < sum(map(len, loose.predict(texts)))
    assert strict.predict_proba(texts).tolist() == tiny.predict_proba(texts).tolist()
    assert strict.with_thresholds("f1").thresholds == tiny.thresholds
    assert strict.settings.threshold == "0.99"


def test_a_purpose_given_at_training_is_what_changing_to_it_gives(tiny: tagger.Tagger, tiny_labels: "object") -> None:
    trained = tagger.train(tiny_labels, settings=tagger.Settings(threshold="recall=0.9"))
    assert tiny.with_thresholds("recall=0.9").thresholds == trained.thresholds
    assert trained.with_thresholds("f1").thresholds == tiny.thresholds


def test_single_thresholds_can_be_set_by_hand(tiny: tagger.Tagger) -> None:
    changed = tiny.with_thresholds({"fruit": 0.7})
    assert changed.thresholds == tiny.thresholds | {"fruit": 0.7}
    with pytest.raises(tagger.SettingsError, match="unknown topic 'sky': known are fruit, train"):
        tiny.with_thresholds({"sky": 0.5})


def test_an_exclusive_tagger_abstains_where_a_precision_is_asked_for(exclusive: tagger.Tagger) -> None:
    assert exclusive.predict([""]) != [()]
    careful = exclusive.with_thresholds("0.99")
    assert careful.predict(["", "ξ"]) == [(), ()]
    assert all(len(topics) <= 1 for topics in careful.predict(["苹果火车老师"]))
    assert careful.with_thresholds("f1").predict([""]) == exclusive.predict([""])
