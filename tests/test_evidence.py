"""Stretches of whole words, which add up with the rest to the score."""

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import hard_text

import tagger
from tagger.errors import SettingsError
from tagger.evidence import Evidence, find_evidence


def found(model: tagger.Tagger, text: str, topic: str) -> Evidence:
    return next(find_evidence(model.model, [text], [[topic]]))[0]


def shown(text: str, evidence: Evidence) -> list[str]:
    return [text[stretch.start : stretch.end] for stretch in evidence.stretches]


@pytest.mark.parametrize("name", ["shipped", "tiny", "exclusive"])
def test_stretches_and_rest_add_up_to_the_score_of_every_topic(
    name: str, seed_texts: list[str], request: pytest.FixtureRequest
) -> None:
    model: tagger.Tagger = request.getfixturevalue(name)
    paragraphs = ["", "?", "苹果苹果", "①㈠…Ｑ群𠮷", *(p.text for p in tagger.split_paragraphs(seed_texts[0]))]
    evidence = list(find_evidence(model.model, paragraphs, [model.topics] * len(paragraphs)))
    for text, each in zip(paragraphs, evidence, strict=True):
        scores = {explanation.topic: explanation.score for explanation in model.explain(text)}
        assert [one.topic for one in each] == list(model.topics)
        for one in each:
            assert sum(s.value for s in one.stretches) + one.rest == pytest.approx(scores[one.topic], abs=1e-9)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hard_text)
def test_stretches_lie_in_the_text_in_order_and_speak_for_the_topic(shipped: tagger.Tagger, text: str) -> None:
    for evidence in next(find_evidence(shipped.model, [text], [shipped.topics])):
        places = [place for stretch in evidence.stretches for place in (stretch.start, stretch.end)]
        assert places == sorted(places)
        assert all(0 <= s.start < s.end <= len(text) and s.value > 0 for s in evidence.stretches)
        assert len(evidence.stretches) <= 8


@pytest.mark.parametrize(
    ("text", "topic", "feature", "words"),
    [
        ("共抓获涉诈犯罪嫌疑人,守护了“钱袋子”,全省反诈工作有成效。", "anti_fraud", "诈工", ["涉诈", "钱袋子", "反诈"]),
        ("打击治理电信网络诈骗犯罪。", "anti_fraud", "络诈", ["电信网络诈骗"]),
        ("最终形成了政务服务", "admin_service", "务服", ["政务服务"]),
        ("交警查处酒驾三起。", "law_enforcement", "处酒", ["交警", "查处酒驾"]),
    ],
)
def test_what_a_reader_sees_are_whole_words_joined_where_a_pair_holds_them_together(
    shipped: tagger.Tagger, text: str, topic: str, feature: str, words: list[str]
) -> None:
    strongest = next(e for e in shipped.explain(text) if e.topic == topic).contributions[:10]
    assert feature in [contribution.feature for contribution in strongest]
    assert shown(text, found(shipped, text, topic)) == words


def test_a_number_or_a_single_character_is_left_out_beside_stronger_words(shipped: tagger.Tagger) -> None:
    text = "安排77个涉企事项,实现企业需求受理、办理、监督闭环管理,办到95%。"
    evidence = found(shipped, text, "admin_service")
    assert shown(text, evidence) == ["涉企", "事项", "企业", "需求", "受理", "办理", "办到"]
    assert shown("办", found(shipped, "办", "admin_service")) == ["办"]


def test_places_are_those_of_the_text_as_given_where_it_is_normalised(shipped: tagger.Tagger) -> None:
    text = "㈠…全国\u200b反\u200b诈骗:ＡＰＰ诈骗"
    assert shown(text, found(shipped, text, "anti_fraud")) == ["反\u200b诈骗", "诈骗"]
    quarter = [found(shipped, "¼", topic) for topic in shipped.topics]
    assert [shown("¼", evidence) for evidence in quarter if evidence.stretches] == [["¼"]] * 3


def test_each_topic_has_evidence_of_its_own_and_texts_may_ask_for_none(shipped: tagger.Tagger) -> None:
    text = "民警劝阻转账,破获诈骗案,抓获嫌疑人。"
    several, none = find_evidence(shipped.model, [text, text], [["law_enforcement", "anti_fraud"], []])
    assert none == ()
    assert [evidence.topic for evidence in several] == ["law_enforcement", "anti_fraud"]
    assert several == (found(shipped, text, "law_enforcement"), found(shipped, text, "anti_fraud"))
    assert shown(text, several[0]) == ["破获", "诈骗案", "抓获嫌疑人"]
    assert shown(text, several[1]) == ["劝阻", "转账", "诈骗案"]


def test_many_texts_are_told_apart_over_batches(shipped: tagger.Tagger) -> None:
    text = "交警查处酒驾三起。" + "。" * 100_000
    texts = [text, "反诈宣传", text, text]
    topics = [["law_enforcement"], ["anti_fraud"], ["law_enforcement"], ["law_enforcement"]]
    several = list(find_evidence(shipped.model, texts, topics))
    assert several[0] == several[2] == several[3]
    assert shown(texts[1], several[1][0]) == ["反诈宣传"]
    assert list(find_evidence(shipped.model, [], [])) == []


def test_topics_that_do_not_exist_and_lists_that_do_not_match_are_errors(shipped: tagger.Tagger) -> None:
    with pytest.raises(SettingsError, match="unknown topic 'sky': known are admin_service"):
        list(find_evidence(shipped.model, ["x"], [["sky"]]))
    with pytest.raises(ValueError, match="shorter"):
        list(find_evidence(shipped.model, ["x", "y"], [["anti_fraud"]]))
