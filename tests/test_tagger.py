import json
import multiprocessing
import pickle
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from strategies import hard_text

import tagger
from tagger.tagging import classify_articles, score_texts
from tagger.text import split_paragraphs

TEXT = "秋天的水果\n\n苹果和香蕉都是水果。\n今天下雨。\n火车晚点了。"


def test_an_article_has_the_topics_of_its_paragraphs(tiny: tagger.Tagger) -> None:
    article = tiny.tag(TEXT)
    by_paragraph = [{tag.topic for tag in paragraph.topics} for paragraph in article.paragraphs]
    assert {tag.topic for tag in article.topics} == set().union(*by_paragraph)
    for paragraph in article.paragraphs:
        assert TEXT[paragraph.start : paragraph.end] == paragraph.text


def test_an_article_is_as_sure_as_its_surest_paragraph(tiny: tagger.Tagger) -> None:
    article = tiny.tag(TEXT)
    for topic in tiny.topics:
        assert article.probabilities[topic] == max(p.probabilities[topic] for p in article.paragraphs)


def test_articles_can_be_decided_without_records_of_their_paragraphs(
    shipped: tagger.Tagger, seed_texts: list[str]
) -> None:
    texts = ["", *seed_texts]
    probability, assigned = classify_articles(shipped.model, [split_paragraphs(text) for text in texts])
    for text, values, chosen in zip(texts, probability.tolist(), assigned, strict=True):
        article = shipped.tag(text)
        assert dict(zip(shipped.topics, values, strict=True)) == article.probabilities
        assert {shipped.topics[column] for column in np.flatnonzero(chosen)} == {tag.topic for tag in article.topics}


def test_tags_have_titles_and_come_surest_first(shipped: tagger.Tagger, seed_texts: list[str]) -> None:
    article = shipped.tag(seed_texts[0])
    assert {tag.topic: tag.title for tag in article.topics}.items() <= shipped.titles.items()
    probabilities = [tag.probability for tag in article.topics]
    assert probabilities == sorted(probabilities, reverse=True)


@pytest.mark.parametrize("text", ["", " \n\u3000\n", "\x00", "\u200b"])
def test_text_without_paragraphs_has_no_topics(tiny: tagger.Tagger, text: str) -> None:
    assert tiny.tag(text) == tagger.Article((), {"fruit": 0.0, "train": 0.0}, ())


@pytest.mark.parametrize("text", ["。。。!?", "\ud800", "🎉", "", "a\x00b" * 10])
def test_text_with_nothing_to_go_by_has_no_topics(shipped: tagger.Tagger, text: str) -> None:
    assert shipped.predict([text]) == [()]


def test_no_topic_is_assigned_by_chance_where_a_tagger_was_started_from_keywords() -> None:
    topics = [tagger.Topic("a", "甲", "", ("苹果", "香蕉")), tagger.Topic("b", "乙", "", ("火车", "车站"))]
    assert tagger.train([], topics=topics).predict(["", "abc", "今天天气不错", "苹果"]) == [(), (), (), ("a",)]


def test_furniture_that_must_have_a_topic_gives_the_article_none(root: Path) -> None:
    model = tagger.train(root / "tests/cases/exclusive.csv", settings=tagger.Settings(exclusive=False))
    article = model.tag("苹果和香蕉都是水果,苹果熟了。\n点击查看\n12345")
    assert all(paragraph.topics for paragraph in article.paragraphs)
    assert [tag.topic for tag in article.topics] == ["fruit"]
    assert model.tag("点击查看").topics


def test_a_text_without_known_features_has_the_prior_probabilities(tiny: tagger.Tagger) -> None:
    assert tiny.predict_proba(["", "ξ"]).tolist() == [tiny.model.classifier.calibration.prior.tolist()] * 2


@pytest.mark.full
def test_many_articles_come_in_order_and_as_they_are_asked_for(tiny: tagger.Tagger) -> None:
    def endless() -> "object":
        while True:
            yield TEXT

    tagged = tiny.tag_many(endless())  # type: ignore[arg-type]
    assert next(tagged) == tiny.tag(TEXT)
    texts = [f"苹果{n}\n火车" for n in range(500)] + ["", TEXT * 3]
    assert [[p.text for p in article.paragraphs] for article in tiny.tag_many(texts)] == [
        [p.text for p in tagger.split_paragraphs(text)] for text in texts
    ]


