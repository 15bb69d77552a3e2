"""Paragraphs judged by those around them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slow_twin
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import tagger
from tagger.dataset import read_dataset
from tagger.evaluation import Report, cross_validate, evaluate_tagger
from tagger.model import Model
from tagger.scoring.context import (
    Context,
    LinearContext,
    NetworkContext,
    contextual_probabilities,
    evidence,
    order_by_document,
    surroundings,
)
from tagger.scoring.linear import Calibration, probabilities, squash
from tagger.settings import Settings
from tagger.training import train_dataset

PLAIN = Calibration(
    exclusive=False,
    slope=np.ones(2),
    offset=np.zeros(2),
    scarce_slope=np.full(2, -0.3),
    scarce_offset=np.full(2, -0.1),
    prior=np.array([0.25, 0.5]),
)
FURNITURE = (
    "2024-03-01 09:30 来源:平安某地 字体:大 中 小",
    "【编辑:某某】",
    "打印本页 关闭窗口",
    "- 2 -",
    "首页 > 正文",
)


def with_context(model: Model, context: Context | None) -> Model:
    return replace(model, classifier=replace(model.classifier, context=context))


def known_of(rows: int) -> NDArray[np.int64]:
    return np.random.default_rng(4).integers(1, 90, rows)


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


def naive_evidence(
    alone: NDArray[np.float64], paragraph_counts: list[int], sizes: list[int], *, exclusive: bool
) -> NDArray[np.float64]:
    """The definition in the module's docstring, one paragraph and topic at a time."""
    found = np.zeros((*alone.shape, 6))
    start = 0
    for number in paragraph_counts:
        rows = range(start, start + number)
        for row in rows:
            for topic in range(alone.shape[1]):
                if exclusive:
                    p = {i: np.exp(alone[i, topic]) / sum(np.exp(alone[i])) for i in rows}
                else:
                    p = {i: 1 / (1 + np.exp(-alone[i, topic])) for i in rows}
                nearest = [(p[i], 3 - abs(i - row)) for i in rows if 0 < abs(i - row) <= 2]
                near = sum(value * weight for value, weight in nearest) / sum(weight for _, weight in nearest)
                others = [p[i] for i in rows if i != row]
                length = np.log(1 + min(sizes[row], 60)) / np.log(61)
                doubt = 1 - p[row] ** 2
                around = [near, sum(others) / len(others), max(others)]
                found[row, topic] = [
                    alone[row, topic],
                    *(doubt * length * value for value in around),
                    doubt,
                    doubt * length,
                ]
        start += number
    return found


@given(st.lists(st.integers(2, 6), min_size=1, max_size=4), st.integers(0, 99), st.booleans())
def test_evidence_is_what_it_is_said_to_be(paragraph_counts: list[int], seed: int, exclusive: bool) -> None:
    random = np.random.default_rng(seed)
    alone = random.integers(-3, 4, (sum(paragraph_counts), 3)).astype(float)
    sizes = random.integers(0, 150, len(alone))
    fast = evidence(alone, np.array(paragraph_counts), sizes, exclusive=exclusive)
    assert np.allclose(fast, naive_evidence(alone, paragraph_counts, sizes.tolist(), exclusive=exclusive))


def test_the_example_of_the_docstring_holds() -> None:
    a, b, c, d = 0.1, 0.4, 0.2, 0.7
    values = np.array([[a], [b], [c], [d]])
    assert surroundings(values, np.array([4]))[1] == pytest.approx([(2 * a + 2 * c + d) / 5, (a + c + d) / 3, d])


def some_context(kind: str = "linear") -> Context:
    random = np.random.default_rng(1)
    if kind == "network":
        return NetworkContext(random.normal(size=(16, 2 + 3)), random.normal(size=(3, 2)))
    weights = np.abs(random.normal(size=(2, 6)))
    weights[:, 4:] *= -1
    return LinearContext(weights)


KINDS = pytest.mark.parametrize("kind", ["linear", "network"])


