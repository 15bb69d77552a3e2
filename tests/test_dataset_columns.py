"""Which columns are read of sheets as people have them, and what is said of the others."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tagger.dataset import Dataset, LabelOptions, read_dataset
from tagger.errors import DataError
from tagger.exchange import convert_labels
from tagger.formats.columns import TEXT_NAMES, TOPICS_NAMES, find_field

FRUIT, TRAIN = "水果", "交通"
TEXTS = ["苹果甜又脆", "列车进站了", "梨子大又圆", "火车跑得快"]
TOPICS = [FRUIT, TRAIN, FRUIT, TRAIN]


def written(folder: Path, content: str, name: str = "labels.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def texts_of(dataset: Dataset) -> list[str]:
    return [example.text for example in dataset.examples]


def topics_of(dataset: Dataset) -> list[str]:
    return ["+".join(example.topics) for example in dataset.examples]


def said(dataset: Dataset) -> str:
    assert dataset.reading is not None
    return "\n".join(dataset.reading.sentences())


def sheet(folder: Path, header: str, rows: Iterable[Sequence[str]]) -> Path:
    return written(folder, "\n".join([header, *(",".join(row) for row in rows)]) + "\n")


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("序号 标题 稿件正文 时间", "稿件正文"),
        ("docId headline articleBody", "articleBody"),
        ("title news_content", "news_content"),
        ("文章标题 栏目", "文章标题"),
        ("标题 回复内容 来信内容", "来信内容"),
        ("标题 回复内容", "回复内容"),
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
    assert topics_of(dataset) == [FRUIT, TRAIN, f"{TRAIN}+{FRUIT}", TRAIN]
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


def test_folders_that_part_train_from_test_are_no_topics(tmp_path: Path) -> None:
    for number, (text, topic) in enumerate(zip(TEXTS, TOPICS, strict=True)):
        written(tmp_path, text, f"语料/{'train' if number < 2 else 'test'}/{topic}/{number}.txt")
    dataset = read_dataset(tmp_path / "语料")
    assert sorted(topics_of(dataset)) == sorted(TOPICS)
    assert "a folder for each of 2 topics, 4 files" in said(dataset)
    assert "the folders test, train part train from test" in said(dataset)
    # Only one such name, or a topic beside, and they are topics.
    written(tmp_path, "看电影", "语料/电影/1.txt")
    written(tmp_path, "看电视", "语料/电影/2.txt")
    assert set(topics_of(read_dataset(tmp_path / "语料"))) == {"test", "train", "电影"}


def test_what_programs_write_for_no_text_is_none(tmp_path: Path) -> None:
    rows = [*zip(TEXTS, TOPICS, strict=True), ("nan", FRUIT), ("#N/A", TRAIN), ("NULL", FRUIT)]
    dataset = read_dataset(sheet(tmp_path, "text,label", rows))
    assert texts_of(dataset) == TEXTS
    assert "passed over: 3 rows without a text (lines 6, 7, 8)" in said(dataset)


@pytest.mark.parametrize("cell", ["待定", "待复核", "无法判断", "TODO"])
def test_what_is_not_decided_is_no_topic(tmp_path: Path, cell: str) -> None:
    rows = [*zip(TEXTS, TOPICS, strict=True), ("看天气", cell), ("看电视", cell)]
    dataset = read_dataset(sheet(tmp_path, "text,label", rows))
    assert topics_of(dataset) == TOPICS
    assert "passed over: 2 rows that nobody has labelled (lines 6, 7)" in said(dataset)


def test_values_of_numpy_are_those_of_python() -> None:
    places = np.array([0, 1, 0, 1])
    assert topics_of(read_dataset(zip(TEXTS, places, strict=True))) == ["0", "1", "0", "1"]
    assert topics_of(read_dataset(np.array([TEXTS, TOPICS]).T)) == TOPICS
    records = [{"text": text, "labels": np.array([topic])} for text, topic in zip(TEXTS, TOPICS, strict=True)]
    assert topics_of(read_dataset(records)) == TOPICS
    assert topics_of(read_dataset([(t, [np.int64(n)]) for t, n in zip(TEXTS, places, strict=True)])) == list("0101")


def test_columns_in_a_dict() -> None:
    dataset = read_dataset({"text": TEXTS, "label": TOPICS})
    assert (texts_of(dataset), topics_of(dataset)) == (TEXTS, TOPICS)
    with pytest.raises(DataError, match="has columns of several lengths: 2, 4"):
        read_dataset({"text": TEXTS, "label": TOPICS[:2]})
    with pytest.raises(TypeError, match="give a file name, a table, examples, records or pairs"):
        read_dataset(dict(zip(TEXTS, TOPICS, strict=True)))


class Table:
    """A table of pandas, of which two columns have one name."""

    columns = ("text", "label", "text")

    def to_dict(self, orient: str) -> list[dict[str, str]]:
        raise AssertionError(orient)


def test_a_table_with_two_columns_of_one_name_is_refused() -> None:
    with pytest.raises(DataError, match="has several columns 'text': rename them"):
        read_dataset(Table())


def test_texts_in_the_place_of_topics_are_warned_of() -> None:
    dataset = read_dataset([(topic, text) for text, topic in zip(TEXTS, TOPICS, strict=True)])
    assert "Warning: nearly every text has a topic of its own, such as '苹果甜又脆': are these" in said(dataset)
    assert "of its own" not in said(read_dataset(zip(TEXTS, TOPICS, strict=True)))


def test_what_one_object_of_json_holds(tmp_path: Path) -> None:
    by_number = {name: dict(enumerate(column)) for name, column in (("text", TEXTS), ("label", TOPICS))}
    rows = [{"content": text, "category": topic} for text, topic in zip(TEXTS, TOPICS, strict=True)]
    for value, note in (
        ({"text": TEXTS, "label": TOPICS}, "one object holds a list for each column"),
        (by_number, "one object holds a list for each column"),
        ({"code": 0, "data": {"total": 4, "rows": rows}}, "one object holds all records, in its field 'data.rows'"),
    ):
        dataset = read_dataset(written(tmp_path, json.dumps(value), "labels.json"))
        assert (texts_of(dataset), topics_of(dataset)) == (TEXTS, TOPICS)
        assert note in said(dataset)
    # Columns that do not fit each other, and a record that has its topics, are no such thing.
    others: list[object] = [
        {"text": TEXTS, "label": TOPICS[:2]},
        {"a": [1, 2], "b": [3, 4]},
        {"a": rows, "label": [FRUIT]},
    ]
    for other in others:
        with pytest.raises(DataError, match=r"has no column 'text'|the text is \["):
            read_dataset(written(tmp_path, json.dumps(other), "labels.json"))


def test_a_column_alone_has_no_topics(tmp_path: Path) -> None:
    path = written(tmp_path, "\n".join(f"{topic}：{text}" for text, topic in zip(TEXTS, TOPICS, strict=True)))
    with pytest.raises(DataError, match=r"has one column only, '1', and none of topics: .*--delimiter"):
        read_dataset(path)
    assert topics_of(read_dataset(path, options=LabelOptions(delimiter="：", text_field="2"))) == TOPICS


def test_an_error_names_some_columns_only(tmp_path: Path) -> None:
    record = {f"{number} {TEXTS[0] * 10}": FRUIT for number in range(100)}
    with pytest.raises(DataError) as caught:
        read_dataset(written(tmp_path, json.dumps(record), "labels.json"))
    assert len(str(caught.value)) < 1200


def test_topics_that_are_dates_or_bear_a_remark_are_warned_of(tmp_path: Path) -> None:
    rows = [*zip(TEXTS, ["2024-01-02", "2-Jan"] * 2, strict=True)]
    assert "Warning: topics such as '2024-01-02' are dates" in said(read_dataset(sheet(tmp_path, "text,label", rows)))
    rows = [*zip(TEXTS, TOPICS, strict=True), ("西瓜", f"{FRUIT}（待复核）"), ("桃子", f"{FRUIT}（待复核）")]
    dataset = read_dataset(sheet(tmp_path, "text,label", rows))
    assert f"a remark stands behind the name: '{FRUIT}（待复核）'; take out what is none" in said(dataset)
    rows = [(text, f"{topic}（类）") for text, topic in zip(TEXTS, TOPICS, strict=True)]
    assert "remark" not in said(read_dataset(sheet(tmp_path, "text,label", rows)))


def test_a_column_of_numbers_is_hardly_one_of_topics(tmp_path: Path) -> None:
    rows = [(f"苹果甜{number}", str(number)) for number in range(20)]
    assert "Warning: nearly every text has a topic of its own, such as '0'" in said(
        read_dataset(sheet(tmp_path, "text,label", rows))
    )


def test_texts_without_a_word_are_warned_of(tmp_path: Path) -> None:
    rows = [("1020", FRUIT), ("😀", TRAIN), ("3040", FRUIT), ("火车", TRAIN)]
    dataset = read_dataset(sheet(tmp_path, "text,label", rows))
    assert "Warning: no word, but signs or digits: 3 texts (first on line 2)" in said(dataset)
    assert "no word" not in said(read_dataset(sheet(tmp_path, "text,label", [*rows, *zip(TEXTS, TOPICS, strict=True)])))


def test_numbers_are_not_parted(tmp_path: Path) -> None:
    rows = [*zip(TEXTS, ["1E+02", "2E+02"] * 2, strict=True)]
    assert topics_of(read_dataset(sheet(tmp_path, "text,label", rows))) == ["1E+02", "2E+02"] * 2
    for sign in "、+;":
        rows = [*zip(TEXTS, ["1", "2", f"1{sign}2", "2"], strict=True)]
        assert topics_of(read_dataset(sheet(tmp_path, "text,label", rows))) == ["1", "2", "1+2", "2"]


@pytest.mark.parametrize(
    ("header", "cells", "topics"),
    [
        (f"正文,是否{FRUIT}", ["是", "否"], [FRUIT, ""]),
        (f"正文,是否{FRUIT},是否{TRAIN}", ["是,否", "否,是"], [FRUIT, TRAIN]),
        (f"正文,{FRUIT}", ["x", ""], [FRUIT, ""]),
        (f"正文,{FRUIT}", ["√", ""], [FRUIT, ""]),
        ("正文,态度", ["是", "否"], ["是", "否"]),
    ],
)
def test_a_mark_is_no_name_of_a_topic(tmp_path: Path, header: str, cells: list[str], topics: list[str]) -> None:
    rows = [(text, cells[number % 2]) for number, text in enumerate(TEXTS)]
    assert topics_of(read_dataset(sheet(tmp_path, header, rows))) == topics * 2


@pytest.mark.parametrize(
    "header",
    ["*正文,单位,*类别", "1、请粘贴正文：,单位,2、所属类别？", "正 文,单位,类别（单选）", "“正文”,单位,【类别】"],
)
def test_names_of_columns_as_forms_have_them(tmp_path: Path, header: str) -> None:
    rows = [(text, unit, topic) for text, unit, topic in zip(TEXTS, ["甲", "甲", "乙", "乙"], TOPICS, strict=True)]
    dataset = read_dataset(sheet(tmp_path, header, rows))
    assert (texts_of(dataset), topics_of(dataset)) == (TEXTS, TOPICS)


def test_marks_stand_beside_what_people_write_of_rows(tmp_path: Path) -> None:
    rows = [
        (str(number), text, *("1" if topic == name else "" for name in (FRUIT, TRAIN)), "1", "小王")
        for number, (text, topic) in enumerate(zip(TEXTS, TOPICS, strict=True))
    ]
    assert topics_of(read_dataset(sheet(tmp_path, f"序号,正文,{FRUIT},{TRAIN},合计,标注人", rows))) == TOPICS


def test_cells_parted_by_a_control_character(tmp_path: Path) -> None:
    path = written(
        tmp_path, "".join(f"{text}\x01{topic}\n" for text, topic in zip(TEXTS, TOPICS, strict=True)), "part-0"
    )
    dataset = read_dataset(path)
    assert topics_of(dataset) == TOPICS
    assert "parted by Ctrl-A" in said(dataset)
