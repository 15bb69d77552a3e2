"""How many paragraphs of a topic chance gives, and which topics an article has then."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import poisson

import tagger
from tagger.scoring.articles import _CHANCE, LEVELS, ChanceRates, _at_least, measure_chance
from tagger.settings import Settings

# As many wrongly so probable as on real articles: one of 2,000 at .99, one of 20 at a half.
RATES = ChanceRates(
    np.interp(LEVELS, [0.0, 0.5, 0.9, 0.99, 0.999], [1.0, 0.05, 0.005, 0.0005, 0.0001])[:, np.newaxis], 1.0
)


def supported(probabilities: list[float], paragraphs: int, rates: ChanceRates = RATES) -> bool:
    return rates.supports(0, np.array(probabilities), paragraphs)


def naive_supports(rates: NDArray[np.float64], assigned: list[float], paragraphs: int) -> bool:
    """For some k, chance hardly gives k paragraphs as probable as the k-th surest, in what is beyond one."""
    for p in assigned:
        k = sum(q >= p for q in assigned)
        level = max(number for number, least in enumerate(LEVELS) if least <= p)
        reached = sum(q >= LEVELS[level] for q in assigned)
        for number in {k, reached}:
            if poisson.sf(number - 1, max(0, paragraphs - 1) * rates[level]) <= _CHANCE:
                return True
    return False


def test_one_sure_paragraph_of_twelve_is_a_topic() -> None:
    assert supported([0.99], 12)


def test_one_doubtful_paragraph_of_three_hundred_is_none() -> None:
    assert not supported([0.55], 300)
    assert supported([0.55], 1)


def test_many_doubtful_paragraphs_are_a_topic_where_one_is_none() -> None:
    assert not supported([0.6] * 10, 300)
    assert supported([0.6] * 40, 300)


def test_a_sure_paragraph_counts_among_doubtful_ones() -> None:
    assert not supported([0.55] * 5, 100)
    assert supported([0.55] * 5 + [0.9995], 100)


def test_nothing_assigned_is_no_topic() -> None:
    assert not supported([], 5)


def test_of_a_very_long_document_the_topic_that_it_is_about_is_found() -> None:
    # e to the power of -mean is no number any more from a mean of 745 on.
    assert supported([0.55] * 2000, 20_000)
    assert not supported([0.55] * 900, 20_000)


def test_a_million_paragraphs_take_no_time() -> None:
    start = time.perf_counter()
    assert not supported([0.55] * 30_000, 1_000_000)
    assert time.perf_counter() - start < 1


@given(st.integers(1, 300), st.floats(1e-9, 500))
def test_the_tail_is_that_of_scipy(number: int, mean: float) -> None:
    assert _at_least(number, mean) == pytest.approx(poisson.sf(number - 1, mean), rel=1e-9, abs=1e-12)


def test_the_tail_of_large_numbers_is_that_of_scipy() -> None:
    for number, mean in ((9_800, 1e4), (10_000, 1e4), (10_200, 1e4), (103, 1e5), (10**6, 10.0)):
        assert _at_least(number, mean) == pytest.approx(poisson.sf(number - 1, mean), rel=1e-6, abs=1e-12)
    assert _at_least(1, 0.0) == 0.0


@given(
    st.lists(st.sampled_from([0.3, 0.5, 0.55, 0.7, 0.93, 0.985, 0.9991, 1.0]), max_size=12),
    st.integers(0, 400),
    st.integers(0, 99),
)
def test_topics_are_supported_as_scipy_counts(assigned: list[float], more: int, seed: int) -> None:
    rates = np.sort(np.random.default_rng(seed).random(len(LEVELS)) ** 6)[::-1]
    found = ChanceRates(rates[:, np.newaxis], 1.0).supports(0, np.array(assigned), len(assigned) + more)
    assert found == naive_supports(rates, assigned, len(assigned) + more)


def test_rates_are_shares_of_the_paragraphs_of_documents_without_the_topic() -> None:
    random = np.random.default_rng(0)
    probability = random.random((300, 2)).round(2)
    probability[:20, 1] = np.nan
    targets = random.random((300, 2)) < 0.05
    groups = random.permutation(np.repeat(np.arange(60), 5)) * 7
    rates = measure_chance(probability, targets, groups).rates
    for topic in (0, 1):
        having = {group for group, has in zip(groups.tolist(), targets[:, topic].tolist(), strict=True) if has}
        values = [
            p
            for group, p in zip(groups.tolist(), probability[:, topic].tolist(), strict=True)
            if group not in having and p == p  # noqa: PLR0124 - NaN is not
        ]
        assert len(values) < 300
        for level, rate in zip(LEVELS, rates[:, topic].tolist(), strict=True):
            assert rate == pytest.approx((sum(p >= level for p in values) + 0.5) / (len(values) + 0.5))
    assert (np.diff(rates, axis=0) <= 0).all()
    assert (rates[0] == 1).all()
    assert (rates > 0).all()


def test_where_too_few_documents_lack_a_topic_nothing_counts_as_chance() -> None:
    probability = np.linspace(0, 1, 100)[:, np.newaxis]
    for lacking, measured in ((59, False), (60, True)):
        targets = np.arange(100)[:, np.newaxis] >= lacking
        rates = measure_chance(probability, targets, np.arange(100))
        assert rates.rates.any() == measured
        assert rates.supports(0, np.array([0.2]), 10) is not measured
    assert not measure_chance(np.zeros((0, 2)), np.zeros((0, 2), dtype=bool), np.zeros(0, dtype=np.int64)).rates.any()


def test_of_sixty_paragraphs_without_a_wrong_one_a_sure_one_stands_in_what_is_not_much_longer() -> None:
    rates = measure_chance(np.zeros((60, 1)), np.zeros((60, 1), dtype=bool), np.repeat(np.arange(5), 12))
    assert rates.usual == 12
    assert supported([0.9], 12, rates)
    assert supported([0.9], 14, rates)
    assert not supported([0.9], 300, rates)


def some_tagger() -> tagger.Tagger:
    random = np.random.default_rng(0)
    plain = list("天气晴雨云风雪山水树花草鸟鱼虫")
    examples = [tagger.Example("".join(random.choice(plain, 8)), (), f"d{n // 4}") for n in range(200)]
    examples += [tagger.Example("诈骗" + "".join(random.choice(plain, 6)), ("fraud",), f"e{n}") for n in range(30)]
    return tagger.train(examples, settings=Settings(exclusive=False))


def test_a_long_article_needs_more_paragraphs_of_a_topic_than_a_short_one() -> None:
    model = some_tagger()
    assert model.model.classifier.chance is not None
    loose = model.with_thresholds("0.5")
    line, other = "诈骗天气晴雨云风。", "山水树花草鸟鱼虫。"
    assert [tag.topic for tag in loose.tag("\n\n".join([line, *[other] * 11])).topics] == ["fraud"]
    long = loose.tag("\n\n".join([line, *[other] * 1000]))
    assert long.paragraphs[0].topics
    assert not long.topics
    assert long.probabilities["fraud"] == long.paragraphs[0].probabilities["fraud"]
    assert loose.tag("\n\n".join([line] * 30 + [other] * 1000)).topics


def test_taggers_started_from_few_examples_or_keywords_give_articles_the_topics_of_their_paragraphs() -> None:
    topics = [tagger.Topic("a", "甲", "", ("苹果", "香蕉")), tagger.Topic("b", "乙", "", ("火车", "车站"))]
    article = tagger.train([], topics=topics).tag("苹果\n\n今天天气不错")
    assert [tag.topic for tag in article.topics] == ["a"]


@pytest.mark.parametrize("settings", [Settings(exclusive=True), Settings(exclusive=False)])
def test_where_every_example_has_a_topic_chance_is_not_counted(settings: Settings) -> None:
    examples = [
        tagger.Example(f"{text}{n}", (topic,)) for n in range(6) for text, topic in (("苹果", "f"), ("火车", "t"))
    ]
    assert tagger.train(examples, settings=settings).model.classifier.chance is None
