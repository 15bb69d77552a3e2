"""Tables: delimited text, workbooks, Parquet and Arrow → records."""

import csv
import gzip
import io
import sys
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tagger.dataset import LabelOptions, read_labels
from tagger.errors import DataError, RunError
from tagger.formats import Broken, FileOptions, Record, Source, open_source
from tagger.formats.columns import find_field, likely_text, plain_name
from tagger.formats.delimited import Dialect, find_dialect, read_rows
from tagger.formats.records import lookup


def read(path: Path, content: str | bytes, *, wanted: Sequence[str] = (), **options: Any) -> Source:
    """Write a file, and read it whole."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with open_source(str(path), FileOptions(**options), wanted=wanted) as source:
        items = list(source.records)
    return Source(
        source.name,
        source.form,
        source.about,
        source.encoding,
        iter(items),
        source.header,
        source.has_header,
        source.notes,
    )


def rows_of(source: Source) -> list[tuple[Any, ...]]:
    return [(item.line, *item.fields.values()) for item in source.records if isinstance(item, Record)]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "labels.csv"


@pytest.mark.parametrize(
    ("content", "sign", "rows"),
    [
        ("text,label\n苹果；甜,水果\n", "comma", [(2, "苹果；甜", "水果")]),
        ("text\tlabel\n苹果,甜\t水果\n", "tab", [(2, "苹果,甜", "水果")]),
        (
            "text;label\n苹果,梨,桃;水果\n火车,船;交通\n",
            "semicolon",
            [(2, "苹果,梨,桃", "水果"), (3, "火车,船", "交通")],
        ),
        ("text|label\n苹果|水果\n", "bar", [(2, "苹果", "水果")]),
        ("text,label\r\n苹果,水果\r\n\r\n火车,交通", "comma", [(2, "苹果", "水果"), (4, "火车", "交通")]),
        ("text,label\r苹果,水果\r", "comma", [(2, "苹果", "水果")]),
        ("\n\n,\ntext,label\n苹果,水果\n", "comma", [(5, "苹果", "水果")]),
        ("苹果很甜\t水果\n火车很快\t交通\n", "tab", [(1, "苹果很甜", "水果"), (2, "火车很快", "交通")]),
        ("text,label\n苹果,水果,,\n火车\n", "comma", [(2, "苹果", "水果"), (3, "火车", "")]),
        ('text,label\n他说"甜",水果\n"梨""大""了",水果\n', "comma", [(2, '他说"甜"', "水果"), (3, '梨"大"了', "水果")]),
        (
            'id,text,label\n1,"今天\n明天,雨",天气\n2,梨,水果\n',
            "comma",
            [(2, "1", "今天\n明天,雨", "天气"), (4, "2", "梨", "水果")],
        ),
        ("text\n苹果\n", "comma", [(2, "苹果")]),
        ('text\n"苹果\n香蕉"\n梨\n', "comma", [(2, "苹果\n香蕉"), (4, "梨")]),
    ],
)
def test_how_a_table_is_written_is_found(table: Path, content: str, sign: str, rows: list[tuple[Any, ...]]) -> None:
    source = read(table, content)
    assert (source.about, rows_of(source)) == (f"table, parted by {sign}", rows)


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "sep=;\r"])
def test_a_line_that_tells_excel_the_delimiter_is_no_row(table: Path, line: str) -> None:
    source = read(table, f"{line}\ntext;label\n苹果,甜;水果\n")
    assert list(source.records) == [Record(3, {"text": "苹果,甜", "label": "水果"})]


def test_a_delimiter_that_was_asked_for_counts_more_than_what_is_found(table: Path) -> None:
    content = "text,x;label\n苹果,甜;水果\n"
    assert read(table, content).header == ("text", "x;label")
    assert read(table, content, delimiter=";").header == ("text,x", "label")
    assert read(table, "text:label\n苹果:水果\n", delimiter=":").about == "table, parted by ':'"


def test_a_table_that_is_not_quoted_is_read_as_such(table: Path) -> None:
    source = read(table, 'text\tlabel\n苹果\t水果\n"今天面条好吃\t水果\n火车\t交通\n他说"\t水果\n梨\t水果\n')
    assert source.about == "table, parted by tab, not quoted"
    assert [row[1] for row in rows_of(source)] == ["苹果", '"今天面条好吃', "火车", '他说"', "梨"]


def test_a_quoted_text_may_hold_a_delimiter_and_a_line_end(table: Path) -> None:
    source = read(table, 'text,label\n"今天,天气好\n明天下雨",天气\n香蕉很黄,水果\n苹果,水果\n')
    assert rows_of(source) == [(2, "今天,天气好\n明天下雨", "天气"), (4, "香蕉很黄", "水果"), (5, "苹果", "水果")]


def test_one_open_mark_does_not_make_a_quoted_table_another(table: Path) -> None:
    rows = "".join(f'"苹果{number}","水果"\n' for number in range(20))
    source = read(table, f'"text","label"\n{rows}"香蕉,"水果"\n{rows}')
    assert source.header == ("text", "label")
    items = list(source.records)
    assert (len(items), [item.line for item in items if isinstance(item, Broken)]) == (41, [22])


@pytest.mark.parametrize(
    ("content", "line", "reason", "others"),
    [
        ('id,text\n1,"苹,果"\n2,"火车\n3,梨\n', 3, "not closed, or closed too early: write it twice", [2, 4]),
        ('id,text\n1,"苹,果"\n2,"火"车\n3,梨\n', 3, "not closed, or closed too early: write it twice", [2, 4]),
        (
            'text,label\n"苹,果",a\n车,b\n"火车,b\n梨,a\n站",b\n',
            4,
            "swallows the rows behind it: write it twice",
            [2, 3, 5, 6],
        ),
        ("id,text\n1,苹果\n2,火,车\n3,梨\n", 3, "has 3 cells where the header has 2: put texts", [2, 4]),
    ],
)
def test_a_row_that_is_broken_is_told_and_those_behind_it_are_read(
    table: Path, content: str, line: int, reason: str, others: list[int]
) -> None:
    items = list(read(table, content).records)
    (broken,) = (item for item in items if isinstance(item, Broken))
    assert (broken.line, reason in broken.reason) == (line, True)
    assert [item.line for item in items if isinstance(item, Record)] == others


def test_a_cell_over_the_limit_is_told_and_the_limit_is_that_of_the_process_again() -> None:
    before = csv.field_size_limit()
    rows = list(read_rows(["text,label\n", "苹" * 100 + ",水果\n", "梨,水果\n"], Dialect(","), 50))
    assert rows[0] == (1, ["text", "label"])
    assert isinstance(rows[1][1], Broken)
    assert rows[1][1].reason == "has a cell of more than 50 characters"
    assert rows[2] == (3, ["梨", "水果"])
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("苹果,水果\n梨,水果\n", ("1", "2")),  # too few rows to tell
        ("甲,乙\n苹果很甜,水果\n香蕉很黄,水果\n火车很快,交通\n", ("甲", "乙")),
        ("甲,甲\n苹果很甜,水果\n香蕉很黄,水果\n", ("1", "2")),
        ("这一行的第一格实在太长所以不可能是一列的名字,乙\n苹果很甜,水果\n香蕉很黄,水果\n", ("1", "2")),
        ("甲,1\n苹果很甜,2\n香蕉很黄,2\n", ("1", "2")),
        ("苹果,水果\n香蕉,水果\n梨,水果\n", ("1", "2")),
        ("苹果,甲\n香蕉,乙\n梨,丙\n", ("1", "2")),
        ("甲,乙\n苹果很甜\n香蕉很黄,水果\n梨很大,水果\n", ("甲", "乙")),
        ("x,正文,类别\n1,苹果,水果\n", ("x", "正文", "类别")),
        (" Text ,label\n苹果,水果\n", ("Text", "label")),
    ],
)
def test_a_header_is_known_by_its_names_or_by_what_stands_under_it(
    table: Path, content: str, header: tuple[str, ...]
) -> None:
    assert read(table, content).header == header


def test_a_header_is_known_by_a_name_that_was_asked_for(table: Path) -> None:
    assert read(table, "甲,乙\n苹果,水果\n", wanted=["乙"]).header == ("甲", "乙")


def test_columns_of_one_name_or_none_get_their_own_and_that_is_said(table: Path) -> None:
    source = read(table, "text,label,label,,\n苹果,水果,甜,红,圆\n")
    assert source.header == ("text", "label", "label_2", "column 4", "column 5")
    assert source.notes == ("columns without a name of their own are called label_2, column 4, column 5",)


def test_a_name_that_is_given_is_no_other_column_s(table: Path) -> None:
    source = read(table, "text,label,label,label_2\n苹果,水果,甜,红\n")
    assert len(set(source.header)) == 4


def test_rows_may_be_longer_than_the_beginning_that_is_looked_at(table: Path) -> None:
    source = read(table, "text,label\n" + "".join(f"{'苹果' * 60_000}{number},水果\n" for number in range(3)))
    assert [len(str(row[1])) for row in rows_of(source)] == [120_001] * 3


def test_an_empty_table_has_no_records(table: Path) -> None:
    for content in ("", "\n", b"\xef\xbb\xbf", "text,label\n"):
        assert rows_of(read(table, content)) == []


def test_a_head_of_one_unfinished_line_is_enough_to_find_the_delimiter() -> None:
    assert find_dialect("text;label", None, cut=True) == Dialect(";")
    assert find_dialect("text;label\n苹果", None, cut=True) == Dialect(";")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"id": 1, "正文": "苹果"}, "正文"),
        ({"text": 1, "甲": "苹", "乙": "苹果"}, "乙"),
        ({"_source": {"text": "苹果", "url": "http://x"}}, "_source.text"),
        ({"n": 1}, None),
    ],
)
def test_the_field_that_is_likely_the_text_is_found(fields: dict[str, Any], name: str | None) -> None:
    assert likely_text(fields) == name


def test_a_field_is_found_whatever_its_case_width_and_invisible_signs() -> None:
    assert plain_name(" Ｔｅｘｔ\u200b") == "text"
    assert find_field(["id", "ＴＥＸＴ "], "text", ()) == "ＴＥＸＴ "
    assert find_field(["id"], "text", ()) is None
    assert find_field(["a.text", "b.label"], None, ["label", "text"]) == "b.label"


def test_a_name_with_a_dot_is_a_field_of_an_object_unless_there_is_one_of_that_name() -> None:
    fields = {"a": {"b": {"c": 1}, "d": None}, "a.d": 2, "e": "f"}
    found = [lookup(fields, name) for name in ("a.b.c", "a.d", "a.x", "e.f", "x.y")]
    assert found == [1, 2, None, None, None]


Rows = Sequence[Sequence[Any]]


def book(path: Path, *sheets: tuple[str, Rows], merged: Sequence[str] = ()) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets:
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for cells in merged:
            sheet.merge_cells(cells)
    workbook.save(path)
    return path


def sheet_of(path: Path, **options: Any) -> Source:
    return read(path, path.read_bytes(), **options)


def test_a_workbook_is_read_as_a_person_reads_it(tmp_path: Path) -> None:
    rows: Rows = [
        ["文本", "标签"],
        ["苹果", 1],
        ["梨", 2.0],
        ["葡萄", 1.5],
        ["火车", True],
        [date(2026, 1, 2), datetime(2026, 1, 2, 3, 4)],  # noqa: DTZ001 - spreadsheets have no time zones
        [time(5, 6), None],
    ]
    path = book(tmp_path / "book.xlsx", ("一月", rows))
    source = sheet_of(path)
    assert (source.about, source.encoding, source.header) == ("workbook, sheet 一月", "", ("文本", "标签"))
    found = rows_of(source)
    assert found[:4] == [(2, "苹果", "1"), (3, "梨", "2"), (4, "葡萄", "1.5"), (5, "火车", "TRUE")]
    assert found[4][:2] == (6, "2026-01-02")
    assert str(found[4][2]).startswith("2026-01-02 03:04")
    assert found[5] == (7, "05:06:00", "")


def test_a_sheet_is_chosen_by_its_name_or_number(tmp_path: Path) -> None:
    path = book(tmp_path / "book.xlsx", ("一", [["text"], ["苹果"]]), ("二", [["text"], ["火车"]]))
    assert rows_of(sheet_of(path)) == [(2, "苹果")]
    for sheet in ("二", "2"):
        assert rows_of(sheet_of(path, sheet=sheet)) == [(2, "火车")]
    for sheet in ("三", "0", "3"):
        with pytest.raises(DataError, match=f"has no sheet '{sheet}'; its sheets are 一, 二"):
            sheet_of(path, sheet=sheet)


def test_merged_cells_are_filled_where_that_is_asked_for(tmp_path: Path) -> None:
    rows: Rows = [["text", "label", "x"], ["苹果", "水果", 1], ["梨", None, 2], ["火车", "交通", None]]
    path = book(tmp_path / "book.xlsx", ("一", rows), merged=["B2:B3", "B4:C4"])
    assert rows_of(sheet_of(path)) == [(2, "苹果", "水果", "1"), (3, "梨", "", "2"), (4, "火车", "交通", "")]
    assert rows_of(sheet_of(path, fill_merged=True)) == [
        (2, "苹果", "水果", "1"),
        (3, "梨", "水果", "2"),
        (4, "火车", "交通", "交通"),
    ]


def test_rows_have_the_numbers_that_excel_shows(tmp_path: Path) -> None:
    rows: Rows = [[None, None], [None, "text", "label"], [], [None, "苹果", "水果"]]
    assert rows_of(sheet_of(book(tmp_path / "book.xlsx", ("一", rows)))) == [(4, "", "苹果", "水果")]


def test_a_workbook_without_rows_has_no_records(tmp_path: Path) -> None:
    assert rows_of(sheet_of(book(tmp_path / "book.xlsx", ("一", [])))) == []


def test_a_workbook_may_be_compressed_once_more(tmp_path: Path) -> None:
    path = book(tmp_path / "book.xlsx", ("一", [["text"], ["苹果"]]))
    assert rows_of(read(tmp_path / "book.gz", gzip.compress(path.read_bytes()))) == [(2, "苹果")]


def test_a_workbook_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("python_calamine")
    with pytest.raises(DataError, match=r"old\.xls: cannot be read as a workbook .*: save it as CSV"):
        read(tmp_path / "old.xls", b"\xd0\xcf\x11\xe0 but no more")
    secret = b"\xd0\xcf\x11\xe0" + bytes(1000) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(DataError, match=r"book\.xlsx: has a password: open it in Excel, and save it without one"):
        read(tmp_path / "book.xlsx", secret)
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(RunError, match=r"workbooks need python-calamine: pip install 'tagger-zh\[excel\]'"):
        read(tmp_path / "old.xls", b"\xd0\xcf\x11\xe0")


def parquet_of(columns: dict[str, Any], path: Path) -> Path:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pa.table(columns), path)
    return path


def test_parquet_and_arrow_are_read(tmp_path: Path) -> None:
    columns = {"text": ["苹果", "火车"], "label": [["水果"], None], "n": [1, None]}
    path = parquet_of(columns, tmp_path / "a.parquet")
    feather = pytest.importorskip("pyarrow.feather")
    import pyarrow as pa  # noqa: PLC0415 - may be missing

    feather.write_feather(pa.table(columns), str(tmp_path / "a.feather"))
    for name, about in ((path, "Parquet"), (tmp_path / "a.feather", "Arrow")):
        source = sheet_of(name)
        assert (source.about, source.header) == (about, ("text", "label", "n"))
        assert rows_of(source) == [(1, "苹果", ["水果"], 1), (2, "火车", None, None)]


def test_a_map_becomes_an_object(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    maps = pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64()))
    path = parquet_of({"text": ["苹果", "火车"], "m": maps}, tmp_path / "a.parquet")
    assert [row[2] for row in rows_of(sheet_of(path))] == [{"a": 1}, {}]


@pytest.mark.parametrize("start", [b"PAR1", b"ARROW1"])
def test_parquet_and_arrow_that_are_damaged_are_told(tmp_path: Path, start: bytes) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(DataError, match="cannot be read to its end"):
        read(tmp_path / "a", start + b" but no more")


def test_parquet_with_a_damaged_page_is_told(tmp_path: Path) -> None:
    path = parquet_of({"text": [f"苹果{number * 7919 % 10007}" for number in range(3000)]}, tmp_path / "a.parquet")
    data = bytearray(path.read_bytes())
    data[8:200] = b"\xff" * 192
    with pytest.raises(DataError, match="cannot be read to its end"):
        read(path, bytes(data))


@pytest.mark.parametrize("start", [b"PAR1", b"ARROW1"])
def test_parquet_and_arrow_need_their_library(tmp_path: Path, start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RunError, match=r"Parquet and Arrow need pyarrow: pip install 'tagger-zh\[tables\]'"):
        read(tmp_path / "a", start)


texts = st.text(st.sampled_from("苹果火车天气，。,;|\t\"' #/a1\n"), max_size=10).map(lambda text: f"文{text}字")
rows = st.lists(st.tuples(texts, st.sampled_from(["水果", "交通", "天气"])), min_size=1, max_size=6)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_any_workbook_reads_back_equal(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    path = book(tmp_path / "book.xlsx", ("一", [("text", "label"), *rows]))
    labels = read_labels(path, LabelOptions(separator="|"))
    assert [(e.text, *e.topics) for e in labels.examples] == rows


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_any_parquet_reads_back_equal(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    columns = {"text": [text for text, _ in rows], "label": [[topic] for _, topic in rows]}
    labels = read_labels(parquet_of(columns, tmp_path / "a.parquet"))
    assert [(e.text, *e.topics) for e in labels.examples] == rows


def test_a_row_of_a_table_may_begin_with_quotation_marks_of_its_own() -> None:
    lines = io.StringIO('"甜"的苹果,水果\n"火车",交通\n', newline="")
    dialect = find_dialect(lines.getvalue(), None, cut=False)
    assert next(row for _, row in read_rows(lines, dialect, 1000)) == ['"甜"的苹果', "水果"]


def test_a_stream_of_arrow_is_read(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    ipc = pytest.importorskip("pyarrow.ipc")
    batch = pa.record_batch({"text": ["苹果", "火车"]})
    with ipc.new_stream(tmp_path / "a.arrows", batch.schema) as stream:
        stream.write_batch(batch)
        stream.write_batch(batch)
    source = sheet_of(tmp_path / "a.arrows")
    assert (source.about, source.header) == ("Arrow", ("text",))
    assert rows_of(source) == [(1, "苹果"), (2, "火车"), (3, "苹果"), (4, "火车")]


def test_a_title_above_the_header_is_passed_over(table: Path) -> None:
    source = read(table, "标注结果,\n2026年,\ntext,label\n苹果,水果\n火车,交通\n")
    assert (source.header, rows_of(source)) == (("text", "label"), [(4, "苹果", "水果"), (5, "火车", "交通")])


def test_a_mark_in_a_column_whose_cells_do_not_repeat_themselves_swallows_nothing() -> None:
    rows = "".join(f"{number},{number}\n" for number in range(1500))
    items = [row for _, row in read_rows(io.StringIO(f'{rows}"a\n7,7\nb",x\n'), Dialect(","), 1000)]
    assert items[-1] == ["a\n7,7\nb", "x"]


def test_a_row_of_two_known_names_is_no_header_below_rows_as_full_as_itself(table: Path) -> None:
    source = read(table, "好吃,褒\n难吃,贬\n评论,情感\n不错,褒\n很差,贬\n")
    assert [text for _, text, _ in rows_of(source)] == ["好吃", "难吃", "评论", "不错", "很差"]
