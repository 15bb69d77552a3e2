"""Topics of some rows change, and every other byte of a label file stays."""

import csv
import gzip
import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from tagger.dataset import LabelOptions, read_labels
from tagger.dataset.editing import Edited, LabelFile, open_labels
from tagger.errors import DataError, Problem

TOPICS = ["反诈", "政务服务", "执法"]
KEEP = LabelOptions(without_topic="keep")


def opened(tmp_path: Path, name: str, data: str | bytes, options: LabelOptions | None = None) -> LabelFile:
    (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return open_labels(tmp_path / name, options)


def texts_of(edited: Edited) -> list[tuple[str, str]]:
    return [(cell.before, cell.after) for cell in edited.cells]


WORDS = st.text(st.sampled_from("民警在银行劝住老人,;\t\"\n'=| a1😀"), max_size=12)
ROWS = st.lists(
    st.tuples(WORDS, st.lists(st.sampled_from(TOPICS), max_size=2, unique=True), WORDS), min_size=2, max_size=8
)
CHANGES = st.dictionaries(
    st.integers(0, 7), st.lists(st.sampled_from(TOPICS), max_size=3, unique=True), min_size=1, max_size=4
)
WAYS = st.tuples(
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from([",", "\t", ";"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)


def check_bytes_outside(
    folder: Path,
    rows: list[tuple[str, list[str], str]],
    changes: dict[int, list[str]],
    way: tuple[str, str, str, int],
) -> None:
    encoding, delimiter, end, quoting = way

    def cells(*values: str) -> str:
        line = io.StringIO()
        csv.writer(line, delimiter=delimiter, lineterminator="", quoting=quoting).writerow(values)  # type: ignore[arg-type]
        return line.getvalue()

    # A text is what Chinese text looks like, so that its encoding is found, and none is another's copy.
    texts = [f"第{number}段,在本市的银行里说起{text}。" for number, (text, _, _) in enumerate(rows)]
    parts: list[tuple[str, str, str]] = [("", cells("text", "topics", "备注") + end, "")]
    for text, (_, topics, note) in zip(texts, rows, strict=True):
        parts.append((cells(text) + delimiter, cells("|".join(topics), "")[: -len(cells("", "")) // 2 or None], ""))
        cell = cells("x", "|".join(topics))[len(cells("x")) + 1 :]
        parts[-1] = (cells(text) + delimiter, cell, delimiter + cells("x", note)[len(cells("x")) + 1 :] + end)
    plain = "utf-16-le" if encoding == "utf-16" else encoding.removesuffix("-sig")
    mark = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}.get(encoding, b"")
    path = folder / "labels.csv"
    path.write_bytes(mark + "".join("".join(part) for part in parts).encode(plain))
    file = open_labels(path, LabelOptions(encoding="gb18030" if encoding == "gb18030" else None))
    assume(len(file.examples) == len(rows))
    by_row = {row: topics for row, topics in changes.items() if row < len(rows)}
    wanted = {file.examples[row].line or 0: topics for row, topics in by_row.items()}
    try:
        edited = file.edit(wanted)
    except DataError as error:
        # In a file of a few rows a topic more or less may show another sign to part its cells: that is refused.
        assert "its rows would be read otherwise after the change" in str(error)  # noqa: PT017 - it need not be raised
        reject()
    assert edited.refused == ()
    after = {cell.line: cell.after for cell in edited.cells}
    expected = mark + parts[0][1].encode(plain)
    for example, (before, cell, behind) in zip(file.examples, parts[1:], strict=True):
        expected += (before + after.get(example.line or 0, cell) + behind).encode(plain)
    assert edited.data == expected
    again = read_labels(str(path), replace(file._options), data=edited.data).examples
    for row, (old, new) in enumerate(zip(file.examples, again, strict=True)):
        assert set(new.topics) == set(by_row.get(row, old.topics))
        assert replace(new, topics=(), line=None) == replace(old, topics=(), line=None)
        if row not in by_row:
            assert new.topics == old.topics


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, changes=CHANGES, way=WAYS)
def test_every_byte_outside_the_changed_cells_stays(
    tmp_path: Path,
    rows: list[tuple[str, list[str], str]],
    changes: dict[int, list[str]],
    way: tuple[str, str, str, int],
) -> None:
    check_bytes_outside(tmp_path, rows, changes, way)


@pytest.mark.full
@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, changes=CHANGES, way=WAYS)
def test_every_byte_outside_the_changed_cells_stays_in_thousands_of_files(
    tmp_path: Path,
    rows: list[tuple[str, list[str], str]],
    changes: dict[int, list[str]],
    way: tuple[str, str, str, int],
) -> None:
    check_bytes_outside(tmp_path, rows, changes, way)


@pytest.mark.parametrize(
    ("lines", "changes", "cells"),
    [
        # The sign between topics, its spaces, and the order that is there.
        (["a,x、y", "b,y", "c,x"], {3: ["x", "y"]}, [("y", "y、x")]),
        (["a,x | y", "b,y", "c,x"], {3: ["x", "y"]}, [("y", "y | x")]),
        (["a,x y", "b,y", "c,x", "d,y"], {3: ["x", "y"]}, [("y", "y x")]),
        # After this change no cell would show that a space parts topics.
        (["a,x y", "b,y", "c,x"], {3: ["x", "y"]}, [("y", "y|x")]),
        (['a,"x,y"', "b,y", "c,x"], {3: ["x", "y"]}, [("y", '"y,x"')]),
        # Quotation marks stay where they were not needed either.
        (['a,"x"', "b,y"], {2: ["y"], 3: ["x"]}, [('"x"', '"y"'), ("y", "x")]),
        # None of the topics, as the file says it.
        (["a,x", "b,无", "c,x|y"], {2: []}, [("x", "无")]),
        (["a,x", "b,", "c,x|y"], {2: []}, [("x", "")]),
        (["a,x", "b,x|y", "c,未标注"], {2: [], 4: ["y"]}, [("x", ""), ("未标注", "y")]),
        # Lists as JSON and Python write them, and Label Studio's choices.
        (['a,"[""x"", ""y""]"', 'b,"[""y""]"'], {3: ["x", "y"]}, [('"[""y""]"', '"[""y"", ""x""]"')]),
        (['a,"[""x"",""y""]"', "b,y"], {2: ["y"]}, [('"[""x"",""y""]"', "y")]),
        (["a,\"['x', 'y']\"", "b,['y']"], {3: ["x", "y"]}, [("['y']", "\"['y', 'x']\"")]),
        (['a,"{""choices"": [""x"", ""y""]}"', "b,y"], {3: ["y", "x"]}, [("y", '"{""choices"": [""y"", ""x""]}"')]),
        # A name as most rows spell it; the one that stays as it is.
        (["a,X", "b,Ｘ|y", "c,X", "d,y"], {3: ["X", "z"], 5: ["X"]}, [("Ｘ|y", "Ｘ|z"), ("y", "X")]),
        # Cells left out at the end.
        (["a", "b,y", "c,x|y"], {2: ["x"]}, [("", ",x")]),
    ],
)
def test_a_cell_is_written_as_the_file_writes_its_cells(
    tmp_path: Path, lines: list[str], changes: dict[int, list[str]], cells: list[tuple[str, str]]
) -> None:
    file = opened(tmp_path, "a.csv", "\n".join(["text,topics", *lines]))
    edited = file.edit(changes)
    assert (texts_of(edited), edited.refused) == (cells, ())
    after = read_labels(str(tmp_path / "a.csv"), KEEP, data=edited.data).examples
    assert {e.line: set(e.topics) for e in after if e.line in changes} == {n: {*t} for n, t in changes.items()}


@pytest.mark.parametrize(
    ("line", "topics", "after"),
    [
        ('{"text":"甲","topics":["x"],"n":1.50}', ["x", "y"], '{"text":"甲","topics":["x","y"],"n":1.50}'),
        ('{"topics": [ "x" ],  "text": "甲"}', ["y", "x"], '{"topics": ["x", "y"],  "text": "甲"}'),
        ('{"text":"甲","topics":"x"}', ["x", "y"], '{"text":"甲","topics":["x","y"]}'),
        ('{"text":"甲","topics":"x"}', ["y"], '{"text":"甲","topics":"y"}'),
        ('{"text":"甲","topics":"x|y"}', ["y"], '{"text":"甲","topics":"y"}'),
        ('{"text":"甲","topics":null}', ["y"], '{"text":"甲","topics":["y"]}'),
        ('{"text":"甲","topics":["x"],"topics":["y"]}', ["x"], '{"text":"甲","topics":["x"],"topics":["x"]}'),
        ('{"text":"\\u7532","topics":["x"]}', ["警"], '{"text":"\\u7532","topics":["\\u8b66"]}'),
        ('{"text":"甲","label":["x"]}', [], '{"text":"甲","label":[]}'),
        ('{"text":"甲","topics":{"choices":["x"]}}', ["y"], '{"text":"甲","topics":{"choices":["y"]}}'),
    ],
)
def test_of_a_line_of_json_only_the_value_changes(tmp_path: Path, line: str, topics: list[str], after: str) -> None:
    others = [
        '{"text": "乙", "topics": ["x", "y"]}',
        '{"text": "丙", "topics": ["x", "y"]}',
        '{"text":"丁","topics":["x"]}',
    ]
    data = "\ufeff" + "\r\n".join([*others, line]) + "\r\n"
    edited = opened(tmp_path, "a.jsonl", data).edit({4: topics})
    assert edited.data.decode() == data.replace(line, after)
    assert [cell.line for cell in edited.cells] == [4]


def test_a_field_in_an_object_and_numbers_are_changed_too(tmp_path: Path) -> None:
    lines = '{"text":"甲","meta":{"topics":[1,2],"x":1}}\n{"text":"乙","meta":{"topics":[2]}}\n{"text":"丙"}\n'
    edited = opened(tmp_path, "a.jsonl", lines, LabelOptions(topics_field="meta.topics")).edit({2: ["1"], 3: ["1"]})
    assert texts_of(edited) == [("[2]", "[1]")]
    assert edited.refused == (Problem("has no field 'meta.topics' to change: write it as null", 3),)
    flat = opened(tmp_path, "b.jsonl", '{"text":"甲","y":1}\n{"text":"乙","y":2}\n', LabelOptions(topics_field="y"))
    assert texts_of(flat.edit({1: ["2"]})) == [("1", "2")]


def test_rows_whose_topics_cannot_be_read_do_not_stand_in_the_way(tmp_path: Path) -> None:
    lines = '{"text":"甲","topics":["x"]}\n{"text":"乙","topics":{"a":1}}\n{"text":"丙","topics":["y"]}\n'
    edited = opened(tmp_path, "a.jsonl", lines).edit({1: ["y"], 2: ["x"]})
    assert edited.data.decode() == lines.replace('["x"]', '["y"]')
    assert edited.refused == (Problem("is no row with a text", 2),)


def test_labels_of_fasttext_change_and_the_text_stays(tmp_path: Path) -> None:
    lines = (
        "__label__x __label__y 甲 乙\n__label__x 丙\n丁 __label__y\n__label__x 戊 __label__y\n己  庚\n__label__y 辛\n"
    )
    file = opened(tmp_path, "a.txt", lines)
    edited = file.edit({1: ["y"], 2: [], 3: ["x"], 4: ["x"], 5: ["x", "y"], 6: ["a b"]})
    assert edited.data.decode() == (
        "__label__y 甲 乙\n丙\n丁 __label__x\n__label__x 戊 __label__y\n__label__x __label__y 己  庚\n__label__y 辛\n"
    )
    assert [problem.line for problem in edited.refused] == [4, 6]
    assert "put them together" in edited.refused[0].message
    assert "has a space" in edited.refused[1].message


def test_numbers_of_a_list_of_classes_are_written_as_numbers(tmp_path: Path) -> None:
    (tmp_path / "class.txt").write_text("体育\n财经\n军事\n", "utf-8")
    file = opened(tmp_path, "train.txt", "足球赛\t0\n股票\t1\n篮球赛\t0\n")
    assert file.topics == ("体育", "财经")
    edited = file.edit({1: ["财经"], 3: ["军事"]})
    assert edited.data.decode() == "足球赛\t1\n股票\t1\n篮球赛\t2\n"


def workbook(rows: Iterable[Iterable[object]]) -> Any:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    return book


def saved(book: Any) -> bytes:
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_of_a_workbook_only_the_cells_change(tmp_path: Path) -> None:
    book = workbook(
        [["text", "topics", "n"], ["甲", "x|y", 1], ["乙", None, 2], ["丙", "x", 3], ["丁"], ["戊", "=1", 5]]
    )
    openpyxl = pytest.importorskip("openpyxl")
    book.active["B2"].font = openpyxl.styles.Font(bold=True)
    book.active["C2"] = "=1+1"
    book.create_sheet("other")["A1"] = "stays"
    file = opened(tmp_path, "a.xlsx", saved(book))
    edited = file.edit({2: ["y"], 3: ["x", "y"], 4: [], 5: ["x"], 6: ["x"]})
    assert texts_of(edited) == [("x|y", "y"), ("", "x|y"), ("x", ""), ("", "x")]
    assert edited.refused == (Problem("the cell holds a formula: write the topics themselves", 6),)
    after = openpyxl.load_workbook(io.BytesIO(edited.data))
    assert [[cell.value for cell in row] for row in after["Sheet"].iter_rows(max_row=5)] == [
        ["text", "topics", "n"], ["甲", "y", "=1+1"], ["乙", "x|y", 2], ["丙", None, 3], ["丁", "x", None],
    ]  # fmt: skip
    assert after["Sheet"]["B2"].font.bold
    assert after["other"]["A1"].value == "stays"


def test_a_row_that_would_not_be_read_back_as_asked_for_is_refused(tmp_path: Path) -> None:
    data = "text,topics\n甲,x\n乙,y\n丙,x|y\n"
    edited = opened(tmp_path, "a.csv", data).edit({2: ["x|z"], 3: ["x"], 9: ["x"]})
    assert edited.data.decode() == data.replace("乙,y", "乙,x")
    assert edited.refused == (
        Problem("the topics would be read back as 'x', 'z': name the --separator", 2),
        Problem("is no row with a text", 9),
    )


def test_topics_that_the_encoding_or_the_table_cannot_hold_are_refused(tmp_path: Path) -> None:
    file = opened(tmp_path, "a.csv", "text,topics\nhello,x\nworld,y\n", LabelOptions(encoding="latin-1"))
    (problem,) = file.edit({2: ["警"]}).refused
    assert problem == Problem("the topics cannot be written in iso8859-1: save the file as UTF-8", 2)
    plain = 'text\ttopics\n"甲\tx\n乙"啊\ty\n丙"\tx\n'
    (problem,) = opened(tmp_path, "b.tsv", plain).edit({3: ["x\tz"]}).refused
    assert "cannot stand in a table without quotation marks" in problem.message


def test_a_change_by_which_other_rows_would_be_read_otherwise_is_refused(tmp_path: Path) -> None:
    file = opened(tmp_path, "a.csv", "text,topics\n甲,财经/股票\n乙,财经\n丙,体育\n丁,基金\n")
    with pytest.raises(DataError, match=r"a\.csv:2: its topics would be read otherwise after the change"):
        file.edit({4: ["财经", "股票"]})


def test_a_change_by_which_the_table_would_be_read_otherwise_is_refused(tmp_path: Path) -> None:
    file = opened(tmp_path, "a.csv", "甲甲甲甲甲甲,x\n乙乙乙乙乙乙,x\n丙丙丙丙丙丙,y\n丁丁丁丁丁丁,y\n")
    with pytest.raises(DataError, match=r"would be read otherwise after the change: name --separator or --delimiter"):
        file.edit({line: ["x", "y", "z"] for line in range(1, 5)})


def test_topics_that_are_there_already_change_nothing(tmp_path: Path) -> None:
    file = opened(tmp_path, "a.csv", "text,topics\n甲,x|y\n乙,y\n")
    assert file.edit({2: ["y", "x"]}) == Edited(file.data, (), ())


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (
            "a.json",
            '[{"text":"甲","topics":["x"]},\n{"text":"乙","topics":["y"]}]',
            "is JSON, which is not changed: tagger",
        ),
        ("a.json", '[{"data":{"text":"甲"},"annotations":[]}]', "tasks of Label Studio, which is not changed"),
        ("a.csv", "text,体育,财经\n甲,1,0\n乙,0,1\n", "has a column for each topic"),
        ("a.csv", "", "is empty|holds no example"),
    ],
)
def test_other_forms_are_refused_with_what_to_do(tmp_path: Path, name: str, data: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        opened(tmp_path, name, data)


def test_folders_compressed_files_and_old_workbooks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder: move files to change their topics"):
        open_labels(tmp_path)
    with pytest.raises(DataError, match=r"no\.csv: cannot be read: No such file"):
        open_labels(tmp_path / "no.csv")
    with pytest.raises(DataError, match=r"is compressed \(gzip\): unpack it"):
        opened(tmp_path, "a.csv.gz", gzip.compress(b"text,topics\na,x\nb,y\n"))
    with pytest.raises(DataError, match=r"is a workbook that is not changed: save it as \.xlsx"):
        opened(tmp_path, "a.xls", saved(workbook([["text", "topics"], ["甲", "x"]])))
