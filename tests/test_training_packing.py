"""What is stored of the weights of many topics is what their probabilities show."""

from dataclasses import replace

import numpy as np
import pytest

import tagger
from tagger.dataset import read_dataset
from tagger.scoring.linear import Calibration, LinearModel
from tagger.scoring.weights import PackedWeights, SharedWeights
from tagger.training import build_corpus, one_thread
from tagger.training.classifier import fit_classifier
from tagger.training.packing import lighten
from tagger.training.train import resolve_settings

TOPICS = 12
CHARACTERS = "苹果香蕉火车轮船学校老师医院护士银行转账警察法庭足球篮球电影音乐天气下雨汽车飞机股票基金房屋租金"


def examples(*, exclusive: bool) -> list[tagger.Example]:
    """Return six texts of each topic: two characters of its own between others."""
    random = np.random.default_rng(0)
    made = []
    for number in range(6 * TOPICS):
        topic = number % TOPICS
        noise = "".join(random.choice(list(CHARACTERS), size=10))
        also = (f"t{(topic + 1) % TOPICS}",) if not exclusive and number % 3 == 0 else ()
        made.append(
            tagger.Example(f"{noise[:5]}{CHARACTERS[2 * topic : 2 * topic + 2]}{noise[5:]}", (f"t{topic}", *also))
        )
    return made


@pytest.mark.parametrize("exclusive", [True, False])
def test_packed_weights_give_the_probabilities_of_all(exclusive: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tagger.training.packing.LARGE", 0)
    monkeypatch.setattr("tagger.training.packing._PART", 7)
    dataset = read_dataset(examples(exclusive=exclusive), topics=())
    settings = resolve_settings(tagger.Settings(exclusive=exclusive, folds=2, count_ratios=False), dataset)
    with one_thread():
        corpus = build_corpus(dataset, settings)
        whole = fit_classifier(corpus, settings)
    light = lighten(whole)
    assert isinstance(whole.linear.weights, SharedWeights)
    assert isinstance(light.linear.weights, PackedWeights)
    every = np.arange(len(whole.linear.idf))
    before, after = whole.linear.weights_of(every), light.linear.weights_of(every)
    steepest = np.maximum(whole.calibration.slope, whole.calibration.slope + whole.calibration.scarce_slope)
    told = np.abs(before) * steepest > 0.125
    assert 0.1 < told.mean() < 1
    assert not after[~told].any()
    assert after[told] == pytest.approx(before[told], rel=1e-3)
    raw, known = whole.linear.scores(corpus.counts, corpus.character_counts)
    few, _ = light.linear.scores(corpus.counts, corpus.character_counts)
    sizes = corpus.character_counts
    differences = whole.classify_scores(few, known, sizes)[0] - whole.classify_scores(raw, known, sizes)[0]
    assert 0 < np.abs(differences).max() < 0.01
    if exclusive:
        trained = tagger.train(examples(exclusive=True), topics=(), settings=settings).model.classifier.linear
        assert isinstance(trained.weights, PackedWeights)


def test_weights_that_packing_does_not_halve_or_that_are_few_stay_whole(
    tiny: tagger.Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = tiny.model.classifier
    features, topics = len(classifier.linear.idf), len(classifier.linear.bias)
    table = np.random.default_rng(0).normal(size=(features, topics)) + 9
    shared = SharedWeights(np.arange(features, dtype=np.int32), table)
    dense = replace(classifier, linear=replace(classifier.linear, weights=shared))
    for least in (1 << 20, 0):
        monkeypatch.setattr("tagger.training.packing.LARGE", least)
        weights = lighten(dense).linear.weights
        assert isinstance(weights, np.ndarray)
        assert weights.tolist() == table.astype(np.float32).tolist()
    whole = lighten(replace(dense, linear=replace(classifier.linear, weights=table))).linear.weights
    assert np.asarray(whole).tolist() == table.astype(np.float32).tolist()


def test_a_weight_beyond_half_precision_becomes_its_largest_number(
    tiny: tagger.Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tagger.training.packing.LARGE", 0)
    rows, table = np.zeros(4000, dtype=np.int32), np.array([[1e9, -1e9] * 2])
    linear = LinearModel(np.ones(4000), SharedWeights(rows, table), np.zeros(4), np.zeros((0, 4)))
    nothing = np.zeros(4)
    calibration = Calibration(False, nothing + 2, nothing, nothing, nothing, nothing)
    packed = lighten(replace(tiny.model.classifier, linear=linear, calibration=calibration)).linear.weights
    assert isinstance(packed, PackedWeights)
    assert packed.take(np.zeros(1, dtype=int)).tolist() == [[65504.0, -65504.0] * 2]
