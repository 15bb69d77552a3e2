"""Packed and shared weights say what the same weights say laid out."""

from dataclasses import replace

import numpy as np
import pytest
import slow_twin
from packed_weights import packed

import tagger
from tagger.evidence import find_evidence
from tagger.features.extraction import Rows
from tagger.scoring import weights as module
from tagger.scoring.linear import LinearModel, linear_scores
from tagger.scoring.weights import PackedWeights, SharedWeights, mask_bytes
from tagger.tagging import in_batches

FEATURES = 60


def table_of(topics: int, *, seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float16]]:
    """Return rows of which some have many weights, some few and one none."""
    random = np.random.default_rng(seed)
    share = random.choice([0.02, 0.1, 0.9], size=(40, 1))
    share[3] = 0
    table = np.where(random.random((40, topics)) < share, random.normal(size=(40, topics)), 0)
    return table.astype(np.float16)


def counted(texts: int, *, seed: int = 1) -> Rows:
    """Return counted texts, one of which has no feature."""
    random = np.random.default_rng(seed)
    columns = [np.sort(random.choice(FEATURES, size=size % 13, replace=False)) for size in range(texts)]
    indptr = np.concatenate([[0], np.cumsum(list(map(len, columns)))])
    joined = np.concatenate(columns).astype(np.int32)
    return Rows(indptr, joined, random.choice([1.0, 1.0, 2.0, 5.0], size=len(joined)))


def both(topics: int) -> tuple[PackedWeights, SharedWeights]:
    table, rows = table_of(topics), np.random.default_rng(2).integers(40, size=FEATURES).astype(np.int32)
    made = PackedWeights(topics, rows, np.packbits(table != 0, axis=1), table[table != 0])
    return made, SharedWeights(rows, table.astype(np.float64))


