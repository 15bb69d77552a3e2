"""Which columns are read of sheets as people have them, and what is said of the others."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from test_dataset_labels import FRUIT, TRAIN, said, texts_of, topics_of, written

from tagger.dataset import LabelOptions, read_dataset
from tagger.exchange import convert_labels
from tagger.formats.columns import TEXT_NAMES, TOPICS_NAMES, find_field

TEXTS = ["苹果甜又脆", "列车进站了", "梨子大又圆", "火车跑得快"]
TOPICS = [FRUIT, TRAIN, FRUIT, TRAIN]


def sheet(folder: Path, header: str, rows: Iterable[Sequence[str]]) -> Path:
    return written(folder, "\n".join([header, *(",".join(row) for row in rows)]) + "\n")


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("序号 标题 稿件正文 时间", "稿件正文"),
        ("docId headline articleBody", "articleBody"),
        ("title news_content", "news_content"),
        ("文章标题 栏目", "文章标题"),
        ("article.title article.body", "article.body"),
        ("label_text title", "title"),  # a text of the label
        ("context title", "title"),
    ],
)
def test_titles_are_texts_only_where_there_are_no_longer_ones(names: str, text: str) -> None:
    assert find_field(names.split(), None, TEXT_NAMES) == text


def test_english_compounds_name_topics_too() -> None:
    assert find_field(["text", "main_category"], None, TOPICS_NAMES) == "main_category"
    assert find_field(["text", "age_group"], None, TOPICS_NAMES) is None


@pytest.mark.parametrize("marks", ["Y N", "是 否", "✓ ×", "√ x", "有 无", "x -", "TRUE FALSE", "x  "])
def test_columns_of_marks(tmp_path: Path, marks: str) -> None:
    mark, none = marks.split(" ", 1)
    rows = [
        (text, *(mark if topic == name else none for name in (FRUIT, TRAIN)))
        for text, topic in zip(TEXTS, TOPICS, strict=True)
    ]
    assert topics_of(read_dataset(sheet(tmp_path, f"内容,{FRUIT},{TRAIN}", rows))) == TOPICS


def test_marks_in_an_object_have_the_names_of_topics(tmp_path: Path) -> None:
    records = [
        {"text": text, "label": {FRUIT: int(topic == FRUIT), TRAIN: int(topic == TRAIN)}}
        for text, topic in zip(TEXTS, TOPICS, strict=True)
    ]
    path = written(tmp_path, "\n".join(map(json.dumps, records)), "labels.jsonl")
    assert topics_of(read_dataset(path)) == TOPICS


def test_lists_of_marks_are_no_numbers_of_topics(tmp_path: Path) -> None:
    marks = [[1, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1], [0, 0, 1]]
    records = [{"text": text, "label": mark} for text, mark in zip([*TEXTS, "天黑了"], marks, strict=True)]
    path = written(tmp_path, "\n".join(map(json.dumps, records)), "labels.jsonl")
    dataset = read_dataset(path)
    assert topics_of(dataset) == ["0", "1", "0+2", "1+2", "2"]
    assert "lists of 0 and 1 in 'label' mark topics" in said(dataset)
    # Numbers of topics are lists of several lengths.
    records = [{"text": text, "label": mark} for text, mark in zip(TEXTS, [[1], [0], [1, 0], [0]], strict=True)]
    path = written(tmp_path, "\n".join(map(json.dumps, records)), "labels.jsonl")
    assert topics_of(read_dataset(path)) == ["1", "0", "0+1", "0"]


def test_a_later_record_without_its_list_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tagger.dataset.columns._SAMPLE", 4)
    marks: list[object] = [[1, 0], [0, 1], [1, 0], [0, 1], None]
    records = [{"text": text, "label": mark} for text, mark in zip([*TEXTS, "天黑了"], marks, strict=True)]
    dataset = read_dataset(written(tmp_path, "\n".join(map(json.dumps, records)), "labels.jsonl"))
    assert topics_of(dataset) == ["0", "1", "0", "1"]
    assert "passed over: 1 row that nobody has labelled (line 5)" in said(dataset)


def test_several_columns_of_topics(tmp_path: Path) -> None:
    rows = [(TEXTS[0], FRUIT, ""), (TEXTS[1], TRAIN, ""), (TEXTS[2], FRUIT, TRAIN), (TEXTS[3], TRAIN, "")]
    path = sheet(tmp_path, "正文,标签1,标签2", rows)
    dataset = read_dataset(path)
    assert topics_of(dataset) == [FRUIT, TRAIN, FRUIT + "+" + TRAIN, TRAIN]
    assert "each of the columns 标签1, 标签2 holds a topic" in said(dataset)
    one = read_dataset(path, options=LabelOptions(topics_field="标签1"))
    assert topics_of(one) == TOPICS
    assert convert_labels(path, tmp_path / "out.jsonl").notes == ()
    records = [{"text": t, "label1": FRUIT if t == TEXTS[0] else TRAIN, "label2": None} for t in TEXTS]
    path = written(tmp_path, "\n".join(map(json.dumps, records)), "labels.jsonl")
    nulls = read_dataset(path, options=LabelOptions(rare="keep"))
    assert topics_of(nulls) == [FRUIT, TRAIN, TRAIN, TRAIN]


def test_other_texts_and_parts_that_are_not_read_are_said(tmp_path: Path) -> None:
    rows = [
        ("今日要闻的标题", text, "社会", topic, part)
        for text, topic, part in zip(TEXTS, TOPICS, ["train", "train", "dev", "test"], strict=True)
    ]
    path = sheet(tmp_path, "标题,内容,一级分类,二级分类,split", rows)
    dataset = read_dataset(path, options=LabelOptions(topics_field="二级分类"))
    assert texts_of(dataset) == TEXTS
    assert "texts are read from '内容', and not from '标题': --text-field chooses" in said(dataset)
    assert "column 'split' parts the rows into train, dev, test: all of them are read" in said(dataset)
    asked = read_dataset(path, options=LabelOptions(topics_field="二级分类", text_field="内容"))
    assert "标题" not in said(asked)


def test_levels_of_topics_are_said(tmp_path: Path) -> None:
    rows = [(text, topic, topic + "类") for text, topic in zip(TEXTS, TOPICS, strict=True)]
    dataset = read_dataset(sheet(tmp_path, "正文,一级分类,二级分类", rows))
    assert "topics are read from '一级分类', not from '二级分类': --topics-field chooses" in said(dataset)
