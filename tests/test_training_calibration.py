"""Scores that were left out → the probabilities they mean, of short texts and of long ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tagger.dataset import Dataset, read_dataset
from tagger.records import Example
from tagger.scoring.linear import Calibration, probabilities, scarcity
from tagger.settings import Settings
from tagger.training import train_dataset
from tagger.training.calibration import fit_calibration

Drawn = tuple[NDArray[np.float64], NDArray[np.bool_]]


def known(rows: int, number: int = 10**6) -> NDArray[np.int64]:
    return np.full(rows, number)


def sample(slope: float, offset: float, *, rows: int = 4000, seed: int = 0) -> Drawn:
    random = np.random.default_rng(seed)
    scores = random.normal(size=(rows, 1))
    return scores, random.random((rows, 1)) < 1 / (1 + np.exp(-(slope * scores + offset)))


def draw_exclusive(inverse_temperature: float, *, rows: int = 4000, seed: int = 0) -> Drawn:
    random = np.random.default_rng(seed)
    scores = random.normal(size=(rows, 3))
    powers = np.exp(inverse_temperature * scores)
    drawn = (powers / powers.sum(axis=1, keepdims=True)).cumsum(axis=1) > random.random((rows, 1))
    return scores, np.eye(3, dtype=bool)[drawn.argmax(axis=1)]


def together(*parts: Drawn) -> Drawn:
    scores, targets = zip(*parts, strict=True)
    return np.concatenate(scores), np.concatenate(targets)


def fit(drawn: Drawn, numbers: NDArray[np.int64], *, exclusive: bool = False) -> Calibration:
    topics = drawn[1].shape[1]
    return fit_calibration(*drawn, known=numbers, exclusive=exclusive, prior=np.full(topics, 0.3))


def test_a_sigmoid_finds_the_probabilities_that_made_the_data() -> None:
    calibration = fit(sample(3.0, -1.0), known(4000))
    assert calibration.slope[0] == pytest.approx(3.0, abs=0.3)
    assert calibration.offset[0] == pytest.approx(-1.0, abs=0.15)


def test_a_sigmoid_finds_what_scores_of_short_and_of_long_texts_mean() -> None:
    numbers = np.repeat([2, 500], 4000)
    calibration = fit(together(sample(2.5, -2.0), sample(4.0, -1.0, seed=1)), numbers)
    for number, slope, offset in ((2, 2.5, -2.0), (500, 4.0, -1.0)):
        scarce = scarcity(np.array([number]))[0]
        assert calibration.slope[0] + calibration.scarce_slope[0] * scarce == pytest.approx(slope, abs=0.4)
        assert calibration.offset[0] + calibration.scarce_offset[0] * scarce == pytest.approx(offset, abs=0.3)


def test_two_characters_are_less_sure_than_a_page_of_the_same_score() -> None:
    # What short texts score says little: three in ten of those that score 2 have the topic.
    numbers = np.repeat([2, 400], 4000)
    calibration = fit(together(sample(1.3, -3.5), sample(2.5, 0.0, seed=1)), numbers)
    two_characters, page = probabilities(np.full((2, 1), 2.0), np.array([2, 400]), calibration)[:, 0]
    assert two_characters < 0.4
    assert page > 0.95


def test_a_trained_tagger_is_less_sure_of_a_word_than_of_a_page() -> None:
    # A page of a topic's words is of the topic; of single words of it two thirds are.
    random = np.random.default_rng(0)
    said = list("甲乙丙丁戊己庚辛壬癸"), list("子丑寅卯辰巳午未申酉")
    examples = []
    for number in range(300):
        topics = ("fraud",) if number % 2 else ()
        examples.append(Example("".join(random.choice(said[number % 2], 30)), topics, f"long{number}"))
        by_chance = (number + (number % 3 == 0)) % 2
        examples.append(Example(str(random.choice(said[by_chance])) + "。" * (number % 5), topics, f"short{number}"))
    model = train_dataset(_dataset(examples), Settings(exclusive=False, lengths=False))
    word, page = model.predict_proba([said[1][0], "".join(said[1]) * 3])[:, 0]
    assert model.model.classifier.calibration.scarce_slope[0] < 0
    assert 0.5 < word < 0.9 < page


def _dataset(examples: list[Example]) -> Dataset:
    return read_dataset(examples, topics=(), keep_conflicts=True)


def test_a_temperature_finds_the_probabilities_that_made_the_data() -> None:
    calibration = fit(draw_exclusive(2.5), known(4000), exclusive=True)
    assert calibration.slope == pytest.approx([2.5] * 3, abs=0.2)
    assert calibration.offset.tolist() == calibration.scarce_offset.tolist() == [0.0] * 3


def test_exclusive_scores_have_a_temperature_for_short_texts_and_one_for_long_ones() -> None:
    numbers = np.repeat([1, 10**6], 4000)
    calibration = fit(together(draw_exclusive(0.8), draw_exclusive(3.0, seed=1)), numbers, exclusive=True)
    scarce = scarcity(np.array([1]))[0]
    assert calibration.slope == pytest.approx([3.0] * 3, abs=0.3)
    assert calibration.slope + scarce * calibration.scarce_slope == pytest.approx([0.8] * 3, abs=0.2)
    assert (calibration.slope + calibration.scarce_slope > 0).all()


def test_where_exclusive_texts_are_all_of_a_length_both_temperatures_are_alike() -> None:
    calibration = fit(draw_exclusive(2.5), known(4000), exclusive=True)
    assert calibration.scarce_slope == pytest.approx([0.0] * 3, abs=0.3)


def test_a_topic_with_few_examples_borrows_the_slope_of_the_others() -> None:
    scores, targets = sample(3.0, 0.0)
    rare = np.zeros_like(targets)
    rare[:3] = True
    both = np.hstack([scores, -scores])
    numbers = np.random.default_rng(1).integers(1, 200, 4000)
    calibration = fit((both, np.hstack([targets, rare])), numbers)
    assert calibration.slope[1] > 0
    assert calibration.scarce_slope[1] == calibration.scarce_offset[1] == 0
    assert probabilities(both, numbers, calibration)[:, 1].mean() < 0.05


def test_topics_that_all_have_few_examples_share_one_slope() -> None:
    random = np.random.default_rng(0)
    targets = np.zeros((60, 3), dtype=bool)
    targets[:9, 0] = targets[20:25, 1] = True  # the third topic has none, a tenth example would give a slope of its own
    scores = np.where(targets, 0.5, -0.5) + random.normal(scale=0.5, size=targets.shape)
    calibration = fit((scores, targets), random.integers(1, 100, 60))
    assert len(set(calibration.slope.tolist())) == 1
    assert calibration.offset[2] == 0
    assert not calibration.scarce_slope.any()


def test_scores_that_speak_against_their_topic_do_not_turn_the_sigmoid_round() -> None:
    scores, targets = sample(3.0, 0.0)
    calibration = fit((-scores, targets), known(4000))
    assert calibration.slope[0] > 0


@pytest.mark.parametrize("seed", range(4))
def test_no_slope_is_ever_negative_not_even_for_texts_without_features(seed: int) -> None:
    # Of short texts, the higher they score, the fewer have the topic.
    backwards = together(sample(-3.0, 0.0, seed=seed), sample(3.0, 0.0, rows=6000, seed=seed + 9))
    calibration = fit(backwards, np.repeat([1, 300], [4000, 6000]))
    assert calibration.slope[0] > 0
    assert calibration.slope[0] + calibration.scarce_slope[0] >= 0
    for number in (1, 3, 30, 1000):
        rising = calibration.log_odds(np.array([[-1.0], [0.0], [1.0]]), np.full(3, number))[:, 0]
        assert (np.diff(rising) >= 0).all()


@pytest.mark.parametrize("exclusive", [False, True])
def test_nothing_measured_gives_a_usable_calibration(exclusive: bool) -> None:
    nothing = np.full((4, 2), np.nan)
    calibration = fit((nothing, np.eye(4, 2, dtype=bool)), known(4), exclusive=exclusive)
    assert calibration.slope.tolist() == [2.0, 2.0]
    for values in (calibration.offset, calibration.scarce_slope, calibration.scarce_offset):
        assert values.tolist() == [0.0, 0.0]


def test_what_a_fold_could_not_score_is_left_out() -> None:
    scores, targets = sample(3.0, -1.0)
    whole = fit((scores, targets), known(4000))
    gone = np.concatenate([scores, np.full((50, 1), np.nan)]), np.concatenate([targets, np.ones((50, 1), dtype=bool)])
    assert fit(gone, known(4050)).slope == pytest.approx(whole.slope)


def test_of_texts_without_features_the_score_never_speaks_against_a_topic() -> None:
    numbers = np.repeat([2, 500], 4000)
    calibration = fit(together(sample(0.2, -2.0), sample(4.0, -1.0, seed=1)), numbers)
    assert calibration.slope[0] + calibration.scarce_slope[0] == pytest.approx(0.0)
    assert 1.5 < calibration.slope[0] < 4.0