@pytest.mark.parametrize("topics", [1, 7, 8, 9, 400])
def test_packed_and_shared_weights_are_those_they_were_made_of(topics: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for part, most in ((1 << 24, 0), (3 * topics, 0), (1, 1 << 26)):  # all rows at once, three at once, laid out
        monkeypatch.setattr(module, "_PART", part)
        monkeypatch.setattr(module, "_WHOLE", most)
        made, shared = both(topics)
        assert (made.whole is None) is (most == 0)
        whole = shared.table[shared.rows]
        assert made.shape == shared.shape == whole.shape
        some = np.array([5, 5, 0, 59])
        for weights in (made, shared):
            assert weights.take(some).tolist() == whole[some].tolist()
            assert weights.take(some[:0]).shape == (0, topics)
            for topic in {0, topics - 1}:
                assert weights.of_topic(topic).tolist() == whole[:, topic].tolist()


@pytest.mark.parametrize("topics", [1, 9, 400])
@pytest.mark.parametrize("cached", [1 << 18, 100])
@pytest.mark.parametrize("most", [1 << 26, 0])
def test_scores_by_packed_and_shared_weights_are_those_by_the_whole(
    topics: int, cached: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tagger.scoring.linear._CACHED", cached)
    monkeypatch.setattr(module, "_WHOLE", most)
    made, shared = both(topics)
    counts, idf, bias = counted(40), np.linspace(1, 5, FEATURES), np.linspace(-1, 1, topics)
    expected, known = linear_scores(counts, idf, shared.table[shared.rows], bias)
    for weights in (made, shared):
        raw, number = linear_scores(counts, idf, weights, bias)
        assert raw == pytest.approx(expected, abs=1e-12)
        assert number.tolist() == known.tolist()
        assert linear_scores(counts.slice(0, 0), idf, weights, bias)[0].shape == (0, topics)


def test_a_text_has_the_same_scores_in_any_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WHOLE", 0)
    made, _ = both(400)
    counts, idf, bias = counted(40), np.ones(FEATURES), np.zeros(400)
    whole = linear_scores(counts, idf, made, bias)[0]
    alone = [linear_scores(counts.slice(row, row + 1), idf, made, bias)[0][0].tolist() for row in range(40)]
    assert alone == whole.tolist()


def test_rows_of_few_weights_are_not_spread_out() -> None:
    made, _ = both(400)
    table = made._table
    numbers = np.unpackbits(made.masks, axis=1, count=400).sum(axis=1)
    assert len(table.spread) == int((numbers >= 100).sum())
    assert 0 < len(table.spread) < 40
    assert len(table.values) == int(numbers[numbers < 100].sum()) > 0


def test_a_model_gives_weights_of_features_and_of_topics_in_every_form() -> None:
    made, shared = both(9)
    whole = shared.table[shared.rows]
    for weights in (made, shared, whole):
        linear = LinearModel(np.ones(FEATURES), weights, np.zeros(9), np.zeros((0, 9)))
        assert linear.weights_of(np.array([3, 1])).tolist() == whole[[3, 1]].tolist()
        assert linear.weights_for(2).tolist() == whole[:, 2].tolist()


@pytest.mark.parametrize("most", [1 << 26, 0])
def test_a_packed_tagger_equals_the_slow_twin(
    tiny: tagger.Tagger, exclusive: tagger.Tagger, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WHOLE", most)
    for model in (packed(tiny), packed(exclusive, least=0.05)):
        twin = slow_twin.Twin(model)
        for text in ("苹果和香蕉都是水果,苹果", "火车晚点了", "abc", ""):
            assert model.predict_proba([text])[0].tolist() == pytest.approx(twin.probabilities(text), abs=1e-6)
            explained = {e.topic: e for e in model.explain(text)}
            for topic, score in zip(model.topics, twin.score(text), strict=True):
                told = explained[topic]
                assert told.score == pytest.approx(score, abs=1e-6)
                assert told.bias + sum(c.value for c in told.contributions) == pytest.approx(score, abs=1e-6)


def test_evidence_by_packed_weights_is_that_by_whole_ones(tiny: tagger.Tagger) -> None:
    texts, topics = ["苹果和火车", "香蕉熟了"], [list(tiny.topics)] * 2
    ours, theirs = ([e for found in find_evidence(t.model, texts, topics) for e in found] for t in (packed(tiny), tiny))
    assert [(e.topic, [(s.start, s.end) for s in e.stretches]) for e in ours] == [
        (e.topic, [(s.start, s.end) for s in e.stretches]) for e in theirs
    ]
    assert [e.rest for e in ours] == pytest.approx([e.rest for e in theirs], abs=1e-3)


def test_a_packed_tagger_says_what_the_whole_one_says(tiny: tagger.Tagger) -> None:
    texts = ["苹果和香蕉", "火车站里的苹果", ""]
    assert packed(tiny).predict_proba(texts) == pytest.approx(tiny.predict_proba(texts), abs=1e-3)
    linear = packed(tiny).model.classifier.linear
    whole = replace(linear, weights=linear.weights_of(np.arange(len(linear.idf))))
    assert np.count_nonzero(whole.weights_for(0)) > 0


def test_bits_of_a_row_fill_whole_bytes() -> None:
    assert [mask_bytes(topics) for topics in (0, 1, 8, 9, 400)] == [0, 1, 1, 2, 50]


def test_batches_of_many_topics_have_fewer_texts(tiny: tagger.Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["苹果", "火车", "香蕉和火车", "", "下雨了"]
    assert [len(batch) for batch in in_batches(texts, 2)] == [5]
    assert [len(batch) for batch in in_batches(texts, 1 << 20)] == [2, 2, 1]
    assert [len(batch) for batch in in_batches(texts, 1 << 30)] == [1] * 5
    before = tiny.predict(texts), tiny.predict_proba(texts).tolist()
    monkeypatch.setattr("tagger.tagging._CELLS", 4)
    assert (tiny.predict(texts), tiny.predict_proba(texts).tolist()) == before
    assert tiny.predict([]) == []