def test_batches_change_no_probability(tiny: tagger.Tagger) -> None:
    texts = ["苹果" * n + "火车" for n in range(600)]
    together = tiny.predict_proba(texts)
    assert np.abs(together - np.concatenate([tiny.predict_proba([text]) for text in texts])).max() < 1e-12


def test_no_texts_give_no_rows(tiny: tagger.Tagger) -> None:
    assert tiny.predict([]) == []
    assert tiny.predict_proba([]).shape == (0, 2)
    assert list(tiny.tag_many([])) == []


@pytest.mark.parametrize("value", [b"bytes", 5, None, ["a"]])
def test_what_is_no_text_is_a_type_error(tiny: tagger.Tagger, value: object) -> None:
    for call in (tiny.tag, tiny.explain, lambda v: tiny.predict_proba([v])):
        with pytest.raises(TypeError, match="a text must be a str, not"):
            call(value)  # type: ignore[arg-type]


def test_one_text_in_the_place_of_several_is_a_type_error(tiny: tagger.Tagger) -> None:
    for call in (tiny.predict, tiny.predict_proba, lambda text: list(tiny.tag_many(text))):
        with pytest.raises(TypeError, match="texts must be several"):
            call("苹果")


def test_how_a_text_ends_is_explained_by_its_last_character(tiny: tagger.Tagger) -> None:
    explanations = tiny.explain("苹果很甜。")
    places = {c.feature: c.places for e in explanations for c in e.contributions if "￨" in c.feature}
    assert places == {"。￨": ((4, 5),), "￨苹": ((0, 1),)}


def test_weights_of_features_that_hardly_count_are_explained_by_finite_numbers(tiny: tagger.Tagger) -> None:
    classifier = tiny.model.classifier
    linear = replace(classifier.linear, idf=np.full_like(classifier.linear.idf, 1e-310, dtype=np.float64))
    hardly = tagger.Tagger(replace(tiny.model, classifier=replace(classifier, linear=linear)))
    for explanation in hardly.explain("苹果苹果苹果苹果苹果火车"):
        values = [contribution.value for contribution in explanation.contributions]
        assert np.isfinite(values).all()
        assert sum(values) + explanation.bias == pytest.approx(explanation.score)


def test_scores_are_what_explanations_explain(tiny: tagger.Tagger) -> None:
    explained = {e.topic: e.score for e in tiny.explain("苹果火车")}
    assert score_texts(tiny.model, ["苹果火车"])[0][0].tolist() == [explained[topic] for topic in tiny.topics]
    assert score_texts(tiny.model, [])[0].shape == (0, 2)


def test_an_exclusive_tagger_gives_exactly_one_topic(exclusive: tagger.Tagger) -> None:
    assert exclusive.settings.exclusive
    assert exclusive.predict(["苹果熟了", "火车来了", "学生在教室", ""]) == [
        ("fruit",),
        ("train",),
        ("school",),
        (exclusive.topics[0],),
    ]
    assert exclusive.predict_proba(["苹果熟了"]).sum() == pytest.approx(1)
    assert len(exclusive.tag("苹果熟了,香蕉也熟了,葡萄快熟了。\n火车。").topics) == 1
    assert exclusive.tag("苹果熟了,香蕉也熟了,葡萄快熟了。\n火车。").topics[0].topic == "fruit"


@given(text=hard_text)
def test_contributions_and_bias_add_up_to_the_score(text: str, tiny: tagger.Tagger) -> None:
    for explanation in tiny.explain(text):
        total = sum(c.value for c in explanation.contributions) + explanation.bias
        assert total == pytest.approx(explanation.score, abs=1e-9)


def test_contributions_lie_where_the_text_was_read(shipped: tagger.Tagger) -> None:
    text = "ＡＰＰ诈\u200b骗,民警抓获嫌疑人。"
    for contribution in shipped.explain(text)[0].contributions:
        for start, end in contribution.places:
            from tagger.text import normalise  # noqa: PLC0415

            assert normalise(text[start:end]) == contribution.feature