def judge(raw: NDArray[np.float64], counts: list[int] | None, context: Context | None, **given: Any) -> Any:
    rows = len(raw)
    return contextual_probabilities(
        raw,
        given.pop("known", known_of(rows)),
        given.pop("sizes", np.full(rows, 30)),
        given.pop("calibration", PLAIN),
        paragraph_counts=None if counts is None else np.array(counts),
        context=context,
        **given,
    )


@KINDS
def test_articles_are_judged_alike_in_whatever_company(kind: str) -> None:
    raw = np.random.default_rng(2).normal(size=(60, 2))
    counts = [3, 1, 0, 40, 16]
    sizes, known = np.random.default_rng(5).integers(1, 200, 60), known_of(60)
    whole, among = judge(raw, counts, some_context(kind), sizes=sizes, known=known)
    parts = [
        judge(raw[part], [length], some_context(kind), sizes=sizes[part], known=known[part])
        for length, end in zip(counts, np.cumsum(counts).tolist(), strict=True)
        for part in [slice(end - length, end)]
    ]
    assert np.array_equal(whole, np.concatenate([probability for probability, _ in parts]))
    assert np.array_equal(among, np.concatenate([rows for _, rows in parts]))
    assert among.tolist() == [True] * 3 + [False] + [True] * 56
    assert not np.allclose(whole[:3], probabilities(raw[:3], known[:3], PLAIN))


def test_a_paragraph_without_others_is_judged_by_itself() -> None:
    raw = np.array([[1.0, -1.0], [0.3, 2.0]])
    alone = probabilities(raw, known_of(2), PLAIN)
    for counts, context in (([1, 1], some_context()), (None, some_context()), ([2], None)):
        found, among = judge(raw, counts, context)
        assert np.array_equal(found, alone)
        assert not among.any()


def test_of_several_paragraphs_one_that_is_no_furniture_is_judged_by_itself() -> None:
    raw = np.array([[1.0, -1.0], [0.3, 2.0], [0.0, 0.0]])
    found, among = judge(raw, [3], some_context(), furniture=np.array([True, False, True]))
    assert np.array_equal(found[1], probabilities(raw, known_of(3), PLAIN)[1])
    assert not found[[0, 2]].any()
    assert not among.any()


@KINDS
def test_a_paragraph_without_features_gets_the_prior_among_others_too(kind: str) -> None:
    raw = np.array([[1.0, -1.0], [0.3, 2.0]])
    known = np.array([5, 0])
    found, among = judge(raw, [2], some_context(kind), known=known)
    assert np.array_equal(found[1], PLAIN.prior)
    assert not np.allclose(found[0], probabilities(raw, known, PLAIN)[0])
    assert among.all()


def test_a_paragraph_without_features_is_evidence_of_its_prior_only() -> None:
    known = np.array([5, 0])
    one, other = (judge(np.array([[1.0, -1.0], row]), [2], some_context(), known=known)[0] for row in ([9, 9], [0, 0]))
    assert np.array_equal(one, other)


@KINDS
def test_an_exclusive_tagger_shares_one_probability_out(kind: str) -> None:
    found, _ = judge(np.eye(2), [2], some_context(kind), calibration=replace(PLAIN, exclusive=True))
    assert found.sum(axis=1) == pytest.approx([1, 1])


def test_of_long_paragraphs_none_counts_as_longer() -> None:
    alone = np.random.default_rng(6).normal(size=(3, 2))
    short, long, longer = (evidence(alone, np.array([3]), np.full(3, size), exclusive=False) for size in (12, 60, 600))
    assert short.shape == (3, 2, 6)
    assert np.array_equal(long, longer)
    by_length = [1, 2, 3, 5]
    assert (short[..., by_length] < long[..., by_length]).all()
    assert np.array_equal(short[..., [0, 4]], long[..., [0, 4]])


