"""Paragraphs judged by those around them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import tagger
from tagger.dataset import read_dataset
from tagger.evaluation import Report, cross_validate, evaluate_tagger
from tagger.model import Model
from tagger.scoring.context import Context, contextual_probabilities, evidence, order_by_document, surroundings
from tagger.scoring.linear import Calibration, probabilities
from tagger.settings import Settings
from tagger.training import train_dataset
from tagger.training.context import _fit, _loss, _start, fit_context

PLAIN = Calibration(exclusive=False, slope=np.ones(2), offset=np.zeros(2), prior=np.array([0.25, 0.5]))


def with_context(model: Model, context: Context | None) -> Model:
    return replace(model, classifier=replace(model.classifier, context=context))


def naive_surroundings(values: NDArray[np.float64], paragraph_counts: list[int]) -> NDArray[np.float64]:
    rows, start = [], 0
    for length in paragraph_counts:
        part = values[start : start + length]
        for place in range(length):
            others = [number for number in range(length) if number != place]
            near = [number for number in others if abs(number - place) <= 2]
            weights = [3.0 - abs(number - place) for number in near]
            rows.append([*np.average(part[near], axis=0, weights=weights), *part[others].mean(0), *part[others].max(0)])
        start += length
    return np.array(rows)


@given(st.lists(st.integers(2, 7), min_size=1, max_size=5))
def test_surroundings_are_what_they_are_said_to_be(paragraph_counts: list[int]) -> None:
    # Few different numbers, so that the highest is often there twice.
    values = np.random.default_rng(sum(paragraph_counts)).integers(0, 4, (sum(paragraph_counts), 2)).astype(float)
    assert np.allclose(surroundings(values, np.array(paragraph_counts)), naive_surroundings(values, paragraph_counts))


def test_nothing_has_no_surroundings() -> None:
    assert surroundings(np.zeros((0, 2)), np.zeros(0, dtype=np.int64)).shape == (0, 6)


def some_context() -> Context:
    random = np.random.default_rng(1)
    return Context(random.normal(size=(16, 2 + 3)), random.normal(size=(3, 2)))


def test_articles_are_judged_alike_in_whatever_company() -> None:
    raw = np.random.default_rng(2).normal(size=(60, 2))
    paragraph_counts = np.array([3, 1, 0, 40, 16])
    character_counts = np.random.default_rng(5).integers(1, 200, 60)
    whole = contextual_probabilities(
        raw, PLAIN, paragraph_counts=paragraph_counts, character_counts=character_counts, context=some_context()
    )
    parts = [
        contextual_probabilities(
            raw[end - length : end],
            PLAIN,
            paragraph_counts=np.array([length]),
            character_counts=character_counts[end - length : end],
            context=some_context(),
        )
        for length, end in zip(paragraph_counts, np.cumsum(paragraph_counts), strict=True)
    ]
    assert np.array_equal(whole, np.concatenate(parts))
    assert not np.allclose(whole[:3], probabilities(raw[:3], PLAIN))


def test_a_paragraph_without_others_is_judged_by_itself() -> None:
    raw = np.array([[1.0, -1.0], [0.3, 2.0]])
    alone = probabilities(raw, PLAIN)
    character_counts = np.array([9, 80])
    assert np.array_equal(
        contextual_probabilities(
            raw, PLAIN, paragraph_counts=np.array([1, 1]), character_counts=character_counts, context=some_context()
        ),
        alone,
    )
    assert np.array_equal(
        contextual_probabilities(raw, PLAIN, character_counts=character_counts, context=some_context()), alone
    )
    assert np.array_equal(
        contextual_probabilities(raw, PLAIN, paragraph_counts=np.array([2]), character_counts=character_counts), alone
    )


def test_a_paragraph_without_features_gets_the_prior_among_others_too() -> None:
    raw = np.array([[1.0, -1.0], [0.3, 2.0]])
    empty = np.array([False, True])
    found = contextual_probabilities(
        raw,
        PLAIN,
        empty=empty,
        paragraph_counts=np.array([2]),
        character_counts=np.array([9, 80]),
        context=some_context(),
    )
    assert np.array_equal(found[1], PLAIN.prior)
    assert not np.allclose(found[0], probabilities(raw, PLAIN)[0])


def test_an_exclusive_tagger_shares_one_probability_out() -> None:
    calibration = replace(PLAIN, exclusive=True)
    found = contextual_probabilities(
        np.eye(2),
        calibration,
        paragraph_counts=np.array([2]),
        character_counts=np.array([9, 80]),
        context=some_context(),
    )
    assert np.allclose(found.sum(axis=1), 1)


def test_of_long_paragraphs_none_counts_as_longer() -> None:
    raw = np.random.default_rng(6).normal(size=(3, 2))
    short, long, longer = (
        evidence(raw, probabilities(raw, PLAIN), np.array([3]), np.full(3, size)) for size in (12, 60, 600)
    )
    assert short.shape == (3, 15)
    assert np.array_equal(long, longer)
    assert (short[:, -1] < long[:, -1]).all()
    assert np.array_equal(short[:, :-1], long[:, :-1])


def test_the_gradient_of_the_loss_is_its_slope() -> None:
    random = np.random.default_rng(7)
    rows = np.column_stack([random.normal(size=(30, 4)), np.ones(30)])
    targets = random.random((30, 2)) < 0.4
    at = _start(5, 2, seed=0)
    _, gradient = _loss(at, rows, targets)
    for place in [(0, 0), (4, 1), (2, 5), (4, 7)]:
        step = np.zeros(at.inner.shape)
        step[place] = 1e-6
        ahead, behind = (_loss(Context(at.inner + sign * step, at.outer), rows, targets)[0] for sign in (1, -1))
        assert gradient.inner[place] == pytest.approx((ahead - behind) / 2e-6, rel=1e-4, abs=1e-5)
    step = np.zeros(at.outer.shape)
    step[3, 1] = 1e-6
    ahead, behind = (_loss(Context(at.inner, at.outer + sign * step), rows, targets)[0] for sign in (1, -1))
    assert gradient.outer[3, 1] == pytest.approx((ahead - behind) / 2e-6, rel=1e-4, abs=1e-5)


def test_a_network_hears_what_two_things_say_together_only() -> None:
    random = np.random.default_rng(8)
    given = random.normal(size=(600, 3))
    targets = (given[:, :1] > 0) ^ (given[:, 1:2] > 0)
    right = (_fit(given, targets, seed=0).margins(given) > 0) == targets
    assert right.mean() > 0.9


def test_documents_whose_rows_lie_apart_are_put_together() -> None:
    order, paragraph_counts = order_by_document(np.array([7, 2, 7, 2, 2]))
    assert order.tolist() == [1, 3, 4, 0, 2]
    assert paragraph_counts.tolist() == [3, 2]


WORDS = ("反诈宣传进社区", "政务服务办证件")
VAGUE = ("他们又走访了三户", "老人连声道谢", "第二天一早大家又来了", "工作人员记下了电话", "这样的事还有很多")


def articles(number: int = 40) -> list[tagger.Example]:
    """Articles of a topic or of none, whose first paragraph alone says which; the rest could be of any."""
    found = []
    for index in range(number):
        topic = index % 3
        name = ("anti_fraud", "admin_service", None)[topic]
        head = (*WORDS, "天气晴转多云")[topic]
        rest = (VAGUE[(index * 7 + step) % len(VAGUE)] + "。" * (index % 4) for step in range(3))
        found += [tagger.Example(text, (name,) if name else (), document=f"d{index:02}") for text in (head, *rest)]
    return found


def test_a_paragraph_that_says_nothing_takes_after_its_article() -> None:
    model = tagger.train(articles(), topics=(), keep_conflicts=True)
    assert model.model.classifier.context is not None
    article = model.tag("反诈宣传进社区。\n他们又走访了三户。\n老人连声道谢。")
    assert [p.topics[0].topic if p.topics else None for p in article.paragraphs] == ["anti_fraud"] * 3
    assert model.predict_proba(["他们又走访了三户。"]).max() < 0.6
    by_itself = tagger.train(articles(), topics=(), settings=Settings(context=False), keep_conflicts=True)
    assert by_itself.model.classifier.context is None
    assert by_itself.tag("反诈宣传进社区。\n他们又走访了三户。").paragraphs[1].probabilities["anti_fraud"] < 0.6


def macro_f1(report: Report) -> float:
    assert report.macro.f1.value is not None
    return report.macro.f1.value


def test_evaluation_judges_documents_whole_in_whatever_order_their_rows_stand() -> None:
    dataset = read_dataset(articles(), topics=(), keep_conflicts=True)
    assert macro_f1(cross_validate(dataset, Settings())) > 0.9
    assert macro_f1(cross_validate(dataset, Settings(context=False))) < 0.8
    model = train_dataset(dataset, Settings())
    # Taken in turn from all documents, but in each document's own order.
    apart = replace(dataset, examples=tuple(dataset.examples[at] for start in range(4) for at in range(start, 160, 4)))
    first, second = evaluate_tagger(model, dataset), evaluate_tagger(model, apart)
    assert first.macro.f1.value == second.macro.f1.value
    assert macro_f1(first) > 0.9


def test_a_context_is_saved_and_loaded(tmp_path: Path) -> None:
    model = tagger.train(articles(), topics=(), keep_conflicts=True)
    model.save(tmp_path / "m")
    text = "反诈宣传进社区。\n他们又走访了三户。\n老人连声道谢。"
    assert tagger.load(tmp_path / "m").tag(text) == model.tag(text)


def test_a_context_of_another_size_is_refused(tmp_path: Path) -> None:
    model = tagger.train(articles(), topics=(), keep_conflicts=True)
    context = model.model.classifier.context
    assert context is not None
    broken = tagger.Tagger(with_context(model.model, replace(context, inner=context.inner[1:])))
    broken.save(tmp_path / "m")
    with pytest.raises(tagger.ModelError, match=r"context\.npy: does not fit"):
        tagger.load(tmp_path / "m")


def test_exclusive_articles_have_a_context_too() -> None:
    examples = [example for example in articles(60) if example.topics]
    model = tagger.train(examples, topics=(), keep_conflicts=True)
    assert model.settings.exclusive
    assert model.model.classifier.context is not None
    article = model.tag("政务服务办证件。\n他们又走访了三户。\n老人连声道谢。")
    assert [p.topics[0].topic for p in article.paragraphs] == ["admin_service"] * 3
    assert all(sum(p.probabilities.values()) == pytest.approx(1) for p in article.paragraphs)


@pytest.mark.parametrize("why", ["few documents", "paragraphs alone", "unscored", "no help"])
def test_without_reason_there_is_no_context(why: str) -> None:
    random = np.random.default_rng(3)
    documents, several = (10, 4) if why == "few documents" else (200, 1) if why == "paragraphs alone" else (50, 4)
    groups = np.repeat(np.arange(documents), several)
    targets = random.random((len(groups), 2)) < 0.3
    scores = np.where(targets, 1.0, -1.0) + random.normal(scale=0.5, size=targets.shape)
    if why == "unscored":
        scores[:, 0] = np.nan
    alone = (1 + np.tanh(scores)) / 2 if why != "no help" else np.where(targets, 0.99, 0.01)
    character_counts = random.integers(5, 100, len(groups))
    context, probability = fit_context(
        scores, alone, targets, groups=groups, character_counts=character_counts, settings=Settings(exclusive=False)
    )
    assert context is None
    assert probability is alone


def test_a_topic_that_no_example_has_leaves_the_others_their_context() -> None:
    random = np.random.default_rng(4)
    groups = np.repeat(np.arange(60), 5)
    of_document = random.random(60) < 0.5
    targets = np.column_stack([of_document[groups], np.zeros(300, dtype=bool)])
    scores = np.where(targets, 0.5, -0.5) + random.normal(size=targets.shape)
    alone = probabilities(scores, PLAIN)
    character_counts = random.integers(5, 100, 300)
    context, together = fit_context(
        scores, alone, targets, groups=groups, character_counts=character_counts, settings=Settings(exclusive=False)
    )
    assert context is not None
    assert together[:, 1].max() < 0.05
    assert np.abs(together - targets)[:, 0].mean() < np.abs(alone - targets)[:, 0].mean()