def test_an_explanation_agrees_with_the_prediction(shipped: tagger.Tagger, seed_texts: list[str]) -> None:
    for paragraph in tagger.split_paragraphs(seed_texts[1]):
        explained = shipped.explain(paragraph.text)
        assert tuple(e.topic for e in explained if e.assigned) == shipped.predict([paragraph.text])[0]
        assert [e.probability for e in explained] == sorted((e.probability for e in explained), reverse=True)
        assert {e.threshold for e in explained} == set(shipped.thresholds.values())


def test_a_pickled_tagger_tags_alike(shipped: tagger.Tagger) -> None:
    again = pickle.loads(pickle.dumps(shipped))
    assert again.tag("民警抓获嫌疑人。") == shipped.tag("民警抓获嫌疑人。")


def test_a_tagger_sent_to_a_spawned_process_keeps_its_words(shipped: tagger.Tagger) -> None:
    text = "反诈中心民警从优待警,劝阻群众移车。"
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(shipped.predict_proba, [[text]]).tolist() == shipped.predict_proba([text]).tolist()


def test_threads_share_a_tagger(shipped: tagger.Tagger, seed_texts: list[str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shipped.tag, seed_texts * 2)) == [shipped.tag(text) for text in seed_texts] * 2


@pytest.mark.full
def test_a_line_of_fifty_megabytes_is_tagged(tiny: tagger.Tagger) -> None:
    text = "苹果和香蕉都是水果。" * (50_000_000 // 30)
    assert tiny.tag(text).topics[0].topic == "fruit"


def test_a_tagger_says_what_it_is(tiny: tagger.Tagger) -> None:
    assert repr(tiny) == f"Tagger(topics=('fruit', 'train'), features={len(tiny.model.classifier.linear.idf)})"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep memory in their own way")
def test_batches_need_no_new_pages_after_the_first() -> None:
    code = """
import resource, sys, tagger
model = tagger.load()
texts = ["民警在银行柜台劝住了正要给客服转账的老人,又到社区宣讲。" * 4] * 4000
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
model.predict(texts)
before = faults()
model.predict(texts)
print(faults() - before)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(found) < 1000  # without: some 8,000


def test_a_table_is_no_list_of_texts(tiny: tagger.Tagger) -> None:
    class Table(dict[str, list[str]]):
        columns = ("text",)

    table = Table(text=["苹果"])
    with pytest.raises(TypeError, match=r"texts are a table: pass its column of texts, such as table\['text'\]"):
        tiny.predict(table)
    assert tiny.predict(table["text"]) == [("fruit",)]


@pytest.mark.parametrize("texts", [None, 3, float("nan"), b"text", bytearray(b"text"), {"text": "苹果"}])
def test_what_is_no_list_of_texts_is_refused(tiny: tagger.Tagger, texts: Any) -> None:
    with pytest.raises(TypeError, match="texts must be several, such as a list of them, not "):
        tiny.predict(texts)
    with pytest.raises(TypeError, match="texts must be several, such as a list of them, not "):
        list(tiny.tag_many(texts))


@pytest.mark.parametrize("folder", [3, b"models"])
def test_a_model_folder_is_named_by_a_str_or_a_path(folder: Any) -> None:
    with pytest.raises(TypeError, match="a model folder is named by a str or a Path, not "):
        tagger.load(folder)


def test_an_article_is_a_dictionary_for_json(tiny: tagger.Tagger) -> None:
    article = tiny.tag(TEXT)
    found = json.loads(json.dumps(article.to_dict(), ensure_ascii=False))
    assert [tag["topic"] for tag in found["topics"]] == [tag.topic for tag in article.topics]
    assert found["probabilities"] == article.probabilities
    assert [p["text"] for p in found["paragraphs"]] == [p.text for p in article.paragraphs]
    assert set(found["paragraphs"][0]) >= {"start", "end", "pieces", "furniture", "topics", "probabilities"}
