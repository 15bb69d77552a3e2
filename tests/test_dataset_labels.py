"""Label files as people have them: what is read from each, and what is said of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tagger.dataset import Dataset, LabelOptions, Labels, Passed, Reading, read_dataset, read_held_out, read_labels
from tagger.dataset.cells import find_separators, is_span, list_names, one_spelling, split_names
from tagger.dataset.documents import copy_key, in_order, is_sorted_by_topic
from tagger.dataset.reading import list_lines
from tagger.dataset.unlabelled import fresh_texts, read_unlabelled
from tagger.errors import DataError, SettingsError
from tagger.messages import Message, english, used
from tagger.records import Example, Topic

FRUIT, TRAIN, SKY = "水果", "交通", "天气"


def written(folder: Path, content: str | bytes, name: str = "labels.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def topics_of(labels: Labels | Dataset) -> list[str]:
    return ["+".join(example.topics) for example in labels.examples]


def texts_of(labels: Labels | Dataset) -> list[str]:
    return [example.text for example in labels.examples]


def said(dataset: Dataset) -> str:
    assert dataset.reading is not None
    return "\n".join(dataset.reading.sentences())


def test_a_row_without_a_label_at_the_end_is_passed_over_and_named(tmp_path: Path) -> None:
    path = written(tmp_path, f"text,label\n苹果甜,{FRUIT}\n梨大,{FRUIT}\n车快,{TRAIN}\n站大,{TRAIN}\n制表人,\n")
    dataset = read_dataset(path)
    assert topics_of(dataset) == [FRUIT, FRUIT, TRAIN, TRAIN]
    assert "4 examples of 5 rows" in said(dataset)
    assert "passed over: 1 row without a topic (line 6)" in said(dataset)
    assert "--without-topic keep" in said(dataset)


def test_rows_without_a_label_teach_nothing_unless_that_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, f"text,label\n苹果甜\n很多,{FRUIT}\n梨大,{FRUIT}\n车快\n站大,{TRAIN}\n车多,{TRAIN}\n")
    dataset = read_dataset(path)
    assert dataset.reading is not None
    assert (dataset.reading.rows, dataset.reading.texts) == (6, 4)
    assert dataset.reading.passed == (Passed("rows without a topic", 2, (2, 5)),)
    kept = read_dataset(path, options=LabelOptions(without_topic="keep"))
    assert topics_of(kept) == ["", FRUIT, FRUIT, "", TRAIN, TRAIN]
    assert "2 rows without a topic teach that a text may have none, as asked for" in said(kept)
    assert "without a topic 2 (lines 2, 5)" in said(kept)
    dropped = read_dataset(path, options=LabelOptions(without_topic="drop"))
    assert "--without-topic" not in said(dropped)
    for options in (LabelOptions(without_topic="stop"), LabelOptions(strict=True)):
        with pytest.raises(DataError, match=r"labels\.csv:2: has no topic: label it, or give --without-topic"):
            read_dataset(path, options=options)


def test_cells_that_were_merged_in_excel_are_guessed_at(tmp_path: Path) -> None:
    rows = "".join(
        f"苹果{n},{FRUIT if n in (0, 9) else ''}\n火车{n},{TRAIN if n in (0, 9) else ''}\n" for n in range(45)
    )
    dataset = read_dataset(written(tmp_path, f"text,label\n{rows}"))
    assert "Warning: 86 of 90 rows have no topic: if cells were merged in Excel, unmerge and fill them" in said(dataset)
    assert "(lines 4, 5, 6, 7, 8 …)" in said(dataset)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (f"苹果,{FRUIT}\n火车,{TRAIN}\n下雨,\n车上的梨,{FRUIT}|{TRAIN}\n", "as other rows have several"),
        (f"苹果,{FRUIT}\n梨,{FRUIT}\n下雨,\n", "as there is one topic only"),
    ],
)
def test_rows_without_a_label_are_kept_where_the_other_rows_show_what_they_mean(
    tmp_path: Path, rows: str, why: str
) -> None:
    dataset = read_dataset(written(tmp_path, f"text,label\n{rows}"))
    assert "" in topics_of(dataset)
    assert f"1 row without a topic teach that a text may have none, {why}" in said(dataset)


def test_our_own_column_of_topics_may_have_many_that_are_empty(tmp_path: Path) -> None:
    rows = f"苹果,{FRUIT}\n梨,{FRUIT}\n车,{TRAIN}\n站,{TRAIN}\n下雨,\n刮风,\n"
    dataset = read_dataset(written(tmp_path, f"text,topics\n{rows}"))
    assert "as the column is named topics and many rows have none" in said(dataset)


@pytest.mark.parametrize(
    "several",
    [
        f"{FRUIT}#{TRAIN}",
        f"{FRUIT}、{TRAIN}",
        f"{FRUIT};{TRAIN}",
        f"{FRUIT}｜{TRAIN}",
        f"{FRUIT}/{TRAIN}",
        f"{FRUIT} {TRAIN}",
        f'"{FRUIT},{TRAIN}"',
        f'"[""{FRUIT}"", ""{TRAIN}""]"',
        f"\"['{FRUIT}', '{TRAIN}']\"",
        f"\"('{FRUIT}', '{TRAIN}')\"",
        f'"{{""choices"": [""{FRUIT}"", ""{TRAIN}""]}}"',
    ],
)
def test_several_topics_in_a_cell_are_several_topics(tmp_path: Path, several: str) -> None:
    rows = f"苹果甜,{FRUIT}\n梨大,{FRUIT}\n车快,{TRAIN}\n站大,{TRAIN}\n车上的梨,{several}\n站里的梨,{several}\n"
    dataset = read_dataset(written(tmp_path, f"id,text,label\n{rows}".replace("\n", "\n1,").removesuffix("1,")))
    both = "+".join(sorted([FRUIT, TRAIN]))
    assert topics_of(dataset) == [FRUIT, FRUIT, TRAIN, TRAIN, both, both]


def test_topics_that_only_come_together_are_told_by_the_company_they_keep(tmp_path: Path) -> None:
    rows = "球员吃面,体育、美食\n跑完吃面,体育、美食\n球员买房,体育、财经\n球队上市,体育、财经\n"
    dataset = read_dataset(written(tmp_path, f"text,label\n{rows}"))
    assert topics_of(dataset) == ["体育+美食", "体育+美食", "体育+财经", "体育+财经"]
    assert "cells such as '体育、美食' hold several topics, parted by 、; --separator chooses" in said(dataset)


def test_names_with_a_slash_stay_whole(tmp_path: Path) -> None:
    rows = '苹果甜,生活/水果\n梨大,生活/水果\n球赢了,体育/足球\n球快,体育/足球\n边吃边看,"体育/足球,生活/水果"\n'
    dataset = read_dataset(written(tmp_path, f"text,label\n{rows}"))
    assert {*topics_of(dataset)} == {"生活/水果", "体育/足球", "体育/足球+生活/水果"}


def test_the_separator_may_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, "text,label\n苹果,甲*乙\n梨,甲*乙\n")
    assert topics_of(read_labels(path)) == ["甲*乙", "甲*乙"]
    assert topics_of(read_labels(path, LabelOptions(separator="*"))) == ["乙+甲", "乙+甲"]
    with pytest.raises(SettingsError, match="separator is empty"):
        LabelOptions(separator="")


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("1", "1.0", "1 (also '1.0')"),
        ("food", "Food", "food (also 'Food')"),
        ("sport", "sport\u200b", r"sport (also 'sport\u200b')"),
        ("a b", "a  b", "a b (also 'a  b')"),
        ("ＡＢ", "AB", "ＡＢ (also 'AB')"),
    ],
)
def test_one_topic_in_two_spellings_is_one_and_that_is_said(tmp_path: Path, one: str, other: str, shown: str) -> None:
    rows = f"苹果甜,{one}\n梨大,{one}\n葡萄酸,{other}\n车快,交通\n站大,交通\n"
    dataset = read_dataset(written(tmp_path, f"text,label\n{rows}"), options=LabelOptions(separator="|"))
    assert [topic.name for topic in dataset.topics] == sorted(["交通", one])
    assert f"names that differ only by case, width, spaces or .0 are one topic: {shown}" in said(dataset)


def test_of_two_columns_that_could_be_the_topics_the_choice_is_said(tmp_path: Path) -> None:
    path = written(
        tmp_path, f"text,topic,label\n苹果,热点,{FRUIT}\n梨,专题,{FRUIT}\n车,热点,{TRAIN}\n站,专题,{TRAIN}\n"
    )
    labels = read_labels(path)
    assert labels.reading.columns == {"text": "text", "topics": "topic"}
    assert labels.reading.notes == ("topics are read from 'topic', not from 'label': --topics-field chooses",)
    chosen = read_labels(path, LabelOptions(topics_field="label"))
    assert (topics_of(chosen), chosen.reading.notes) == ([FRUIT, FRUIT, TRAIN, TRAIN], ())


def test_of_two_columns_the_one_with_words_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, f"sentence,label,label_desc\n苹果,100,{FRUIT}\n车,101,{TRAIN}\n")
    assert topics_of(read_labels(path)) == [FRUIT, TRAIN]
    numbers = written(tmp_path, "sentence,label,class\n苹果,100,1\n车,101,2\n", "b.csv")
    assert topics_of(read_labels(numbers)) == ["100", "101"]


def test_a_row_for_each_label_is_offered_as_several_topics_and_read_so_where_asked(tmp_path: Path) -> None:
    path = written(tmp_path, f"text,label\n车上吃梨,{TRAIN}\n车上吃梨 ,{FRUIT}\n梨大,{FRUIT}\n车快,{TRAIN}\n")
    dataset = read_dataset(path)
    assert len(dataset.examples) == 4
    assert "Warning: 1 text with other topics than before (line 3), kept as they are: settle on one" in said(dataset)
    merged = read_dataset(path, options=LabelOptions(several=True))
    assert topics_of(merged) == ["+".join(sorted([FRUIT, TRAIN])), FRUIT, TRAIN]
    assert "4 rows are 3 texts: topics of one text are put together" in said(merged)
    with pytest.raises(DataError, match=r"labels\.csv:3: the same text has the topics"):
        read_dataset(path, options=LabelOptions(strict=True))


def test_texts_of_one_row_each_are_not_put_together(tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, "text,label\n苹果,a\n车,b\n"), LabelOptions(several=True))
    assert (topics_of(labels), labels.reading.notes) == (["a", "b"], ())


def test_header_lines_in_the_middle_are_passed_over_and_counted(tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, "text,label\n苹果,a\ntext,label\n车,b\nText , LABEL\n"))
    assert topics_of(labels) == ["a", "b"]
    assert labels.reading.passed == (Passed("header lines among the rows", 2, (3, 5)),)


def test_a_tab_separated_table_that_is_not_quoted_is_read_as_such(tmp_path: Path) -> None:
    rows = f'苹果\t{FRUIT}\n"今天梨好吃\t{FRUIT}\n车快\t{TRAIN}\n站大\t{TRAIN}\n他说"\t{FRUIT}\n车多\t{TRAIN}\n'
    dataset = read_dataset(written(tmp_path, f"text\tlabel\n{rows}", "labels.tsv"))
    assert "table, parted by tab, not quoted" in said(dataset)
    assert len(dataset.examples) == 6


def test_empty_cells_at_the_end_of_rows_are_nothing(tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, "text,label\n苹果,a,,\n车,b,,\n"))
    assert (topics_of(labels), labels.problems) == (["a", "b"], ())


@pytest.mark.parametrize(
    ("name", "content", "topics"),
    [
        ("a.json", '[{"text": "苹果", "label": "a"}, {"text": "车", "label": "b"}]', ["a", "b"]),
        ("a.json", '{"text": "苹果", "label": "a"}\n{"text": "车", "label": "b"}\n', ["a", "b"]),
        ("a.jsonl", '{"text": "苹果", "label": 1}\n{"text": "车", "label": 0}\n', ["1", "0"]),
        ("a.jsonl", '{"text": "苹果", "label": ["a"]}\n{"text": "车", "label": [1, null]}\n', ["a", "1"]),
        ("a.jsonl", '{"text": "苹果", "label": 1.5}\n{"text": "车", "label": 2.0}\n', ["1.5", "2"]),
        ("a.jsonl", '{"_source": {"text": "苹果", "label": "a"}}\n', ["a"]),
        ("a.txt", "__label__a __label__b 苹 果\n__label__b 车 快\n", ["a+b", "b"]),
        ("a.txt", "苹果很甜\ta\n梨很大\ta\n车很快\tb\n站很大\tb\n", ["a", "a", "b", "b"]),
        ("a.txt", "a\t苹果很甜\na\t梨很大\nb\t车很快\nb\t站很大\n", ["a", "a", "b", "b"]),
        ("a.csv", "text,水果,交通\n苹果,1,0\n车,0,1\n都有,1,1\n", ["水果", "交通", "交通+水果"]),
        ("a.csv", "id,text,水果,交通\n7,苹果,√,\n8,车,,√\n", ["水果", "交通"]),
    ],
)  # fmt: skip
def test_each_form_that_labels_come_in_is_read(tmp_path: Path, name: str, content: str, topics: list[str]) -> None:
    labels = read_labels(written(tmp_path, content, name))
    assert (topics_of(labels), labels.problems) == (topics, ())


def test_null_is_no_label_and_no_text(tmp_path: Path) -> None:
    lines = '{"text": null, "label": "a"}\n{"text": "车", "label": null}\n{"text": "梨", "label": "b"}\n'
    labels = read_labels(written(tmp_path, lines, "a.jsonl"))
    assert topics_of(labels) == ["b"]
    assert labels.reading.passed == (
        Passed("rows without a text", 1, (1,)),
        Passed("rows that nobody has labelled", 1, (2,)),
    )


def test_numbers_stand_for_the_lines_of_a_list_of_classes(tmp_path: Path) -> None:
    written(tmp_path, f"{FRUIT}\n{TRAIN}\n", "class.txt")
    path = written(tmp_path, "苹果很甜\t0\n梨很大\t0\n车很快\t1\n站很大\t1\n", "train.txt")
    dataset = read_dataset(path)
    assert topics_of(dataset) == [FRUIT, FRUIT, TRAIN, TRAIN]
    assert "numbers of topics are lines of the list of classes beside the file, 0 being '水果'" in said(dataset)
    outside = written(tmp_path, "苹果很甜\t0\n梨很大\t2\n", "other.txt")
    assert topics_of(read_labels(outside)) == ["0", "2"]
    assert topics_of(read_labels(written(tmp_path, "甲很甜\t1\n", "classes.txt"))) == [TRAIN]


def test_a_folder_for_each_topic_is_read(tmp_path: Path) -> None:
    written(tmp_path, "苹果", f"{FRUIT}/1.txt")
    written(tmp_path, "车快".encode("gb18030"), f"{TRAIN}/more/2.txt")
    written(tmp_path, b"\0\xff", f"{TRAIN}/.DS_Store")
    written(tmp_path, "藏", ".git/3.txt")
    written(tmp_path, "读我", "README.md")
    labels = read_labels(tmp_path)
    assert [(e.text, *e.topics) for e in labels.examples] == [("车快", TRAIN), ("苹果", FRUIT)]
    assert labels.reading.form == "a folder for each of 2 topics, 2 files"
    written(tmp_path, b"\x89PNG\xff\xff", f"{TRAIN}/4.txt")
    (problem,) = read_labels(tmp_path).problems
    assert "4.txt: byte 0xff" in problem.message


def test_hidden_folders_among_those_of_topics_are_passed_over(tmp_path: Path) -> None:
    written(tmp_path, "苹果", f"{FRUIT}/1.txt")
    written(tmp_path, "苹果", f"{FRUIT}/.checkpoints/1.txt")
    assert texts_of(read_labels(tmp_path)) == ["苹果"]


def test_a_folder_without_folders_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "苹果", "1.txt")
    with pytest.raises(DataError, match="is a folder without folders: labels are a file, or a folder for each topic"):
        read_labels(tmp_path)


def test_a_workbook_trains_without_any_option(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    workbook = openpyxl.Workbook()
    for row in (["文本", "标签"], ["苹果", FRUIT], ["梨", FRUIT], ["车", TRAIN], ["站", TRAIN]):
        workbook.active.append(row)
    workbook.save(tmp_path / "book.xlsx")
    assert topics_of(read_dataset(tmp_path / "book.xlsx")) == [FRUIT, FRUIT, TRAIN, TRAIN]


def test_the_euro_sign_of_chinese_windows_is_read(tmp_path: Path) -> None:
    data = "text,label\n苹果卖".encode("gb18030") + b"\x80" + "5一斤,a\n车票很贵,b\n".encode("gb18030")
    assert texts_of(read_labels(written(tmp_path, data))) == ["苹果卖€5一斤", "车票很贵"]


def test_big5_of_windows_and_hong_kong_is_read(tmp_path: Path) -> None:
    content = "text,label\n警方提醒民眾，這裏的警員恒常接受訓練,治安\n佢哋喺茶餐廳傾偈,生活\n"
    assert topics_of(read_labels(written(tmp_path, content.encode("big5hkscs")))) == ["治安", "生活"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path: Path, encoding: str) -> None:
    rows = f"苹果很甜很甜很甜,{FRUIT}\n梨很大很大很大,{FRUIT}\n".encode(encoding)
    data = b"text,label\n" + rows + b"\xff\xff," + f"{TRAIN}\n车很快,{TRAIN}\n".encode(encoding)
    with pytest.raises(DataError, match=r"labels\.csv:4: .*0xff"):
        read_dataset(written(tmp_path, data))


def test_what_is_no_text_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        read_dataset(written(tmp_path, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4, "photo.png"))


def test_bytes_that_were_replaced_and_texts_that_were_spoilt_are_warned_of(tmp_path: Path) -> None:
    rows = f"苹果很甜很甜很甜,{FRUIT}\n".encode() + b"a\xff," + f"{FRUIT}\n鐨勬槸锛屾垜,{TRAIN}\n车,{TRAIN}\n".encode()
    dataset = read_dataset(written(tmp_path, b"text,label\n" + rows), options=LabelOptions(errors="replace"))
    assert "Warning: U+FFFD where bytes were replaced: 1 text (first on line 3)" in said(dataset)
    assert "Warning: read in a wrong encoding before, by the looks: 1 text (first on line 4)" in said(dataset)


@pytest.mark.parametrize("name", ["nan", "#N/A", "NULL", "无标签", "=A1&B1", "-", "\\N", " "])
def test_what_programs_write_where_there_is_no_label_is_none(tmp_path: Path, name: str) -> None:
    labels = read_labels(written(tmp_path, f"text,label\n苹果,a\n梨,{name}\n车,b\n"))
    assert topics_of(labels) == ["a", "b"]
    assert labels.reading.passed == (Passed("rows without a topic", 1, (3,)),)


@pytest.mark.parametrize("word", ["未标注", " 待标注", "Unlabelled"])
def test_what_says_that_nobody_has_labelled_a_row_does_not_teach_that_it_has_no_topic(
    tmp_path: Path, word: str
) -> None:
    path = written(tmp_path, f"text,label\n苹果,a|b\n梨,{word}\n车,b\n雨,\n")
    labels = read_labels(path)
    assert topics_of(labels) == ["a+b", "b", ""]
    assert labels.reading.passed == (Passed("rows that nobody has labelled", 1, (3,)),)
    assert topics_of(read_labels(path, LabelOptions(without_topic="keep"))) == ["a+b", "", "b", ""]


def test_labels_of_stretches_of_a_text_are_refused(tmp_path: Path) -> None:
    for value in ([[0, 2, "水果"]], [{"start_offset": 0, "end_offset": 2, "label": "a"}], [{"start": 0, "end": 1}]):
        path = written(tmp_path, json.dumps({"text": "苹果很甜", "label": value}) + "\n", "a.jsonl")
        with pytest.raises(DataError, match=r"a\.jsonl:1: the topics are .*: labels of stretches of a text; Tagger"):
            read_dataset(path)
    assert not is_span("水果")
    assert not is_span([0, 2])


@pytest.mark.parametrize("value", [{"a": 1}, [["a"]], [{"name": "a"}], [b"a" * 200]])
def test_what_is_neither_a_name_nor_a_list_of_names_is_told(value: Any) -> None:
    labels = read_labels([{"text": "苹果", "label": value}, {"text": "梨", "label": "b"}])
    (problem,) = labels.problems
    assert problem.message.startswith("the topics are ")
    assert problem.message.endswith("they must be names, or a list of names")


def test_texts_with_markup_are_read_as_a_browser_shows_them(tmp_path: Path) -> None:
    rows = f"<p>苹果&nbsp;<b>很甜</b></p>,{FRUIT}\n<p>梨</p>,{FRUIT}\n车,{TRAIN}\n站,{TRAIN}\n"
    dataset = read_dataset(written(tmp_path, f"text,label\n{rows}"))
    assert texts_of(dataset) == ["苹果 很甜", "梨", "车", "站"]
    assert said(dataset).count("texts hold tags of HTML, from line 2 on") == 1


def test_a_text_of_nothing_but_markup_is_passed_over_and_counted(tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, f"text,label\n<p> </p>,{FRUIT}\n梨,{FRUIT}\n"))
    assert labels.reading.passed == (Passed("rows without a text", 1, (2,)),)


@pytest.mark.parametrize("text", [True, [1], {"a": {"b": 1}}])
def test_a_text_that_is_no_string_is_told(text: Any) -> None:
    labels = read_labels([{"text": "梨", "label": "b"}, {"text": text, "label": "a"}])
    (problem,) = labels.problems
    assert (problem.line, "it must be a string" in problem.message) == (2, True)


def test_numbers_are_texts_and_nan_is_none() -> None:
    labels = read_labels(
        [{"text": 12, "label": "a"}, {"text": float("nan"), "label": "a"}, {"text": "梨", "label": "b"}]
    )
    assert texts_of(labels) == ["12", "梨"]


STUDIO_ROW = {"id": 1, "annotator": 1, "annotation_id": 7, "text": "苹果", "label": FRUIT}


def task(text: str, *annotations: dict[str, Any]) -> dict[str, Any]:
    return {"id": 1, "data": {"text": text, "document": "d"}, "annotations": list(annotations)}


def made(*choices: str, at: str = "", **others: Any) -> dict[str, Any]:
    return {"result": [{"value": {"choices": [*choices]}}], "created_at": at, **others}


def test_tasks_of_label_studio_are_read_with_the_newest_annotation(tmp_path: Path) -> None:
    tasks: list[Any] = [
        task("苹果", made(FRUIT)),
        task("火车", made(FRUIT, at="2026-01-01"), made(TRAIN, at="2026-01-02"), made(FRUIT, at="2025-01-01")),
        task("跳过", made(FRUIT, was_cancelled=True), "?"),  # type: ignore[arg-type]
        task("没标"),
        task("分类", {"result": [{"value": {"taxonomy": [["生活", FRUIT]]}}, "?", {"value": {}}]}),
        {"id": 6, "data": {"said": "评语"}, "annotations": [made(TRAIN)]},
        {"id": 7, "data": {"n": 1}, "annotations": [made(TRAIN)]},
        {"text": "平常", "topics": TRAIN},
        task("空", {"result": None}),
    ]
    labels = read_labels(written(tmp_path, json.dumps(tasks), "export.json"), LabelOptions(without_topic="keep"))
    assert [(e.text, *e.topics) for e in labels.examples] == [
        ("苹果", FRUIT),
        ("火车", TRAIN),
        ("跳过",),
        ("没标",),
        ("分类", f"生活/{FRUIT}"),
        ("评语", TRAIN),
        ("平常", TRAIN),
        ("空",),
    ]
    assert labels.reading.form == "JSON, tasks of Label Studio"
    assert labels.examples[0].document == "d"


def test_stretches_of_label_studio_are_refused(tmp_path: Path) -> None:
    for value in ({"start": 0, "end": 2, "labels": ["a"]}, {"labels": ["a"]}):
        tasks = [task("苹果", {"result": [{"value": value}]})]
        with pytest.raises(DataError, match=r"export\.json:1: marks stretches of text: Tagger learns topics of whole"):
            read_labels(written(tmp_path, json.dumps(tasks), "export.json"))


def test_a_damaged_export_of_label_studio_is_told(tmp_path: Path) -> None:
    content = json.dumps([task("苹果", made(FRUIT)), task("车", made(TRAIN))])[:-20]
    with pytest.raises(DataError, match="is no JSON"):
        read_dataset(written(tmp_path, content, "export.json"))


def test_of_rows_of_label_studio_the_newest_of_each_task_counts(tmp_path: Path) -> None:
    rows = [
        {**STUDIO_ROW, "updated_at": "2026-01-01"},
        {**STUDIO_ROW, "updated_at": "2026-01-02", "label": TRAIN},
        {**STUDIO_ROW, "updated_at": "2025-01-01", "label": SKY},
        {**STUDIO_ROW, "id": 2, "text": "车"},
    ]
    labels = read_labels(written(tmp_path, json.dumps(rows), "min.json"))
    assert topics_of(labels) == [TRAIN, FRUIT]
    assert labels.reading.passed == (Passed("older annotations of a task", 2, (1, 3)),)
    assert labels.reading.rows == 4


def test_columns_are_found_by_what_stands_in_them(tmp_path: Path) -> None:
    rows = "".join(f"苹果很甜很甜{n},甲\n火车很快很快{n},乙\n" for n in range(4))
    labels = read_labels(written(tmp_path, f"话,事\n{rows}"))
    assert labels.reading.columns == {"text": "话", "topics": "事"}
    assert labels.reading.notes == (
        "text is taken from column '话', which holds the longest; --text-field takes another",
        "topics are taken from column '事', by what stands in it; --topics-field takes another",
    )


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("text,label\n苹果,a\n", {"text_field": "正文"}, "labels.csv:1: has no column '正文' for the text; found: 'te"),
        ("text,label\n苹果,a\n", {"topics_field": "类"}, "labels.csv:1: has no column '类' for the topics"),
        ("text,label\n苹果,a\n", {"document_field": "篇"}, "labels.csv:1: has no column '篇' for the document"),
        ("甲,乙,label\n苹果,梨,a\n", {}, "has no column 'text'; found: '甲', '乙', 'label'; --text-field NAME says"),
        ("text,甲,乙\n苹果,梨,桃\n车,站,路\n", {}, "has no column 'topics'; found: 'text', '甲', '乙'; --topics-field"),
    ],
)  # fmt: skip
def test_a_column_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, content: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_labels(written(tmp_path, content), LabelOptions(**options))


def test_columns_that_are_asked_for_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "text,label,甲,乙,丙\n一,二,苹果,水果,d\n")
    labels = read_labels(path, LabelOptions(text_field="甲", topics_field="乙", document_field="丙"))
    assert labels.examples == (Example("苹果", ("水果",), "d", None, 2),)
    assert labels.reading.columns == {"text": "甲", "topics": "乙", "document": "丙"}


def test_a_column_named_article_is_the_text_where_there_is_no_other(tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, "文章,标签\n苹果,a\n"))
    assert (labels.examples[0].text, labels.examples[0].document) == ("苹果", None)


def test_many_columns_of_marks_are_shown_by_the_first(tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, "text,甲,乙,丙,丁,戊\n苹果,1,0,0,0,1\n车,0,1,0,0,0\n"))
    assert labels.reading.columns["topics"] == "marks in 甲, 乙, 丙, 丁 …"
    assert labels.reading.notes == ("each of the columns 甲, 乙, 丙, 丁 … is a topic: 1 marks a row",)


def test_paragraphs_are_put_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    rows = "d,3,车,a\nd,1,梨,b\ne,,站,a\nd,2,桃,a\ne,x,云,b\n"
    dataset = read_dataset(written(tmp_path, f"document,paragraph,text,topics\n{rows}"))
    assert texts_of(dataset) == ["梨", "桃", "站", "车", "云"]
    twice = [Example("a", (), "d", 1, 1), Example("b", (), "d", 1, 2), Example("c", (), None, 0, 3)]
    assert in_order(twice) == twice


def test_a_table_that_is_sorted_by_topic_is_told_and_teaches_no_context(tmp_path: Path) -> None:
    rows = [(d, t, f"文{d}{t}{n}") for d in range(4) for t in "abc" for n in range(2)]
    lines = "".join(f"{d},{text},{topic}\n" for d, topic, text in rows)
    dataset = read_dataset(written(tmp_path, f"document,text,topics\n{lines}"))
    assert not dataset.in_order
    assert "Warning: rows stand sorted by topic within their documents: context is not learnt" in said(dataset)
    mixed = "".join(f"{d},{text},{'ab'[n % 2]}\n" for n, (d, _, text) in enumerate(rows))
    assert read_dataset(written(tmp_path, f"document,text,topics\n{mixed}")).in_order
    assert not is_sorted_by_topic([Example("a", ("x",)), Example("b", ("y",))])


def test_copies_that_differ_in_signs_are_named(tmp_path: Path) -> None:
    dataset = read_dataset(written(tmp_path, "text,label\n苹果！,a\n车,b\n站,b\n“苹果”。,a\n梨,a\n"))
    assert "copies of texts, but for signs and spaces: 1 (line 5)" in said(dataset)
    assert copy_key("！！") != copy_key("？？")


def test_topics_toml_that_is_about_other_topics_is_not_taken(tmp_path: Path) -> None:
    written(tmp_path, '[sky]\ntitle = "天气"\n[sea]\n', "topics.toml")
    path = written(tmp_path, "text,label\n苹果,fruit\n梨,fruit\n车,train\n站,train\n")
    dataset = read_dataset(path)
    assert [topic.name for topic in dataset.topics] == ["fruit", "train"]
    assert "topics.toml beside it is not used, as it has none of these topics; --topics uses it all the same" in said(
        dataset
    )
    with pytest.raises(DataError, match=r"unknown topic 'fruit'; known are sea, 天气 \(sky\) \(of .*topics\.toml\)"):
        read_dataset(path, topics=tmp_path / "topics.toml")


def test_topics_toml_that_is_taken_is_named_and_its_titles_count_in_any_spelling(tmp_path: Path) -> None:
    written(tmp_path, '[fruit]\ntitle = "水果"\n[train]\n', "topics.toml")
    dataset = read_dataset(written(tmp_path, "text,label\n苹果,水果\u200b\n梨,Fruit\n车,train\n站,train\n"))
    assert topics_of(dataset) == ["fruit", "fruit", "train", "train"]
    assert f"titles and keywords of topics from {tmp_path / 'topics.toml'}" in said(dataset)
    written(tmp_path, "苹果", "fruit/1.txt")
    written(tmp_path, "梨", "fruit/2.txt")
    written(tmp_path, "车", "train/1.txt")
    written(tmp_path, "站", "train/2.txt")
    assert read_dataset(tmp_path).topics[0] == Topic("fruit", "水果")


def test_rare_topics_are_left_out_learnt_or_an_error_as_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "text,label\n苹果,a\n梨,a\n车,b\n站,b\n云,c\n")
    dataset = read_dataset(path)
    assert [topic.name for topic in dataset.topics] == ["a", "b"]
    assert "passed over: 1 row of topics with one example, 'c'; --rare keep learns them (line 6)" in said(dataset)
    assert len(read_dataset(path, options=LabelOptions(rare="keep")).topics) == 3
    for options in (LabelOptions(rare="stop"), LabelOptions(strict=True)):
        with pytest.raises(DataError, match=r"labels\.csv:6: topic 'c' has 1 example"):
            read_dataset(path, options=options)


def test_where_every_topic_is_rare_none_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "text,label\n苹果,a\n车,b\n")
    assert len(read_dataset(path).topics) == 2
    with pytest.raises(DataError, match="topic 'a' has 1 example"):
        read_dataset(path, options=LabelOptions(strict=True))
    rows = "".join(f"文{n},t{n}\n" for n in range(9)) + "苹果,a\n梨,a\n车,b\n站,b\n"
    assert "'t0', 't1', 't2', 't3', 't4' …" in said(read_dataset(written(tmp_path, f"text,label\n{rows}")))


def test_a_rare_topic_that_was_left_out_is_named_where_too_few_are_left(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'b'"):
        read_dataset(written(tmp_path, "text,label\n苹果,a\n梨,a\n车,b\n"))


@pytest.mark.parametrize(("options", "message"), [({"without_topic": "x"}, "without_topic"), ({"rare": "x"}, "rare")])
def test_rules_that_do_not_exist_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=f"{message} is 'x': it must be keep, drop or stop"):
        LabelOptions(**options)


def test_held_out_examples_may_have_any_number_of_each_known_topic(tmp_path: Path) -> None:
    topics = (Topic("a", "甲"), Topic("b", "b"))
    dataset = read_held_out(written(tmp_path, "text,label\n苹果,甲\n车,a\n"), topics=topics)
    assert (topics_of(dataset), dataset.topics) == (["a", "a"], topics)
    assert dataset.reading is not None
    assert dataset.reading.topics == {"a": 2, "b": 0}
    with pytest.raises(DataError, match=r"labels\.csv:2: unknown topic 'x'"):
        read_held_out(written(tmp_path, "text,label\n苹果,x\n"), topics=topics)


class Polars:
    def to_dicts(self) -> list[dict[str, str]]:
        return [{"text": "苹果", "label": "a"}]


class Arrow:
    def to_pylist(self) -> list[dict[str, str]]:
        return [{"text": "苹果", "label": "a"}]


class Pandas:
    columns = ("text", "label")

    def to_dict(self, orient: str) -> list[dict[str, str]]:
        assert orient == "records"
        return [{"text": "苹果", "label": "a"}]


@pytest.mark.parametrize(
    ("table", "about"),
    [
        (Polars(), "a table of Polars"),
        (Arrow(), "an Arrow table"),
        (Pandas(), "a table of pandas"),
        ([{"text": "苹果", "label": "a"}], "records"),
        (iter([("苹果", "a")]), "records"),
        ([["苹果", ["a"]]], "records"),
    ],
)
def test_tables_and_records_in_memory_are_read(table: Any, about: str) -> None:
    labels = read_labels(table)
    assert (labels.examples, labels.reading.form) == ((Example("苹果", ("a",), None, None, 1),), about)


@pytest.mark.parametrize("row", [1, "苹果", ("苹果",), ("苹果", "a", "b")])
def test_what_is_no_record_in_memory_is_told(row: Any) -> None:
    with pytest.raises(DataError, match=r"<labels>:2: is .*: each must be an Example, a pair"):
        read_labels([("苹果", "a"), row])


def test_nothing_in_memory_is_no_example() -> None:
    with pytest.raises(DataError, match="<labels>: holds no example"):
        read_labels([])


def test_a_reading_is_a_record_and_sentences() -> None:
    topics = {f"t{number}": number for number in range(15)}
    reading = Reading(
        "a.csv", "table", "utf-8", {"text": "正文"}, 9, 7, topics,
        without_topic=Passed("without a topic", 1, (3,)),
        passed=(Passed("rows without a text", 7, (1, 2, 3, 4, 5, 6)),),
        notes=("甲",), warnings=("乙",), topics_file="topics.toml",
    )  # fmt: skip
    shown = ", ".join(f"t{number} {number}" for number in range(14, 2, -1))
    assert [*reading.sentences()] == [
        "a.csv: table, UTF-8; text from '正文'",
        f"7 examples of 9 rows; 15 topics: {shown} … t0 0; without a topic 1 (line 3)",
        "passed over: 7 rows without a text (lines 1, 2, 3, 4, 5 …)",
        "titles and keywords of topics from topics.toml",
        "甲",
        "Warning: 乙",
    ]
    assert reading.to_dict()["topics"] == topics
    assert [*Reading("<examples>").sentences()] == []
    assert next(Reading("<examples>", rows=1).sentences()) == "<examples>: examples"
    assert list_lines([3, 4]) == "lines 3, 4"
    assert list_lines(["b.csv:3"], 9) == "lines b.csv:3 …"


def test_a_reason_is_the_same_for_programs_whatever_its_number(tmp_path: Path) -> None:
    reading = read_labels(written(tmp_path, "text,topics\n苹果,a\n,a\n")).reading
    assert reading.to_dict()["passed"] == ({"reason": "rows without a text", "number": 1, "lines": (3,)},)
    assert "passed over: 1 row without a text (line 3)" in [*reading.sentences()]


def test_what_was_read_is_stored_in_english_whoever_reads_it(tmp_path: Path) -> None:
    rows = "苹果,a、b\n梨,a\n桃,b\n<p>车</p>,b\n车,c\n,a\n李,\n杏,未标注\n桃,a\n\u3000苹果,A\n"
    path = written(tmp_path, "内容,标签\n" + rows)
    several = [path, written(tmp_path, "text,topics\n站,a\n港,b\n", "b.csv")]
    for labels in (path, several):
        with used("en"):
            reading = read_dataset(labels).reading
            assert reading is not None
            wanted = reading.to_dict(), [*reading.sentences()], [*reading.doubts()]
        with used("zh"):
            reading = read_dataset(labels).reading
            assert reading is not None
            sentences, doubts = [*reading.sentences()], [*reading.doubts()]
            assert (reading.to_dict(), [*map(english, sentences)], [*map(english, doubts)]) == wanted
            assert all(isinstance(sentence, Message) for sentence in (*sentences, *doubts))


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (None, []),
        (float("nan"), []),
        ("", []),
        ("nan", []),
        ("[]", []),
        ("[甲", None),
        ("[甲]", None),
        ("(1 + 1)", None),
        ("{'a', 'b'}", ["a", "b"]),
        ("(1)", None),
        (("a", " b ", ""), ["a", "b"]),
        ({"choices": "a"}, ["a"]),
        (-1, ["-1"]),
        (True, ["True"]),
    ],
)
def test_a_list_of_names_is_known_in_any_form(value: Any, names: list[str] | None) -> None:
    found = list_names(value)
    assert (found if found is None else sorted(found)) == names


@pytest.mark.parametrize(
    ("cells", "separators"),
    [
        (["甲;乙", "甲", "丙"], (";",)),
        (["甲;乙", "丙"], ()),
        (["甲,乙", "丙,丁", "戊"], ()),
        (["甲/乙", "甲"], ()),
        (["甲/乙", "甲", "乙"], ("/",)),
        (["甲、乙", "乙、丙#甲", "甲"], ("、", "#")),
        (["甲;", "甲"], ()),
        ([" ", ""], ()),
    ],
)
def test_signs_part_topics_where_the_parts_stand_elsewhere_too(cells: list[str], separators: tuple[str, ...]) -> None:
    assert find_separators(cells) == separators


def test_cells_are_split_at_bars_always() -> None:
    assert split_names("甲|乙｜ 丙,nan|", [","]) == ["甲", "乙", "丙"]
    assert one_spelling(["a", "A", "A", "2.00"]) == {"a": "A", "A": "A", "2.00": "2"}


def test_unlabelled_texts_come_in_any_form(tmp_path: Path) -> None:
    for name, content in [
        ("a.csv", "id,正文\n1,苹果\n2, \n3,火车\n"),
        ("b.jsonl", '{"text": "苹果"}\n{"text": null}\n{"text": "火车"}\n'),
        ("c.json", '[{"_source": {"text": "苹果"}}, {"_source": {}}, {"_source": {"text": "火车"}}]'),
        ("d.txt", "苹果\n\n火车\n"),
        ("e.csv", "甲\n苹果\n火车\n甲\n"),
    ]:
        texts = read_unlabelled(written(tmp_path, content, name))
        assert [text for text in texts if text != "甲"] == ["苹果", "火车"], name
    path = written(tmp_path, "text,甲\n一,苹果\n", "f.csv")
    assert read_unlabelled(path, LabelOptions(text_field="甲")) == ("苹果",)
    written(tmp_path, "苹果", "folder/1.txt")
    written(tmp_path, "", "folder/2.txt")
    written(tmp_path, "藏", "folder/.3.txt")
    assert read_unlabelled(tmp_path / "folder") == ("苹果",)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "is empty: write one"),
        ("a.csv", "甲,乙\n苹果,梨\n车,站\n", "has no column 'text'; found: '1', '2'; --text-field says"),
        ("a.jsonl", "[1]\n", r"a\.jsonl:1: is no JSON object"),
        ("a.jsonl", '{"text": "苹果"}\n{"body": "车"}\n{}\n', r"a\.jsonl:2: has no field 'text'; found: 'body'"),
        ("a.jsonl", '{"text": 1}\n', r"a\.jsonl:1: the text is 1: it must be a string"),
    ],
)
def test_what_is_wrong_with_unlabelled_texts_is_told(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_unlabelled(written(tmp_path, content, name))


def test_unlabelled_texts_that_are_known_tell_nothing_new() -> None:
    assert fresh_texts(["苹果", "梨 ", "梨", " ", "Ａ", "a"], [Example("苹果", ())]) == ("梨 ", "Ａ")


def test_unlabelled_texts_help_only_beside_labels() -> None:
    topics = [Topic("a", "甲", "", ("苹果", "梨")), Topic("b", "乙", "", ("车", "站"))]
    with pytest.raises(DataError, match="holds no example: unlabelled texts help only beside labelled ones"):
        read_dataset([], topics=topics, unlabelled=["下雨"])


def test_nan_and_null_are_rows_that_nobody_has_labelled_unless_they_are_to_be_kept(tmp_path: Path) -> None:
    lines = '{"text": "苹果", "label": "a"}\n{"text": "车", "label": NaN}\n{"text": "梨", "label": null}\n'
    path = written(tmp_path, lines, "a.jsonl")
    labels = read_labels(path)
    assert labels.reading.passed == (Passed("rows that nobody has labelled", 2, (2, 3)),)
    assert topics_of(read_labels(path, LabelOptions(without_topic="keep"))) == ["a", "", ""]


def test_bytes_of_a_table_in_memory_are_text() -> None:
    assert texts_of(read_labels([{"text": "苹果".encode(), "label": "a"}])) == ["苹果"]


def test_one_column_cannot_be_both_text_and_topics() -> None:
    with pytest.raises(SettingsError, match="text_field and topics_field are both 'a': name two columns"):
        LabelOptions(text_field="a", topics_field="a")


@pytest.mark.parametrize("labels", [5, None])
def test_what_are_no_labels_is_told_in_words(labels: Any) -> None:
    with pytest.raises(TypeError, match=f"labels are {labels}: give a file name, a table, examples, records or pairs"):
        read_labels(labels)


def test_what_was_read_is_the_same_wherever_the_files_lie(tmp_path: Path) -> None:
    reading = Reading(str(tmp_path / "labels.csv"), topics_file=str(tmp_path / "topics.toml"))
    assert reading.without_folders() == Reading("labels.csv", topics_file="topics.toml")


def test_names_with_quotation_marks_or_spaces_inside_are_still_names(tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, "'Text' ,\u201clabel\u201d,'label'\n苹果,x,生 活\n梨,y,生活\n"))
    assert labels.reading.columns == {"text": "'Text'", "topics": "'label'"}
    assert len({*topics_of(labels)}) == 1


def test_marks_in_an_object_are_topics_too(tmp_path: Path) -> None:
    lines = '{"text": "苹果", "labels": {"a": 1, "b": 0}}\n{"text": "车", "labels": {"a": 0, "b": 1}}\n'
    labels = read_labels(written(tmp_path, lines, "a.jsonl"))
    assert [len(example.topics) for example in labels.examples] == [1, 1]


@pytest.mark.parametrize("options", [{}, {"topics_field": "label"}])
def test_choices_in_an_object_are_topics_beside_other_columns(tmp_path: Path, options: dict[str, Any]) -> None:
    rows = [
        {"text": "苹果", "label": {"choices": ["a", "b"]}, "x": "1"},
        {"text": "梨", "label": {"choices": ["a"]}, "x": "2"},
    ]
    assert topics_of(read_labels(written(tmp_path, json.dumps(rows), "a.json"), LabelOptions(**options))) == [
        "a+b",
        "a",
    ]


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("2.0", ["2.0", "2.0"]),
        ("生  活", ["生  活", "生  活"]),
        ("生 活", ["生 活", "生活", "生活"]),
        ("1.0", ["1", "1"]),
    ],
)
def test_a_topic_of_topics_toml_is_known_in_every_spelling_that_labels_have(
    tmp_path: Path, name: str, labels: list[str]
) -> None:
    written(tmp_path, f'["{name}"]\n[b]\n', "topics.toml")
    rows = "".join(f"文{number},{label}\n" for number, label in enumerate([*labels, "b", "b"]))
    path = written(tmp_path, f"text,label\n{rows}")
    dataset = read_dataset(path, topics=tmp_path / "topics.toml", options=LabelOptions(separator="|"))
    assert {*topics_of(dataset)} == {name, "b"}


def test_hidden_folders_of_unlabelled_texts_are_passed_over(tmp_path: Path) -> None:
    written(tmp_path, "苹果", "folder/1.txt")
    written(tmp_path, "藏", "folder/.git/2.txt")
    assert read_unlabelled(tmp_path / "folder") == ("苹果",)


def test_bytes_of_a_folder_of_unlabelled_texts_may_be_replaced(tmp_path: Path) -> None:
    written(tmp_path, "苹果很甜很甜".encode() + b"\xff", "folder/1.txt")
    assert read_unlabelled(tmp_path / "folder", LabelOptions(errors="replace")) == ("苹果很甜很甜\ufffd",)


def test_nan_in_memory_is_a_row_that_nobody_has_labelled_as_it_is_in_json() -> None:
    rows = [{"text": "苹果", "label": "a"}, {"text": "车", "label": float("nan")}, {"text": "梨", "label": None}]
    labels = read_labels(rows)
    assert topics_of(labels) == ["a"]
    assert labels.reading.passed == (Passed("rows that nobody has labelled", 2, (2, 3)),)


@pytest.mark.parametrize(
    ("text", "topics"), [("稿件正文", "所属类别"), ("新闻内容", "栏目分类"), ("Content", "人工标签")]
)
@pytest.mark.parametrize("title", ["", "三月稿件,,\n"])
def test_a_longer_name_that_ends_in_a_known_one_is_known(tmp_path: Path, title: str, text: str, topics: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(f"{title}编号,{text},{topics}\n1,苹果很甜,水果\n2,梨很脆,水果\n3,火车很快,交通\n", encoding="utf-8")
    labels = read_labels(path)
    assert labels.reading.columns == {"text": text, "topics": topics}
    assert [(e.text, e.topics) for e in labels.examples][:1] == [("苹果很甜", ("水果",))]
    assert len(labels.examples) == 3


def test_a_sentence_that_ends_in_a_known_name_is_no_header(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text("他仔细读完了全部正文,阅读\n苹果很甜,水果\n梨很脆,水果\n再读一遍,阅读\n", encoding="utf-8")
    assert len(read_labels(path).examples) == 4


def test_one_name_that_was_asked_for_finds_the_header_below_a_title(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text("三月稿件,,\n编号,导语,版块\n1,苹果很甜,水果\n2,梨很脆,水果\n3,火车很快,交通\n", encoding="utf-8")
    labels = read_labels(path, LabelOptions(text_field="导语"))
    assert labels.reading.columns == {"text": "导语", "topics": "版块"}
    assert len(labels.examples) == 3


def test_what_a_workbook_holds_beside_is_said(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    for row in [("文本", "标签"), ("苹果很甜", "水果"), ("梨很脆", None), ("火车很快", "交通"), ("汽车很稳", "交通")]:
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.create_sheet("四月").append(("文本", "标签"))
    book.save(tmp_path / "book.xlsx")
    told = [*read_labels(tmp_path / "book.xlsx").reading.sentences()]
    assert "sheets that are not read: 四月; --sheet takes another" in told
    assert "cells are merged over several rows: --fill-merged fills all of them" in told
    filled = read_labels(tmp_path / "book.xlsx", LabelOptions(fill_merged=True))
    assert [e.topics for e in filled.examples] == [("水果",), ("水果",), ("交通",), ("交通",)]
    assert not any("merged" in sentence for sentence in filled.reading.sentences())


@pytest.mark.parametrize("sign", ["无", "暂无", "/"])
def test_what_sheets_write_for_no_label_is_none(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(f"文本,标签\n苹果很甜,水果\n下雨了,{sign}\n火车很快,交通\n", encoding="utf-8")
    assert read_labels(path).reading.passed == (Passed("rows without a topic", 1, (3,)),)


def test_several_files_are_read_as_one_and_lines_are_named_by_their_file(tmp_path: Path) -> None:
    one = written(tmp_path, "text,topics,document\n苹果甜,水果,1\n苹果甜!,水果,1\n梨,水果,2\n,水果,3\n", "one.csv")
    two = written(tmp_path, "text,topics,document\n火车慢,交通,1\n火车慢,水果,9\n车站,交通,9\n", "two.csv")
    dataset = read_dataset([one, two])
    assert [(example.line, example.file) for example in dataset.examples] == [
        *((line, str(one)) for line in (2, 3, 4)),
        *((line, str(two)) for line in (2, 3, 4)),
    ]
    assert dataset.source == f"{one}, {two}"
    assert dataset.document_numbers() == [0, 0, 1, 0, 2, 2]
    said = [] if dataset.reading is None else [*dataset.reading.sentences()]
    assert said[0].startswith(f"{one}: table")
    assert "passed over: 1 row without a text (line 5)" in said
    assert "6 examples of 7 rows in 2 files; 2 topics: 水果 4, 交通 2" in said
    assert "documents that several files name are one each: 1 ('1'); rename them if they are not" in said
    assert f"copies of texts, but for signs and spaces: 1 (line {one}:3)" in said
    assert any(f"other topics than before (line {two}:3)" in sentence for sentence in said)
    assert dataset.reading is not None
    assert [part.file for part in dataset.reading.without_folders().parts] == ["one.csv", "two.csv"]
    assert dataset.reading.without_folders().file == "one.csv, two.csv"


def test_what_is_wrong_in_one_of_several_files_is_named_by_that_file(tmp_path: Path) -> None:
    one = written(tmp_path, "text,topics\n苹果甜,水果\n梨,水果\n", "one.csv")
    two = written(tmp_path, "text,topics\n火车慢,水过\n火车,交通,x\n", "two.csv")
    topics = [Topic("fruit", FRUIT), Topic("train", TRAIN)]
    with pytest.raises(DataError) as error:
        read_dataset([one, str(two)], topics=topics)
    assert f"{two}:3: has 3 cells" in str(error.value)
    written(tmp_path, "text,topics\n火车慢,水过\n", "two.csv")
    for read in (read_dataset, read_held_out):
        with pytest.raises(DataError) as error:
            read([one, two], topics=topics)
        assert str(error.value).startswith(f"{two}:2: unknown topic '水过'")
    with pytest.raises(DataError) as error:
        read_dataset([one, written(tmp_path, "text,topics\n梨,交通\n", "two.csv")], options=LabelOptions(strict=True))
    assert f"{two}:2: the same text has the topics 交通 here and 水果 on line {one}:3" in str(error.value)


def test_the_topics_beside_any_of_several_files_are_taken_if_they_fit(tmp_path: Path) -> None:
    one = written(tmp_path, "text,topics\n苹果甜,水果\n梨,水果\n", "a/one.csv")
    two = written(tmp_path, "text,topics\n火车慢,交通\n车站,交通\n", "b/two.csv")
    written(tmp_path, '[sky]\ntitle = "天气"\n', "a/topics.toml")
    fitting = written(tmp_path, '[fruit]\ntitle = "水果"\n[train]\ntitle = "交通"\n', "b/topics.toml")
    dataset = read_dataset([one, two])
    assert [topic.name for topic in dataset.topics] == ["fruit", "train"]
    assert dataset.reading is not None
    assert dataset.reading.topics_file == str(fitting)
    assert any("topics.toml beside it is not used" in note for note in dataset.reading.notes)


def test_one_file_in_a_list_is_that_file(tmp_path: Path) -> None:
    path = written(tmp_path, "text,topics\n苹果甜,水果\n梨,水果\n火车,交通\n车站,交通\n")
    (first,) = {example.file for example in read_dataset([path]).examples}
    assert first is None


def test_many_documents_of_one_name_are_told_by_three_of_them(tmp_path: Path) -> None:
    one, two = (
        written(tmp_path, "text,topics,document\n" + "".join(f"{said}{n},{topic},d{n}\n" for n in range(5)), name)
        for said, topic, name in (("苹果", FRUIT, "one.csv"), ("火车", TRAIN, "two.csv"))
    )
    reading = read_dataset([one, two]).reading
    assert reading is not None
    assert any("are one each: 5 ('d0', 'd1', 'd2' …)" in note for note in reading.notes)