@given(
    st.lists(st.floats(-8, 8), min_size=1, max_size=12),
    st.integers(0, 12),
    st.lists(st.floats(0, 5), min_size=3, max_size=3),
    st.lists(st.floats(-5, 5), min_size=2, max_size=2),
)
def test_a_paragraph_that_says_plainly_what_it_is_about_keeps_its_topic_in_any_company(
    others: list[float], place: int, weights: list[float], offsets: list[float]
) -> None:
    sure = 9.0  # .9999
    alone = np.array([[value] for value in [*others[:place], sure, *others[place:]]])
    row = min(place, len(others))
    context = LinearContext(np.array([[1.0, *weights, *offsets]]))
    odds = context.log_odds(alone, alone, np.array([len(alone)]), np.full(len(alone), 40), exclusive=False)
    assert odds[row, 0] > sure - 0.01
    assert squash(odds, exclusive=False)[row, 0] > 0.999


def test_company_can_only_speak_for_a_topic() -> None:
    random = np.random.default_rng(3)
    context = some_context()
    for _ in range(50):
        alone = random.normal(size=(5, 2))
        lower, higher = alone.copy(), alone.copy()
        lower[[0, 1, 3, 4]] -= random.random((4, 2)) * 3
        low, high = (
            context.log_odds(values, values, np.array([5]), np.full(5, 40), exclusive=False)[2]
            for values in (lower, higher)
        )
        assert (low <= high).all()


