"""Scores of exclusive topics beside one another, and the second SVM where it pays."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

import tagger
from tagger.dataset import read_dataset
from tagger.records import Example
from tagger.scoring.linear import LinearModel
from tagger.settings import ClassWeight
from tagger.training.classifier import fit_classifier
from tagger.training.corpus import build_corpus
from tagger.training.held_out import out_of_fold_scores, ratios_pay
from tagger.training.mixing import Mixture, fit_mixture
from tagger.training.svm import class_weights, fit_svm, fit_svms

Drawn = tuple[NDArray[np.float64], NDArray[np.bool_]]


def draw(rows: int, *, shares: Sequence[float], seed: int = 0) -> Drawn:
    """Give scores that lie lower for rare topics, and the targets they were made of."""
    random = np.random.default_rng(seed)
    own = random.choice(len(shares), size=rows, p=shares)
    targets = np.eye(len(shares), dtype=bool)[own]
    return 1.2 * targets - 1.5 + np.log(shares) / 4 + random.normal(scale=0.4, size=targets.shape), targets


def mixture_of(scores: NDArray[np.float64], targets: NDArray[np.bool_]) -> Mixture:
    found = fit_mixture(scores, targets, np.ones(len(scores)))
    assert found is not None
    return found


def right(scores: NDArray[np.float64], targets: NDArray[np.bool_]) -> float:
    return float((scores.argmax(axis=1) == targets.argmax(axis=1)).mean())


def test_offsets_bring_scores_of_rare_topics_and_of_frequent_ones_to_one_measure() -> None:
    scores, targets = draw(4000, shares=(0.7, 0.25, 0.05))
    scores[:, 2] -= 2.0  # never the highest
    mixture = mixture_of(scores, targets)
    fresh, truth = draw(4000, shares=(0.7, 0.25, 0.05), seed=1)
    fresh[:, 2] -= 2.0
    mixed = mixture.of_scores(fresh)
    assert right(mixed, truth) > right(fresh, truth) + 0.02
    assert (mixed.argmax(axis=1) == 2).any()


def test_a_topic_that_is_taken_for_another_is_told_from_it_by_the_scores_of_a_third() -> None:
    random = np.random.default_rng(0)
    own = random.integers(3, size=3000)
    targets = np.eye(3, dtype=bool)[own]
    scores = random.normal(scale=0.3, size=(3000, 3))
    # What tells the first two apart is how much of the third there is in them.
    scores[:, 2] += np.where(own == 0, 0.8, np.where(own == 2, 1.5, 0.0))
    scores[:, :2] += (own < 2)[:, np.newaxis]
    mixture = mixture_of(scores, targets)
    assert right(mixture.of_scores(scores), targets) > right(scores, targets) + 0.1


def test_of_few_examples_each_topic_keeps_its_own_score() -> None:
    scores, targets = draw(6, shares=(0.5, 0.5))
    assert mixture_of(scores, targets).matrix == pytest.approx(np.eye(2), abs=0.2)


def test_a_model_scores_as_the_mixture_of_its_scores_does() -> None:
    random = np.random.default_rng(0)
    mixture = Mixture(random.normal(size=(3, 3)), random.normal(size=3))
    linear = LinearModel(np.ones(5), random.normal(size=(5, 3)), random.normal(size=3), random.normal(size=(2, 3)))
    mixed = mixture.of_model(linear)
    rows, lengths = random.normal(size=(4, 5)), random.normal(size=(4, 2))
    plain = rows @ np.asarray(linear.weights) + linear.bias + lengths @ linear.length_weights
    assert rows @ np.asarray(mixed.weights) + mixed.bias + lengths @ mixed.length_weights == pytest.approx(
        mixture.of_scores(plain)
    )


def test_one_topic_is_not_mixed() -> None:
    assert fit_mixture(np.full((3, 1), 0.5), np.ones((3, 1), dtype=bool), np.ones(3)) is None


def test_of_very_many_topics_each_keeps_its_score_and_learns_how_far_to_shift_it() -> None:
    topics = 150
    shares = np.linspace(1, 4, topics)
    scores, targets = draw(6000, shares=(shares / shares.sum()).tolist())
    shifts = np.random.default_rng(2).normal(scale=0.5, size=topics)
    mixture = mixture_of(scores + shifts, targets)
    assert mixture.matrix is None
    assert np.corrcoef(mixture.offset, -shifts)[0, 1] > 0.9
    fresh, truth = draw(2000, shares=(shares / shares.sum()).tolist(), seed=1)
    assert right(mixture.of_scores(fresh + shifts), truth) > right(fresh + shifts, truth) + 0.1
    linear = LinearModel(np.ones(2), np.ones((2, topics)), np.zeros(topics), np.zeros((2, topics)))
    mixed = mixture.of_model(linear)
    assert mixed.weights is linear.weights
    assert mixed.bias.tolist() == mixture.offset.tolist()


def test_what_no_fold_could_score_is_not_mixed_and_what_one_could_not_scores_low() -> None:
    scores, targets = draw(200, shares=(0.5, 0.3, 0.2))
    assert fit_mixture(np.full_like(scores, np.nan), targets, np.ones(200)) is None
    gone, low = scores.copy(), scores.copy()
    rows = np.flatnonzero(~targets[:, 2])[:20]
    gone[rows, 2], low[rows, 2] = np.nan, -1.0
    assert np.array_equal(np.asarray(mixture_of(gone, targets).matrix), np.asarray(mixture_of(low, targets).matrix))


def test_a_topic_without_examples_is_not_ruled_out() -> None:
    scores, targets = draw(300, shares=(0.6, 0.4))
    third = np.full((300, 1), -0.9)
    mixture = mixture_of(np.hstack([scores, third]), np.hstack([targets, np.zeros((300, 1), dtype=bool)]))
    assert np.abs(mixture.offset).max() < 10


def test_balanced_weights_have_a_milder_power_and_none_has_none() -> None:
    targets = np.repeat(np.eye(2, dtype=bool), [80, 20], axis=0)
    forms: tuple[ClassWeight, ...] = ("none", "auto", "balanced")
    for exclusive in (True, False):
        none, mild, balanced = (
            class_weights(targets, np.ones(100), tagger.Settings(exclusive=exclusive, class_weight=form))
            for form in forms
        )
        assert (none == 1).all()
        assert mild == pytest.approx(balanced**0.25)
        assert balanced[0, 0] == pytest.approx(100 / 160)
        assert balanced[-1, 0] == pytest.approx(100 / 40)


def test_topics_fitted_at_once_are_those_fitted_one_after_another() -> None:
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    random = np.random.default_rng(0)
    matrix = csr_matrix(random.random((60, 20)) * (random.random((60, 20)) < 0.3))
    settings = tagger.Settings(exclusive=True)
    for topics in (2, 3):
        targets = np.eye(topics, dtype=bool)[random.integers(topics, size=60)]
        costs = class_weights(targets, np.ones(60), settings)
        weights, bias = fit_svms(matrix, targets, costs, settings)
        for topic in range(topics):
            alone, offset = fit_svm(matrix, targets[:, topic], costs[:, topic], settings)
            assert weights[:, topic] == pytest.approx(alone, abs=5e-3)
            assert bias[topic] == pytest.approx(offset, abs=5e-3)


def test_the_second_machine_has_its_share_unless_it_is_clearly_worse() -> None:
    targets = np.eye(2, dtype=bool)[np.arange(40) % 2]
    good, bad = np.where(targets, 1.0, -1.0), np.where(targets, 1.0, -1.0)
    bad[:10] *= -1
    assert ratios_pay(good, good, targets)
    assert ratios_pay(bad, good, targets)
    assert not ratios_pay(good, bad, targets)
    slightly = good.copy()
    slightly[0] *= -1
    assert ratios_pay(good, slightly, targets)


@pytest.mark.parametrize("pays", [True, False])
def test_the_first_fold_tells_for_all_whether_the_second_machine_pays(
    monkeypatch: pytest.MonkeyPatch, *, pays: bool
) -> None:
    examples = [Example(f"苹果香蕉{n}", ("fruit",), f"a{n}") for n in range(10)]
    examples += [Example(f"火车轮船{n}", ("vehicle",), f"b{n}") for n in range(10)]
    settings = tagger.Settings(exclusive=True, always_assign=True)
    corpus = build_corpus(read_dataset(examples), settings)
    monkeypatch.setattr("tagger.training.held_out.ratios_pay", lambda *_: pays)
    open_, fixed = (tagger.Settings(exclusive=True, always_assign=True, count_ratios=ratios) for ratios in (None, pays))
    found, expected = (out_of_fold_scores(corpus, choice) for choice in (open_, fixed))
    assert found.count_ratios is expected.count_ratios is pays
    assert found.scores.tolist() == expected.scores.tolist()
    models = [fit_classifier(corpus, choice).linear for choice in (open_, fixed)]
    assert models[0].weights_for(0).tolist() == models[1].weights_for(0).tolist()


def test_of_very_many_exclusive_topics_the_second_machine_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    examples = [Example(f"苹果香蕉{n}", ("fruit",), f"a{n}") for n in range(10)]
    examples += [Example(f"火车轮船{n}", ("vehicle",), f"b{n}") for n in range(10)]
    corpus = build_corpus(read_dataset(examples), tagger.Settings())
    open_, without = (
        tagger.Settings(exclusive=True, always_assign=True, count_ratios=ratios) for ratios in (None, False)
    )
    assert out_of_fold_scores(corpus, open_).count_ratios
    monkeypatch.setattr("tagger.training.held_out.MANY", 1)
    monkeypatch.setattr("tagger.training.held_out.ratios_pay", None)
    found = out_of_fold_scores(corpus, open_)
    assert not found.count_ratios
    assert found.scores.tolist() == out_of_fold_scores(corpus, without).scores.tolist()
