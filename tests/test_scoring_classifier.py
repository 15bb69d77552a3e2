"""Texts by themselves, paragraphs among others, furniture, whole articles: which topics each has."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tagger
from tagger.model import Model
from tagger.records import Example
from tagger.scoring.classifier import Classifier
from tagger.scoring.thresholds import OperatingPoint, TopicThreshold
from tagger.tagging import classify_articles, classify_paragraphs, classify_texts
from tagger.text import split_paragraphs

FURNITURE = ("2024-03-01 09:30 来源:平安某地 字体:大 中 小", "【编辑:某某】", "打印本页 关闭窗口")


def at(threshold: float) -> tuple[TopicThreshold, TopicThreshold]:
    point = OperatingPoint(threshold, 0.9, 0.9)
    points = tuple(OperatingPoint(t, 1 - t / 9, 1 - t) for t in (0.8, 0.6, 0.4, 0.2))
    return (TopicThreshold(point, point, points),) * 2


def changed(model: Model, **parts: Any) -> tagger.Tagger:
    return tagger.Tagger(replace(model, classifier=replace(model.classifier, **parts)))


@pytest.fixture(scope="module")
def taught() -> tagger.Tagger:
    """A tagger with a context: paragraphs take after the first of their article."""
    vague = ("他们又走访了三户", "老人连声道谢", "第二天一早大家又来了", "工作人员记下了电话")
    examples = []
    for number in range(40):
        head, *topics = (("反诈宣传进社区", "anti_fraud"), ("政务服务办证件", "admin"), ("天气晴转多云",))[number % 3]
        texts = [head, *(vague[(number * 7 + step) % 4] + "。" * (number % 4) for step in range(3))]
        examples += [Example(text, tuple(topics), f"d{number:02}") for text in texts]
    return tagger.train(examples, topics=(), keep_conflicts=True)


ARTICLE = "反诈宣传进社区。\n\n他们又走访了三户。\n\n老人连声道谢。"


def test_predict_and_tag_have_thresholds_of_their_own(taught: tagger.Tagger) -> None:
    text = ARTICLE.split("\n\n", maxsplit=1)[0]
    never, always = at(1.1), at(0.0)
    texts_only = changed(taught.model, text_thresholds=always, paragraph_thresholds=never)
    assert texts_only.predict([text]) != [()]
    assert not any(p.topics for p in texts_only.tag(ARTICLE).paragraphs)
    paragraphs_only = changed(taught.model, text_thresholds=never, paragraph_thresholds=always)
    assert paragraphs_only.predict([text]) == [()]
    assert all(len(p.topics) == 2 for p in paragraphs_only.tag(ARTICLE).paragraphs)


def test_a_paragraph_alone_in_its_article_is_a_text_by_itself(taught: tagger.Tagger) -> None:
    never, always = at(1.1), at(0.0)
    model = changed(taught.model, text_thresholds=always, paragraph_thresholds=never)
    assert len(model.tag("反诈宣传进社区。").paragraphs[0].topics) == 2
    furnished = model.tag("\n\n".join([FURNITURE[0], "反诈宣传进社区。", FURNITURE[1]]))
    assert [len(p.topics) for p in furnished.paragraphs] == [0, 2, 0]
    without = changed(taught.model, context=None, text_thresholds=never, paragraph_thresholds=always)
    assert not any(p.topics for p in without.tag(ARTICLE).paragraphs)


def test_training_chooses_thresholds_for_both_ways(taught: tagger.Tagger) -> None:
    classifier = taught.model.classifier
    assert classifier.context is not None
    assert classifier.text_thresholds != classifier.paragraph_thresholds
    assert list(taught.thresholds.values()) == [t.chosen.threshold for t in classifier.text_thresholds]


def test_without_a_context_both_ways_have_the_same_thresholds(tiny: tagger.Tagger) -> None:
    assert tiny.model.classifier.context is None
    assert tiny.model.classifier.text_thresholds == tiny.model.classifier.paragraph_thresholds


def test_an_objective_sets_the_thresholds_of_both_ways(taught: tagger.Tagger) -> None:
    classifier = taught.with_thresholds("0.7").model.classifier
    for way in (classifier.text_thresholds, classifier.paragraph_thresholds):
        assert [topic.chosen.threshold for topic in way] == [0.7, 0.7]
    recalled = taught.with_thresholds("recall=0.9").model.classifier
    for way in (recalled.text_thresholds, recalled.paragraph_thresholds):
        assert all(topic.chosen.recall >= 0.9 for topic in way)
    again = taught.with_thresholds("recall=0.9").with_thresholds("f1").model.classifier
    assert again.text_thresholds == taught.model.classifier.text_thresholds
    assert again.paragraph_thresholds == taught.model.classifier.paragraph_thresholds


def test_a_threshold_set_by_hand_is_that_of_both_ways_for_its_topic_alone(taught: tagger.Tagger) -> None:
    before, after = taught.model.classifier, taught.with_thresholds({"anti_fraud": 0.77}).model.classifier
    column = taught.topics.index("anti_fraud")
    for old, new in (
        (before.text_thresholds, after.text_thresholds),
        (before.paragraph_thresholds, after.paragraph_thresholds),
    ):
        assert new[column].chosen.threshold == 0.77
        assert new[1 - column] == old[1 - column]


def test_both_ways_are_saved(taught: tagger.Tagger, tmp_path: Path) -> None:
    model = changed(taught.model, text_thresholds=at(0.25), paragraph_thresholds=at(0.75))
    model.save(tmp_path / "m")
    loaded = tagger.load(tmp_path / "m").model.classifier
    assert loaded.text_thresholds == at(0.25)
    assert loaded.paragraph_thresholds == at(0.75)
    chance = taught.model.classifier.chance
    assert chance is not None
    assert loaded.chance is not None
    assert np.array_equal(loaded.chance.rates, chance.rates)


def test_furniture_has_no_topic_and_probability_nought_in_tag_and_tag_many(taught: tagger.Tagger) -> None:
    text = "\n\n".join([FURNITURE[0], ARTICLE, *FURNITURE[1:]])
    for article in (taught.tag(text), *taught.tag_many([text, ARTICLE, text])):
        for paragraph in article.paragraphs:
            assert paragraph.furniture == (paragraph.text in FURNITURE)
            assert not paragraph.furniture or not (paragraph.topics or any(paragraph.probabilities.values()))
        assert article.topics == taught.tag(ARTICLE).topics
        assert article.probabilities == taught.tag(ARTICLE).probabilities


def test_predict_takes_a_line_of_furniture_as_it_is(taught: tagger.Tagger) -> None:
    always = changed(taught.model, text_thresholds=at(0.0))
    assert (taught.predict_proba(FURNITURE) > 0).all()
    assert any(always.predict(FURNITURE))


def test_texts_are_classified_as_paragraphs_that_stand_alone(taught: tagger.Tagger) -> None:
    texts = [*ARTICLE.split("\n\n"), "", "ξ"]
    by_themselves = classify_texts(taught.model, texts)
    paragraphs = classify_paragraphs(taught.model, texts, [1] * 5, [False] * 5)
    assert [part.tolist() for part in by_themselves] == [part.tolist() for part in paragraphs]


def test_an_article_of_furniture_alone_has_no_topic_in_any_kind_of_tagger(root: Path, taught: tagger.Tagger) -> None:
    exclusive = root / "tests/cases/exclusive.csv"
    for model in (
        taught,
        tagger.train(exclusive),
        tagger.train(exclusive, settings=tagger.Settings(exclusive=False)),
    ):
        article = model.tag("\n\n".join(FURNITURE))
        assert (article.topics, set(article.probabilities.values())) == ((), {0.0})
        assert not any(p.topics for p in article.paragraphs)
        mixed = [split_paragraphs(text) for text in ("", "\n\n".join(FURNITURE), f"苹果熟了。\n\n{FURNITURE[0]}", "")]
        probability, chosen = classify_articles(model.model, mixed)
        assert probability.any(axis=1).tolist() == [False, False, True, False]
        assert not chosen[[0, 1, 3]].any()


def test_furniture_weighs_nothing_in_an_exclusive_article(exclusive: tagger.Tagger) -> None:
    plain = exclusive.tag("苹果熟了。\n\n火车来了。")
    furnished = exclusive.tag("\n\n".join([*FURNITURE, "苹果熟了。", *FURNITURE, "火车来了。"]))
    assert furnished.topics == plain.topics
    assert furnished.probabilities == plain.probabilities
    assert sum(plain.probabilities.values()) == pytest.approx(1)


def test_paragraphs_of_an_exclusive_article_weigh_by_their_length(exclusive: tagger.Tagger) -> None:
    classifier: Classifier = exclusive.model.classifier
    probability = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.0, 0.0, 1.0]])
    whole, chosen = classifier.classify_articles(
        probability, probability > 0.5, np.array([2, 0, 1]), np.array([1.0, 3.0, 2.0])
    )
    assert whole.tolist() == pytest.approx(np.array([[0.375, 0.625, 0], [0, 0, 0], [0, 0, 1]]))
    assert chosen.tolist() == [[False, True, False], [False] * 3, [False, False, True]]