@KINDS
@given(counts=st.lists(st.integers(0, 5), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_furniture_changes_no_bit_of_the_others_wherever_it_stands(kind: str, counts: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = sum(counts)
    raw, known, sizes = random.normal(size=(rows, 2)), random.integers(0, 50, rows), random.integers(1, 90, rows)
    plain, among = judge(raw, counts, some_context(kind), known=known, sizes=sizes)
    article = np.repeat(np.arange(len(counts)), counts)
    added = random.integers(0, 4, rows + 1)
    places = np.repeat(np.arange(rows + 1), added)
    furniture = np.insert(np.zeros(rows, dtype=bool), places, values=True)
    articles = np.insert(article, places, article[np.minimum(places, rows - 1)] if rows else 0 * places)
    found, found_among = judge(
        np.insert(raw, places, random.normal(size=(len(places), 2)), axis=0),
        np.bincount(articles, minlength=len(counts)).tolist(),
        some_context(kind),
        known=np.insert(known, places, random.integers(0, 50, len(places))),
        sizes=np.insert(sizes, places, 9),
        furniture=furniture,
    )
    assert np.array_equal(found[~furniture], plain)
    assert np.array_equal(found_among[~furniture], among)
    assert not found[furniture].any()
    assert not found_among[furniture].any()


def test_documents_whose_rows_lie_apart_are_put_together() -> None:
    order, paragraph_counts = order_by_document(np.array([7, 2, 7, 2, 2]))
    assert order.tolist() == [1, 3, 4, 0, 2]
    assert paragraph_counts.tolist() == [3, 2]


WORDS = ("反诈宣传进社区", "政务服务办证件")
VAGUE = ("他们又走访了三户", "老人连声道谢", "第二天一早大家又来了", "工作人员记下了电话", "这样的事还有很多")
TEXT = ("反诈宣传进社区。", "他们又走访了三户。", "老人连声道谢。", "天气晴转多云。")


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


@pytest.fixture(scope="module")
def taught() -> tagger.Tagger:
    return tagger.train(articles(), topics=(), keep_conflicts=True)


def test_a_paragraph_that_says_nothing_takes_after_its_article(taught: tagger.Tagger) -> None:
    model = taught
    assert model.model.classifier.context is not None
    article = model.tag("反诈宣传进社区。\n他们又走访了三户。\n老人连声道谢。")
    assert [p.topics[0].topic if p.topics else None for p in article.paragraphs] == ["anti_fraud"] * 3
    assert model.predict_proba(["他们又走访了三户。"]).max() < 0.6
    by_itself = tagger.train(articles(), topics=(), settings=Settings(context=False), keep_conflicts=True)
    assert by_itself.model.classifier.context is None
    assert by_itself.tag("反诈宣传进社区。\n他们又走访了三户。").paragraphs[1].probabilities["anti_fraud"] < 0.6


@pytest.mark.parametrize("exclusive", [False, True])
def test_paragraphs_are_judged_as_the_slow_twin_does(exclusive: bool, taught: tagger.Tagger) -> None:
    model = taught
    if exclusive:
        examples = [example for example in articles(60) if example.topics]
        model = tagger.train(examples, topics=(), keep_conflicts=True)
    twin = slow_twin.Twin(model)
    for paragraphs in (list(TEXT), ["ξξξ", TEXT[0] * 9, TEXT[1]], [*WORDS, *VAGUE, "反诈"]):
        found = [list(p.probabilities.values()) for p in model.tag("\n\n".join(paragraphs)).paragraphs]
        assert found == pytest.approx(np.array(twin.judge(paragraphs)), abs=1e-6)


def macro_f1(report: Report) -> float:
    assert report.macro.f1.value is not None
    return report.macro.f1.value


@pytest.mark.full
def test_evaluation_judges_documents_whole_in_whatever_order_their_rows_stand() -> None:
    dataset = read_dataset(articles(), topics=(), keep_conflicts=True)
    alone = macro_f1(cross_validate(dataset, Settings(context=False)))
    assert macro_f1(cross_validate(dataset, Settings())) > alone + 0.15
    model = train_dataset(dataset, Settings())
    # Taken in turn from all documents, but in each document's own order.
    apart = replace(dataset, examples=tuple(dataset.examples[at] for start in range(4) for at in range(start, 160, 4)))
    first, second = evaluate_tagger(model, dataset), evaluate_tagger(model, apart)
    assert first.macro.f1.value == second.macro.f1.value
    assert macro_f1(first) > 0.9


def test_a_context_is_saved_and_loaded(taught: tagger.Tagger, tmp_path: Path) -> None:
    model = taught
    model.save(tmp_path / "m")
    text = "反诈宣传进社区。\n他们又走访了三户。\n老人连声道谢。"
    assert tagger.load(tmp_path / "m").tag(text) == model.tag(text)


@pytest.mark.parametrize("wrong", [np.ones((1, 6)), np.ones((2, 5)), np.ones((16, 5)), np.ones((40, 5))])
def test_a_context_of_another_size_is_refused(
    wrong: NDArray[np.float64], taught: tagger.Tagger, tmp_path: Path
) -> None:
    tagger.Tagger(with_context(taught.model, LinearContext(wrong))).save(tmp_path / "m")
    with pytest.raises(tagger.ModelError, match=r"context\.npy: does not fit"):
        tagger.load(tmp_path / "m")


@pytest.mark.parametrize("exclusive", [False, True])
def test_furniture_lines_around_an_article_change_nothing_at_all(exclusive: bool, taught: tagger.Tagger) -> None:
    model = taught
    if exclusive:
        examples = [example for example in articles(60) if example.topics]
        model = tagger.train(examples, topics=(), keep_conflicts=True)
    plain = model.tag("\n\n".join(TEXT))
    first, second, *others = FURNITURE
    furnished = model.tag("\n\n".join([first, second, TEXT[0], *others, *TEXT[1:], first, *others]))
    assert [p.text for p in furnished.paragraphs if p.furniture] == [first, second, *others, first, *others]
    assert [p.probabilities for p in furnished.paragraphs if not p.furniture] == [
        p.probabilities for p in plain.paragraphs
    ]
    assert [p.topics for p in furnished.paragraphs if not p.furniture] == [p.topics for p in plain.paragraphs]
    assert all(not p.topics and not any(p.probabilities.values()) for p in furnished.paragraphs if p.furniture)
    assert (furnished.topics, furnished.probabilities) == (plain.topics, plain.probabilities)
    assert plain.topics


def test_exclusive_articles_have_a_context_too() -> None:
    examples = [example for example in articles(60) if example.topics]
    model = tagger.train(examples, topics=(), keep_conflicts=True)
    assert model.settings.exclusive
    assert model.model.classifier.context is not None
    article = model.tag("政务服务办证件。\n他们又走访了三户。\n老人连声道谢。")
    assert [p.topics[0].topic for p in article.paragraphs] == ["admin_service"] * 3
    assert all(sum(p.probabilities.values()) == pytest.approx(1) for p in article.paragraphs)
