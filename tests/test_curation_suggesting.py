"""What to label next: which texts, why, and what more labels would bring."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from command_line import invoke

from tagger import Settings
from tagger.cli import main
from tagger.curation import pool as pool_module
from tagger.curation.choosing import Pick, choose_rows
from tagger.curation.lists import check_list, spell_topics, suggestion_record, write_suggestions
from tagger.curation.outlook import Gain, Outlook, _gains, look_ahead
from tagger.curation.pool import fresh_texts_of, paragraphs_of
from tagger.curation.suggesting import Suggestion, suggest
from tagger.dataset import Dataset, read_dataset, read_labels
from tagger.dataset.unlabelled import read_pool
from tagger.errors import DataError, RunError
from tagger.records import Example, Topic
from tagger.training import Corpus, build_corpus, resolve_settings
from tagger.training.pool import PoolTrial

FRUIT = ["苹果又脆又甜", "香蕉软糯可口", "葡萄酸甜多汁", "西瓜清凉解渴", "樱桃鲜红饱满", "榴莲气味浓烈"]
TRAIN = ["火车准点进站", "轮船缓缓离港", "汽车驶上高速", "地铁挤满乘客", "飞机冲上云霄", "电车叮当驶过"]
PLACES = ["早市东头", "广场旁边", "山脚村口", "河岸码头", "学校门外", "医院后街", "老城南门", "新区北路"]
TOPICS = [Topic("fruit", "水果"), Topic("train", "交通")]


def labels(count: int, *, only: str | None = None) -> list[Example]:
    kinds = (("fruit", FRUIT), ("train", TRAIN))
    return [
        Example(f"{PLACES[n % 8]}的{texts[n % 6]}", (name,), f"{name}{n}")
        for n in range(count)
        for name, texts in kinds
        if only in (None, name)
    ]


POOL = [
    *(
        Example(f"今天{place}卖的{fruit}", (), line=n)
        for n, (place, fruit) in enumerate(zip(PLACES, FRUIT, strict=False))
    ),
    *(
        Example(f"昨天{place}看见{train}", (), line=n)
        for n, (place, train) in enumerate(zip(PLACES, TRAIN, strict=False), 10)
    ),
    Example("苹果装上火车,香蕉搬下轮船", (), line=20),
    Example("鹦鹉学舌惹人发笑", (), line=21),
]


def corpus_of(examples: list[Example], pool: list[Example]) -> tuple[Corpus, Settings]:
    dataset = replace(read_dataset(examples, topics=TOPICS), unlabelled=tuple(text.text for text in pool))
    settings = resolve_settings(Settings(), dataset)
    return build_corpus(dataset, settings), settings


def test_topics_ask_in_turn_the_rarest_first_and_no_text_is_asked_for_twice() -> None:
    corpus, settings = corpus_of([*labels(3), *labels(8, only="train")[3:]], POOL)
    picks = choose_rows(corpus, settings, 6, "placed")
    assert [pick.topic for pick in picks] == [0, 1, 0, 1, 0, 1]
    assert len({pick.row for pick in picks}) == 6


def test_a_plain_machine_asks_first_for_the_text_between_two_topics() -> None:
    corpus, settings = corpus_of(labels(6), POOL)
    assert settings.exclusive
    assert POOL[choose_rows(corpus, settings, 1, "margin")[0].row].line in (20, 21)


def test_texts_that_are_nearly_alike_are_not_asked_for_together() -> None:
    twins = [replace(POOL[0], text=f"今天早市东头卖的苹果又脆又甜{end}") for end in ("。", "!", "?", "、")]
    corpus, settings = corpus_of(labels(6), [*twins, POOL[9]])
    picks = choose_rows(corpus, settings, 5, "margin")
    assert len(picks) == 2
    assert {pick.row for pick in picks} >= {4}


def test_it_is_said_why_a_text_is_asked_for() -> None:
    several = [
        Example(f"{place}的{fruit}", ("fruit",) if n else ("fruit", "train"))
        for n, place in enumerate(PLACES)
        for fruit in FRUIT
    ]
    corpus, settings = corpus_of([*several, Example("火车", ("train",)), Example("下雨", ())], POOL)
    assert not settings.exclusive
    picks = choose_rows(corpus, settings, 14, "placed")
    assert {pick.why for pick in picks if pick.topic == 1} == {"rare"}
    assert {pick.why for pick in picks if pick.topic == 0} <= {"unsure", "new"}
    odd = choose_rows(*corpus_of(labels(6), POOL), 14, "placed")
    assert {POOL[pick.row].line for pick in odd if pick.why == "new"} >= {21}


def test_one_of_each_kind_is_asked_for() -> None:
    picks = choose_rows(*corpus_of(labels(6), POOL), 3, "diverse")
    assert [pick.why for pick in picks] == ["new"] * 3
    assert len({pick.row for pick in picks}) == 3


def test_where_nothing_can_be_learnt_one_of_each_kind_is_asked_for() -> None:
    examples = tuple(labels(4, only="fruit"))
    dataset = Dataset("<made>", examples, (TOPICS[0],), tuple(text.text for text in POOL))
    settings = resolve_settings(Settings(), dataset)
    picks = choose_rows(build_corpus(dataset, settings), settings, 3, "placed")
    assert {(pick.topic, pick.why) for pick in picks} == {(None, "new")}


def test_any_are_drawn_and_the_same_again() -> None:
    corpus, settings = corpus_of(labels(6), POOL)
    picks = choose_rows(corpus, settings, 5, "random")
    assert picks == choose_rows(corpus, settings, 5, "random")
    assert picks != choose_rows(corpus, replace(settings, seed=1), 5, "random")
    assert picks[0] == Pick(picks[0].row, None, "random")


def test_copies_of_what_is_labelled_or_came_before_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = read_dataset(labels(3))
    copies = [Example(f"{dataset.examples[0].text}!", ()), Example(f"{POOL[0].text}。", ())]
    found = fresh_texts_of([*POOL, *copies], dataset)
    assert (found.texts, found.copies, found.others) == (tuple(POOL), 2, 0)
    assert str(found) == "14 unlabelled texts; 2 left out that are labelled or nearly copies"
    monkeypatch.setattr(pool_module, "_MOST", 5)
    drawn = fresh_texts_of(POOL, dataset)
    assert [text.line for text in drawn.texts] == sorted(text.line or 0 for text in drawn.texts)
    assert str(drawn) == "5 unlabelled texts, drawn of 14; 0 left out that are labelled or nearly copies"
    with pytest.raises(DataError, match="labels all of the 2 texts, or near copies: name others"):
        fresh_texts_of([replace(dataset.examples[0], topics=())] * 2, dataset)


ARTICLE = "苹果丰收的季节\n果农说,今年的苹果又脆又甜。\n责任编辑:李明\n车站也忙,火车一列接一列。"


def test_articles_are_split_where_labels_are_of_paragraphs() -> None:
    articles = [Example(ARTICLE, (), line=7), Example(ARTICLE, (), "a.txt")]
    parts = paragraphs_of(articles, labels(2), "pool.jsonl")
    assert parts is not None
    assert [(part.document, part.paragraph, part.line) for part in parts[:3]] == [
        ("pool.jsonl:7", 1, 7),
        ("pool.jsonl:7", 2, 7),
        ("pool.jsonl:7", 4, 7),
    ]
    assert [part.document for part in parts[3:]] == ["a.txt"] * 3
    assert paragraphs_of(articles, [Example(ARTICLE, ("fruit",))], "pool.jsonl") is None
    assert paragraphs_of(POOL, labels(2), "pool.jsonl") is None


def test_suggestions_come_with_a_guess_and_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    found = suggest(read_dataset(labels(6), topics=TOPICS), POOL, number=4, told=told.append)
    assert found.trial is not None
    assert found.strategy == ("placed" if found.trial.helps else "margin")
    assert sum(found.topics.values()) == len(found.texts) == 4
    assert {name for text in found.texts for name in text.topics} <= {"fruit", "train"}
    assert all(0 <= text.probability <= 1 for text in found.texts)
    assert told[1:] == [str(found.trial), "what more labels would bring cannot be told from so few"]
    harms = PoolTrial(14, with_pool=0, without_pool=1)
    monkeypatch.setattr("tagger.curation.suggesting.try_pool", lambda *_, **__: harms)
    assert suggest(read_dataset(labels(6)), POOL, number=2, ahead=False).strategy == "margin"


def test_without_labels_keywords_are_learnt_from() -> None:
    topics = [Topic("fruit", "水果", keywords=("苹果", "香蕉")), Topic("train", "交通", keywords=("火车", "轮船"))]
    found = suggest(read_dataset([], topics=topics), POOL, number=14)
    assert (found.strategy, found.trial, found.outlook) == ("placed", None, None)
    by_line = {text.line: text for text in found.texts}
    assert by_line[20].topics == ("fruit", "train")
    assert by_line[21].topics == ()
    chosen = suggest(read_dataset(labels(6)), POOL, number=3, strategy="random", ahead=False)
    assert (chosen.topics, chosen.trial, chosen.outlook) == ({}, None, None)


def test_gains_follow_the_power_law_that_fits_and_are_nothing_on_a_level_curve() -> None:
    sizes = np.array([50.0, 100, 200, 400])
    gains = _gains(sizes, 1 - (0.1 + 2 * sizes**-0.5), 500, np.array([100, 500]))
    assert gains == pytest.approx([2 * (500**-0.5 - 600**-0.5), 2 * (500**-0.5 - 1000**-0.5)], rel=1e-6)
    assert _gains(sizes, np.full(4, 0.8), 500, np.array([100])) == pytest.approx([0.0])
    assert _gains(sizes, np.array([0.8, 0.7, 0.6, 0.5]), 500, np.array([100])).tolist() == [0.0]
    steep = _gains(sizes, np.array([0.2, 0.5, 0.8, 0.99]), 500, np.array([10_000]))
    assert 0 < steep[0] < 0.1  # an error does not fall below nothing


@pytest.mark.full
def test_more_labels_are_said_to_bring_what_folds_tell() -> None:
    corpus, settings = corpus_of(
        [Example(f"{a}的{b}{n}", e.topics) for n in range(4) for a in PLACES for e in labels(6) for b in [e.text[5:]]][
            :100
        ],
        [],
    )
    found = look_ahead(corpus, settings, 50)
    assert [gain.labels for gain in found.gains] == [50, 100]
    assert all(gain.low <= gain.high for gain in found.gains)
    assert [size for size, _ in found.curve] == sorted(size for size, _ in found.curve)
    assert str(found).startswith("the share that is right grew 0.")
    told = Outlook(((10, 0.5), (80, 0.75)), (Gain(50, 0.02, 0.01, 0.03),), exclusive=False)
    assert str(told) == (
        "F1 grew 0.500 → 0.750 by folds from an eighth of the labels to all, "
        "so taken at random 50 more about +0.020 (+0.010 to +0.030)"
    )


SUGGESTED = [
    Suggestion("=苹果,\n脆", ("fruit",), 0.98765, "unsure", "a.txt", 1, 3),
    Suggestion("都有", ("fruit", "train"), 0.5, "rare", None, None, 4),
    Suggestion("都没有", (), 0.9, "new", None, None, 5),
]


def test_a_sheet_is_a_label_file_as_it_stands(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    spelling = spell_topics(TOPICS, [])
    for name in ("to_label.csv", "to_label.xlsx", "to_label.jsonl"):
        write_suggestions(tmp_path / name, SUGGESTED, spelling)
        read = read_labels(tmp_path / name)
        assert [(e.text, e.topics, e.document) for e in read.examples] == [
            ("=苹果,\n脆", ("水果",), "a.txt"),
            ("都有", ("交通", "水果"), None),
            ("都没有", (), None),
        ]
    sheet = openpyxl.load_workbook(tmp_path / "to_label.xlsx").active
    assert [cell.value for cell in sheet[1]] == ["文本", "标签", "建议", "把握", "为何", "文档", "行"]
    assert [cell.value for cell in sheet[3]][1:] == ["水果|交通", "水果|交通", 0.5, "少见", None, 4]
    assert sheet.data_validations.dataValidation[0].formula1 == '"水果,交通"'
    write_suggestions(tmp_path / "en.csv", SUGGESTED[:1], spelling, language="en", blind=True)
    assert (tmp_path / "en.csv").read_text("utf-8-sig").split("\n")[0] == (
        "text,topics,suggestion,probability,why,document,line"
    )
    assert suggestion_record(SUGGESTED[0], spelling, blind=True) == {
        "text": "=苹果,\n脆",
        "topics": [],
        "suggestion": [],
        "probability": None,
        "why": "unsure",
        "document": "a.txt",
        "line": 3,
    }


def test_more_topics_than_a_cell_can_offer_are_not_offered(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    for names in ({str(n): f"很长的主题{n}" for n in range(60)}, {"a": "一,二"}):
        write_suggestions(tmp_path / "to_label.xlsx", SUGGESTED[2:], names)
        assert not openpyxl.load_workbook(tmp_path / "to_label.xlsx").active.data_validations.dataValidation


def test_topics_are_spelt_as_labels_have_them() -> None:
    assert spell_topics(TOPICS, [Example("", ("fruit",))]) == {"fruit": "fruit", "train": "train"}
    assert spell_topics(TOPICS, [Example("", ("水果",))]) == {"fruit": "水果", "train": "交通"}
    unclear = ([Topic("a", "一"), Topic("b", "一")], [Topic("a", "一|二")])
    assert [spell_topics(topics, []) for topics in unclear] == [{"a": "a", "b": "b"}, {"a": "a"}]


def test_a_list_that_may_hold_labels_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "to_label.csv"
    check_list(path, overwrite=False)
    path.touch()
    with pytest.raises(RunError, match="is there already and may hold labels: name another file, or give --overwrite"):
        check_list(path, overwrite=False)
    check_list(path, overwrite=True)
    check_list(tmp_path / "to_label.jsonl", overwrite=False)
    with pytest.raises(DataError, match="name it"):
        check_list(tmp_path / "to_label.doc", overwrite=False)


def test_unlabelled_texts_say_where_they_are_from(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.txt").write_text("苹果", "utf-8")
    (tmp_path / "b.txt").write_text(" ", "utf-8")
    assert read_pool(tmp_path) == (Example("苹果", (), str(Path("deep", "a.txt"))),)
    path = tmp_path / "pool.csv"
    path.write_text("正文,文档\n苹果,一\n,二\n火车,\n", "utf-8")
    assert read_pool(path) == (Example("苹果", (), "一", line=2), Example("火车", (), None, line=4))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    rows = [json.dumps({"text": e.text, "topics": ["水果" if "fruit" in e.topics else "交通"]}) for e in labels(6)]
    (tmp_path / "labels.jsonl").write_text("\n".join(rows), "utf-8")
    (tmp_path / "pool.jsonl").write_text("\n".join(json.dumps({"text": text.text}) for text in POOL), "utf-8")
    topics = '[fruit]\ntitle = "水果"\nkeywords = ["苹果"]\n[train]\ntitle = "交通"\nkeywords = ["火车"]\n'
    (tmp_path / "topics.toml").write_text(topics, "utf-8")
    return tmp_path


def run(*arguments: str | Path) -> Result:
    return invoke(main, ["suggest", *arguments, "--jobs", "1"])


def test_the_command_writes_a_sheet_and_says_how_it_was_made(files: Path) -> None:
    arguments: list[str | Path] = [
        files / "pool.jsonl",
        "--labels",
        files / "labels.jsonl",
        "-n",
        "4",
        "-o",
        files / "to_label.csv",
    ]
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "14 unlabelled texts; 0 left out that are labelled or nearly copies\n" in result.stderr
    assert "4 texts to label, chosen by " in result.stderr
    read = read_labels(files / "to_label.csv")
    assert {name for example in read.examples for name in example.topics} <= {"水果", "交通"}
    again = run(*arguments)
    assert again.exit_code == 1
    assert "may hold labels" in again.stderr
    as_json = run(*arguments, "--overwrite", "--json", "--no-ahead", "--strategy", "random")
    assert [*json.loads(as_json.stdout.split("\n")[0])] == [
        "text", "topics", "suggestion", "probability", "why", "document", "line",
    ]  # fmt: skip
    assert "4 texts to label, chosen by random\n" in as_json.stderr


def test_the_command_needs_labels_or_keywords(files: Path) -> None:
    assert run(files / "pool.jsonl").exit_code == 2
    result = run(files / "pool.jsonl", "--topics", files / "topics.toml", "-n", "2", "--blind")
    assert [json.loads(line)["suggestion"] for line in result.stdout.splitlines()] == [[], []]


@pytest.mark.parametrize("command", ["suggest", "keywords"])
def test_the_pool_may_name_its_texts_otherwise(files: Path, command: str) -> None:
    pool = files / "pool.json"
    pool.write_text(json.dumps([{"input": text.text, "output": "?"} for text in POOL]), "utf-8")
    more = ["--strategy", "random", "-n", "2", "--blind"] if command == "suggest" else ["-n", "2"]
    arguments: list[str | Path] = [command, pool, "--topics", files / "topics.toml", *more]
    assert "has no column 'text'" in invoke(main, arguments).stderr
    assert invoke(main, [*arguments, "--pool-field", "input", "--text-field", "text"]).exit_code == 0


@pytest.mark.full
@pytest.mark.parametrize(("option", "texts"), [("--split", 3), ("--whole", 1)])
def test_the_command_splits_articles_as_told(files: Path, option: str, texts: int) -> None:
    (files / "articles.jsonl").write_text(json.dumps({"text": ARTICLE}), "utf-8")
    result = run(files / "articles.jsonl", "--topics", files / "topics.toml", "-n", "9", option, "--strategy", "random")
    assert len(result.stdout.splitlines()) == texts
    assert ("1 article is split into 3 paragraphs" in result.stderr) == (texts == 3)
