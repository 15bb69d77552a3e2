"""Keywords proposed for topics, by what their likely texts say."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from command_line import invoke

from tagger.cli import main
from tagger.curation.lists import topics_toml
from tagger.curation.phrases import Phrases, find_phrases
from tagger.curation.proposing import Proposal, TopicProposals, propose_keywords
from tagger.dataset import LabelOptions, read_dataset, read_topics
from tagger.records import Example, Topic
from tagger.settings import Settings
from tagger.text import encode
from tagger.training.counting import count_texts

PEOPLE = ["老人", "学生", "会计", "司机", "店主", "护士", "农民", "经理"]
TAILS = [
    "昨晚天色已黑",
    "菜场人声鼎沸",
    "湖边柳树发芽",
    "楼下灯火通明",
    "窗外落叶纷纷",
    "屋里炉火正旺",
    "山上积雪未化",
    "院中桂花飘香",
]
FRAUD = [
    "骗子叫{}打开屏幕共享转走存款",
    "{}被冒充客服的骗子诈骗",
    "接到电话的{}险些转账给骗子",
    "骗子让{}开启屏幕共享再转账",
]
TRAFFIC = ["{}驾驶货车闯红灯被处罚", "交警提醒{}系好安全带", "{}在路口骑车逆行", "雨天路滑{}开车追尾货车"]
TOPICS = [Topic("fraud", "反诈", "骗局", ("骗子",)), Topic("traffic", "交通")]
TEXTS = [
    (f"{kind.format(who)}。{tail}。", name)
    for name, kinds in (("fraud", FRAUD), ("traffic", TRAFFIC))
    for kind in kinds
    for who, tail in zip(PEOPLE, TAILS, strict=True)
]
POOL = [Example(text, (), line=n) for n, (text, _) in enumerate(TEXTS) if n % 8 > 1]
LABELLED = [Example(text, (name,)) for n, (text, name) in enumerate(TEXTS) if n % 8 <= 1]


@pytest.fixture(scope="module")
def found() -> tuple[TopicProposals, ...]:
    told: list[str] = []
    proposals = propose_keywords(read_dataset(LABELLED, topics=TOPICS), POOL, number=5, told=told.append)
    assert told[0].endswith("left out that are labelled or nearly copies")
    return proposals


def test_words_of_likely_texts_are_proposed_with_their_counts_and_an_example(found: tuple[TopicProposals, ...]) -> None:
    fraud, traffic = found
    assert [proposals.topic.name for proposals in found] == ["fraud", "traffic"]
    words = {word.word: word for word in fraud.words}
    assert {"骗子", "转账"} <= set(words)
    assert "货车" in {word.word for word in traffic.words}
    assert (words["转账"].outside, "转账" in words["转账"].example) == (0, True)
    assert all(word.inside <= fraud.likely and word.outside <= fraud.others for word in fraud.words)


def test_keywords_that_are_there_are_marked_and_count_for_nothing(found: tuple[TopicProposals, ...]) -> None:
    assert [word.word for word in found[0].words if word.known] == ["骗子"]
    assert [sum(not word.known for word in proposals.words) <= 5 for proposals in found] == [True, True]


def test_words_that_the_dictionary_does_not_have_are_proposed_whole(found: tuple[TopicProposals, ...]) -> None:
    words = {word.word for word in found[0].words}
    assert "屏幕共享" in words
    assert words.isdisjoint(["屏幕", "共享"])


@pytest.mark.full
def test_only_topics_that_are_wanted_and_can_be_learnt_are_answered() -> None:
    topics = [*TOPICS, Topic("empty", "空")]
    dataset = read_dataset(LABELLED, topics=topics, options=LabelOptions(rare="keep"))
    assert {one.topic.name for one in propose_keywords(dataset, POOL)} == {"fraud", "traffic"}
    assert [one.topic.name for one in propose_keywords(dataset, POOL, number=1, topics=["traffic"])] == ["traffic"]


def phrases_of(texts: list[str]) -> Phrases:
    codes = encode(texts)
    counted = count_texts(codes, np.arange(len(texts)), (), Settings())
    return find_phrases(codes, counted.vocabulary)


@pytest.mark.full
def test_numbers_particles_places_and_pieces_of_longer_phrases_are_no_words() -> None:
    pairs = pairwise(["老人", "学生", "会计", "司机", "店主"])
    found = phrases_of([*(f"上海的{who}和{other}三十人打开屏幕共享" for who, other in pairs), *["天气"] * 90])
    assert {"老人", "司机"} <= set(found.words)
    assert set(found.words).isdisjoint(["上海", "三十", "三十人", "的", "幕共"])
    assert "屏幕共享" not in found.words  # 打开 always stands before it
    free = phrases_of([*(f"{who}打开,{who}屏幕共享{who}" for who in PEOPLE[:4]), *["天气"] * 90])
    assert "屏幕共享" in free.words


def test_what_is_longer_than_a_keyword_is_not_joined() -> None:
    found = phrases_of([*(f"{who}。社会主义精神文明建设" for who in PEOPLE[:4]), *["天气"] * 90])
    assert {"社会主义", "建设"} <= set(found.words)
    assert "社会主义精神文明建设" not in found.words


def test_texts_without_a_word_have_no_phrase() -> None:
    assert phrases_of(["!!", "??", "。"]).words == ()


def test_what_is_printed_for_topics_toml_is_one(tmp_path: Path) -> None:
    words = (Proposal('转"账', 4, 0, False, "x"), Proposal("骗子", 5, 0, True, "x"))
    topics = [replace(TOPICS[0], title='反"诈\x7f'), Topic("交通", "交通")]
    path = tmp_path / "topics.toml"
    path.write_text(topics_toml([TopicProposals(topic, 20, 99, words) for topic in topics]), "utf-8")
    assert read_topics(path) == (
        replace(topics[0], keywords=("骗子", '转"账')),
        Topic("交通", "交通", keywords=('转"账',)),
    )
    assert '    "转\\"账",  # 4 of 20, 0 of 99\n' in path.read_text("utf-8")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keywords")
    lines = [json.dumps({"text": example.text, "topics": list(example.topics)}) for example in LABELLED]
    (folder / "labels.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "pool.jsonl").write_text("\n".join(json.dumps({"text": e.text}) for e in POOL), "utf-8")
    (folder / "topics.toml").write_text(
        '[fraud]\ntitle = "反诈"\nkeywords = ["骗子"]\n[traffic]\ntitle = "交通"\n[empty]\ntitle = "空"\n', "utf-8"
    )
    return folder


def run(files: Path, *arguments: str | Path) -> Result:
    return invoke(main, ["keywords", files / "pool.jsonl", "--labels", files / "labels.jsonl", *map(str, arguments)])


def test_the_command_prints_words_and_where_they_stand(files: Path) -> None:
    result = run(files, "--topic", "反诈", "-n", "3", "--rare", "keep")
    assert result.exit_code == 0
    first, *words = result.stdout.splitlines()
    assert first.startswith("反诈: said in so many of 20 likely texts and 24 unlikely ones")
    assert first.endswith("; 1 as good is there already")
    assert len(words) == 3
    assert all(word.split("\t")[0].strip() in word.split("\t")[3] for word in words)


def test_the_command_says_where_no_word_stands_out(files: Path) -> None:
    (files / "few.jsonl").write_text('{"text": "骗"}\n{"text": "车"}\n', "utf-8")
    given = [files / "few.jsonl", "--labels", files / "labels.jsonl"]
    result = invoke(main, ["keywords", *map(str, given), "--topic", "反诈", "--rare", "keep"])
    assert (result.exit_code, result.stdout.splitlines()[1:]) == (
        0,
        ["  no word stands out: more texts, or more labels, may show some"],
    )


def test_the_command_prints_json_and_says_what_cannot_be_learnt(files: Path) -> None:
    result = run(files, "--json", "--rare", "keep")
    fraud, traffic = (json.loads(line) for line in result.stdout.splitlines())
    assert (fraud["topic"], fraud["title"], traffic["title"]) == ("fraud", "反诈", "交通")
    assert [*fraud["keywords"][0]] == ["word", "inside", "outside", "known", "example"]
    assert "nothing to learn from, neither labels nor keywords: 空\n" in result.stderr


def test_the_command_prints_toml_and_knows_its_topics(files: Path, tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_bytes(run(files, "--toml", "--topic", "traffic", "-n", "2").stdout_bytes)
    (topic,) = read_topics(tmp_path / "topics.toml")
    assert (topic.name, topic.title, len(topic.keywords)) == ("traffic", "交通", 2)
    wrong = run(files, "--topic", "骗")
    assert wrong.exit_code == 2
    assert "unknown topic '骗'; known are " in wrong.stderr
