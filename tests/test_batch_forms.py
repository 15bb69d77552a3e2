"""Any form of file, under any name, is tagged; none of its records is lost, and nothing finished is destroyed."""

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from tagger.batch import Counts, Fields, RunOptions, Stream, tag_files
from tagger.batch.chunks import Chunk, Lines
from tagger.batch.inputs import find_inputs, read_chunks
from tagger.errors import DataError, RunError
from tagger.formats.opening import zstandard

LINES = '{"id": "1", "text": "苹果很甜"}\n{"id": "2", "text": "火车很快"}\n'
ARRAY = '[{"id": "1", "text": "苹果很甜"},\n {"id": "2", "text": "火车很快"}]'
TABLE = "id,text\n1,苹果很甜\n2,火车很快\n"
TAGGED = [("1", ["fruit"]), ("2", ["train"])]


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inside", data)
    return file.getvalue()


COMPRESSIONS: list[Callable[[bytes], bytes]] = [
    bytes,
    gzip.compress,
    bz2.compress,
    lzma.compress,
    zipped,
    lambda data: bytes(zstandard().compress(data)),
]


class Run:
    """Tags files in a folder."""

    def __init__(self, model: Path, folder: Path) -> None:
        self.model = model
        self.folder = folder
        self.out = folder / "out.jsonl"
        self.told: list[str] = []

    def write(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def __call__(self, name: str | Sequence[str], *, fields: Fields | None = None, **options: Any) -> Counts:
        self.told = []
        summary = tag_files(
            [name] if isinstance(name, str) else name,
            self.out,
            model=self.model,
            fields=fields or Fields(),
            options=RunOptions(jobs=1, **options),
            told=self.told.append,
        )
        return summary.counts

    def tag(self, name: str, content: str | bytes, **how: Any) -> Counts:
        return self(self.write(name, content), **how)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.out.read_bytes().splitlines()]

    @property
    def rejects(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in Path(f"{self.out}.rejects.jsonl").read_bytes().splitlines()]

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def run(model: Path, tmp_path: Path) -> Run:
    return Run(model, tmp_path)


@pytest.mark.parametrize("name", ["items.jl", "items.jsonlines", "items.log", "items.json", "items.txt", "part-00000"])
@pytest.mark.parametrize("content", [LINES, ARRAY])
def test_json_is_tagged_under_any_name(run: Run, name: str, content: str) -> None:
    assert run.tag(name, content).tagged == 2
    assert [(record["id"], record["topics"]) for record in run.records] == TAGGED


@pytest.mark.parametrize("compress", COMPRESSIONS)
@pytest.mark.parametrize("content", [LINES, ARRAY, TABLE])
def test_any_form_may_be_compressed(run: Run, content: str, compress: Callable[[bytes], bytes]) -> None:
    name = "in.csv" if content == TABLE else "in"
    assert run.tag(name, compress(content.encode())).tagged == 2
    assert [(record["id"], record["topics"]) for record in run.records] == TAGGED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    ("name", "content"), [("a.jsonl", LINES), ("a.json", ARRAY), ("a.csv", TABLE), ("a.tsv", TABLE)]
)
def test_encodings_are_found_as_they_are_for_labels(run: Run, name: str, content: str, encoding: str) -> None:
    assert run.tag(name, content.replace(",", "\t" if name == "a.tsv" else ",").encode(encoding)).tagged == 2
    assert [(record["id"], record["topics"]) for record in run.records] == TAGGED


@pytest.mark.parametrize("content", [LINES, ARRAY, TABLE])
def test_standard_input_may_have_any_form(run: Run, content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    assert run("-").tagged == 2
    assert [(record["id"], record["topics"]) for record in run.records] == TAGGED


def test_an_article_on_standard_input_stays_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("苹果，梨\n[火车]\n".encode())))
    assert run("-").lines == 1
    assert run.records[0]["file"] == "-"


@pytest.mark.parametrize("field", ["文本", "正文", "内容", "content", "标题"])
def test_the_text_is_found_by_its_usual_names_and_that_is_said(run: Run, field: str) -> None:
    assert run.tag("a.csv", f"编号,{field}\n1,苹果\n").tagged == 1
    assert run.told == [f"{run.folder / 'a.csv'}: table, parted by comma, UTF-8; text from '{field}'"]
    assert run.tag("a.jsonl", orjson.dumps({"编号": 1, field: "苹果"})).tagged == 1
    assert run.told == [f"{run.folder / 'a.jsonl'}: JSON lines, UTF-8; text from '{field}'"]
    assert run.tag("a.jsonl", LINES).tagged == 2
    assert run.told == []


def test_the_article_is_read_and_not_its_title(run: Run) -> None:
    assert run.tag("a.csv", "标题,稿件正文\n消息,苹果\n消息,火车\n").tagged == 2
    assert [record["topics"] for record in run.records] == [["fruit"], ["train"]]


def test_the_only_column_is_the_text(run: Run) -> None:
    assert run.tag("a.csv", "苹果\n火车\n").tagged == 2
    assert [record["1"] for record in run.records] == ["苹果", "火车"]


@pytest.mark.parametrize("content", ['{"_source": {"text": "苹果"}}\n', '[{"_source": {"text": "苹果"}}]'])
def test_the_text_may_stand_in_an_object(run: Run, content: str) -> None:
    for fields in (Fields(), Fields(text="_source.text")):
        assert run.tag("a.json", content, fields=fields).tagged == 1
        assert (run.records[0]["_source"], run.records[0]["topics"]) == ({"text": "苹果"}, ["fruit"])


@pytest.mark.parametrize("content", [LINES, ARRAY, TABLE])
def test_a_title_that_no_record_has_is_refused(run: Run, content: str) -> None:
    with pytest.raises(DataError, match=r"has no field 'titel' for the title; found: id, text"):
        run.tag("in.csv" if content == TABLE else "in", content, fields=Fields(title="titel"))


def test_a_run_that_was_refused_before_it_began_can_be_started_again(run: Run) -> None:
    with pytest.raises(DataError):
        run.tag("in.csv", TABLE, fields=Fields(title="titel"))
    assert run(str(run.folder / "in.csv")).tagged == 2


def test_a_title_that_some_record_has_is_read(run: Run) -> None:
    lines = LINES + '{"id": "3", "text": "下雨", "head": "火车晚点"}\n'
    assert run.tag("a.jsonl", lines, fields=Fields(title="head")).tagged == 3
    assert run.tag("a.jsonl.gz", gzip.compress(lines.encode()), fields=Fields(title="head")).tagged == 3


@pytest.mark.parametrize("content", [LINES, TABLE])
def test_a_rejected_record_names_what_helps(run: Run, content: str) -> None:
    name = "a.csv" if content == TABLE else "a.jsonl"
    counts = run.tag(name, content, fields=Fields(text="body"))
    assert dict(counts.reasons) == {"no text": 2}
    assert run.rejects[0]["reason"] == "no field 'body'; found: id, text; --text-field text reads that one"
    assert orjson.loads(run.rejects[0]["raw"]) == {"id": "1", "text": "苹果很甜"}


@pytest.mark.parametrize("content", [LINES, TABLE])
def test_a_run_in_which_nothing_could_be_tagged_keeps_what_was_finished(run: Run, content: str) -> None:
    name = run.write("a.csv" if content == TABLE else "a.jsonl", content)
    run(name)
    before = run.out.read_bytes()
    with pytest.raises(DataError, match=r"nothing could be tagged, so the output stays: .*:\d: no field 'body'"):
        run(name, fields=Fields(text="body"))
    assert run.out.read_bytes() == before
    assert run.names == [Path(name).name, "out.jsonl"]
    assert run(name).tagged == 2


def test_a_run_whose_first_hundred_records_all_fail_alike_is_given_up(run: Run) -> None:
    name = run.write("a.jsonl", '{"x": 1, "y": 2}\n' * 1000 + LINES)
    with pytest.raises(
        DataError, match=r"all of the first \d+ fail: .*a\.jsonl:1: no field 'text'; found: x"
    ) as caught:
        run(name, chunk_bytes=100)
    assert "--resume" not in "".join(getattr(caught.value, "__notes__", []))
    assert run.names == ["a.jsonl"]
    number = int(str(caught.value).partition("first ")[2].partition(" ")[0])
    assert 100 <= number < 200


def test_a_run_goes_on_where_records_fail_in_several_ways_or_one_was_tagged(run: Run) -> None:
    bad = '{"x": 1, "y": 2}\n' * 200
    assert run.tag("a.jsonl", LINES + bad, chunk_bytes=100).rejected == 200
    assert run.tag("a.jsonl", "[1]\n" + bad + LINES, chunk_bytes=100).rejected == 201


def test_records_without_a_text_do_not_hide_the_field_of_those_behind(run: Run) -> None:
    assert run.tag("a.jsonl", '{"x": 1}\n' * 60 + LINES).tagged == 2


def test_a_stream_is_told_of_every_record_that_fails(run: Run) -> None:
    name = run.write("a.jsonl", '{"x": 1, "y": 2}\n' * 300)
    file = io.BytesIO()
    said: list[str] = []
    tag_files([name], Stream(file, said.append), model=run.model, options=RunOptions(jobs=1))
    assert (file.getvalue(), len(said)) == (b"", 31)
    assert re.findall(r"a\.jsonl:(\d+)", "\n".join(said)) == [str(number) for number in range(1, 301)]


@pytest.mark.parametrize(
    ("content", "tagged", "line", "reason", "raw"),
    [
        ('id,text\n1,"苹,果"\n2,"火车\n3,梨\n', 2, 3, "a quotation mark that is not closed", '2,"火车'),
        ('text,n\n"苹,果",a\n车,b\n"火车,b\n梨,a\n站",b\n', 4, 4, "a quotation mark that swallows the rows", '"火车,b'),
        ("id,text\n1,苹,果\n2,火车\n", 1, 2, "has 3 cells where the header has 2", "1 | 苹 | 果"),
    ],
)
def test_rows_that_are_broken_are_told_and_no_other_is_lost(
    run: Run, content: str, tagged: int, line: int, reason: str, raw: str
) -> None:
    counts = run.tag("a.csv", content)
    assert (counts.tagged, dict(counts.reasons)) == (tagged, {"not a record": 1})
    (reject,) = run.rejects
    assert (reject["line"], reject["raw"], reason in reject["reason"]) == (line, raw, True)


def test_a_table_that_is_not_quoted_loses_nothing(run: Run) -> None:
    assert run.tag("a.csv", 'id,text\n1,苹果\n2,"火车\n3,香蕉\n').tagged == 3
    assert run.told[0].endswith("table, parted by comma, not quoted, UTF-8; text from 'text'")
    assert [record["text"] for record in run.records] == ["苹果", '"火车', "香蕉"]


@pytest.mark.parametrize("limit", [100, 2000])
def test_a_cell_over_the_limit_is_rejected_and_the_run_goes_on(run: Run, limit: int) -> None:
    counts = run.tag("a.csv", f"id,text\n1,{'苹' * (limit + 1)}\n2,火车\n3,香蕉\n", max_line_bytes=limit)
    assert (counts.tagged, counts.rejected) == (2, 1)
    (reject,) = run.rejects
    assert reject["line"] == 2
    assert reject["raw"].startswith("1,苹苹")


def test_an_object_over_the_limit_is_rejected_and_the_run_goes_on(run: Run) -> None:
    counts = run.tag("a.json", json.dumps([{"text": "苹" * 200}, {"text": "火车"}]), max_line_bytes=100)
    assert (counts.tagged, dict(counts.reasons)) == (1, {"line too long": 1})


@pytest.mark.parametrize(
    ("content", "tagged", "rejected"),
    [
        ('[{"text": "苹果"}, 5, "火车", null, {"text": "香蕉"}]', 2, 3),
        ('[{"text": "苹果"}, {"text": "火车}, {"text": "香蕉"}]', 1, 1),
        ('[{"text": "\\ud800"}, {"text": "苹果"}]', 1, 1),
        ('[{"text": null}, {"text": "苹果"}]', 1, 1),
        ("[]", 0, 0),
    ],
)
def test_what_is_no_record_in_an_array_is_told(run: Run, content: str, tagged: int, rejected: int) -> None:
    counts = run.tag("a.json", content)
    assert (counts.tagged, counts.rejected) == (tagged, rejected)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_row_with_bytes_that_are_no_text_is_told_in_words(run: Run, encoding: str) -> None:
    data = "id,text\n1,苹果很甜很甜\n2,坏".encode(encoding) + b"\xff\n" + "3,火车很快\n".encode(encoding)
    counts = run.tag("a.csv", data)
    assert (counts.tagged, counts.rejected) == (2, 1)
    assert "--encoding-errors replace" in run.rejects[0]["reason"]
    assert "坏" in run.rejects[0]["raw"]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_bytes_that_are_no_text_may_be_replaced(run: Run, name: str) -> None:
    row = b"2,\xff\n" if name == "a.csv" else b'{"id": "2", "text": "\xff"}\n'
    head = "id,text\n1,苹果很甜\n" if name == "a.csv" else LINES.splitlines(keepends=True)[0]
    assert run.tag(name, head.encode() + row, errors="replace").tagged == 2
    assert run.records[1]["text"] == "\ufffd"


def test_a_line_that_is_nested_too_deeply_is_rejected(run: Run) -> None:
    deep = '{"text": "苹果", "x": ' + "[" * 5000 + "]" * 5000 + "}\n"
    assert run.tag("a.jsonl", deep + LINES).tagged == 2


@pytest.mark.parametrize(("name", "encoding"), [("a.json", "utf-8"), ("a.jsonl", "gb18030")])
def test_long_numbers_keep_their_digits(run: Run, name: str, encoding: str) -> None:
    content = '{"text": "苹果很甜", "id": 123456789012345678901234567890}'
    run.tag(name, (f"[{content}]" if name == "a.json" else f"{content}\n").encode(encoding))
    assert b"123456789012345678901234567890" in run.out.read_bytes()


def test_blank_rows_are_no_records(run: Run) -> None:
    counts = run.tag("a.csv", "id,text\n1,苹果\n\n , \n2,火车\n")
    assert (counts.lines, counts.tagged, counts.blank) == (2, 2, 0)


def test_a_workbook_is_tagged(run: Run) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    workbook = openpyxl.Workbook()
    for row in (["编号", "正文"], [1, "苹果"], [None, None], [2, "火车"]):
        workbook.active.append(row)
    workbook.create_sheet("二").append(["text"])
    workbook["二"].append(["香蕉"])
    workbook.save(run.folder / "in.xlsx")
    assert run(str(run.folder / "in.xlsx")).tagged == 2
    assert [record["编号"] for record in run.records] == ["1", "2"]
    assert run(str(run.folder / "in.xlsx"), sheet="二").tagged == 1


def write_parquet(path: Path, **columns: Any) -> str:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pa.table(columns), path)
    return str(path)


def test_binary_text_is_utf8_or_rejected(run: Run) -> None:
    name = write_parquet(run.folder / "in.parquet", text=["苹果".encode(), b"\xff", "火车".encode()], raw=[b"\xff"] * 3)
    assert run(name).tagged == 2
    assert [(record["text"], record["raw"]) for record in run.records] == [("苹果", "/w=="), ("火车", "/w==")]
    (reject,) = run.rejects
    assert (reject["line"], reject["reason"]) == (2, "field 'text' holds bytes that are not UTF-8")


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
def test_a_column_of_maps_is_written_in_every_form(run: Run, ending: str) -> None:
    pa = pytest.importorskip("pyarrow")
    maps = pa.array([[("甲", 1)], [("乙", 2)]], pa.map_(pa.string(), pa.int64()))
    name = write_parquet(run.folder / "in.parquet", text=["苹果", "火车"], m=maps)
    run.out = run.folder / f"out{ending}"
    assert run(name).tagged == 2
    assert run.names == ["in.parquet", f"out{ending}"]


def test_what_json_has_no_word_for_is_written_as_text_or_rejected(run: Run) -> None:
    pa = pytest.importorskip("pyarrow")
    name = write_parquet(
        run.folder / "in.parquet", text=["苹果"], n=pa.array([1.5], pa.float64()), d=pa.array([86400], pa.duration("s"))
    )
    assert run(name).tagged == 1
    assert run.records[0]["d"] == "1 day, 0:00:00"


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([1, 2**70], ["1", str(2**70)]),
        ([1.5, 2**53 + 1], ["1.5", str(2**53 + 1)]),
        ([1, "a", None], ["1", "a", None]),
        ([[1], "a"], ["[1]", "a"]),
        ([{"a": 1}, {"b": "x"}], [{"a": 1, "b": None}, {"a": None, "b": "x"}]),
        ([1, 2.5, None], [1.0, 2.5, None]),
        ([None, None], [None, None]),
        ([True, False], [True, False]),
    ],
)
def test_parquet_holds_any_column(run: Run, values: list[Any], written: list[Any]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    lines = "".join(json.dumps({"text": "苹果", "n": value}) + "\n" for value in values)
    run.out = run.folder / "out.parquet"
    assert run.tag("a.jsonl", lines).tagged == len(values)
    assert parquet.read_table(run.out)["n"].to_pylist() == written


def test_parquet_of_many_rows_has_one_type_for_each_column(run: Run) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    values = [*range(5000), 2**65, "甲", *range(5000)]
    lines = "".join(json.dumps({"text": "雨", "n": value}) + "\n" for value in values)
    run.out = run.folder / "out.parquet"
    run.tag("a.jsonl", lines)
    assert parquet.read_table(run.out)["n"].to_pylist() == [str(value) for value in values]


def test_csv_keeps_long_numbers(run: Run) -> None:
    run.out = run.folder / "out.csv"
    run.tag("a.jsonl", '{"text": "苹果", "n": 123456789012345678901234567890}\n')
    (row,) = csv.DictReader(io.StringIO(run.out.read_bytes().decode("utf-8-sig")))
    assert row["n"] == "123456789012345678901234567890"


@pytest.mark.parametrize("name", ["out.tsv", "out.xls", "out.feather", "out.arrow", "out.json", "out.html"])
def test_a_form_that_is_only_read_is_not_written(run: Run, name: str) -> None:
    run.out = run.folder / name
    with pytest.raises(
        DataError, match=r"what is written is JSON lines or a table: name it \.jsonl, \.csv, \.xlsx or \.parquet"
    ):
        run.tag("a.jsonl", LINES)
    assert run.names == ["a.jsonl"]


def test_hidden_files_of_a_folder_are_passed_over(run: Run) -> None:
    run.write("in/1.txt", "苹果")
    run.write("in/.2.txt", "藏")
    run.write("in/.git/3.txt", "藏")
    assert [Path(name).name for name in find_inputs([str(run.folder / "in")])] == ["1.txt"]


def test_a_folder_of_records_is_tagged(run: Run) -> None:
    run.write("in/1.jsonl", LINES)
    run.write("in/2.csv", TABLE)
    assert run(str(run.folder / "in")).tagged == 4


def test_a_folder_of_nothing_is_refused(run: Run) -> None:
    run.write("in/photo.png", b"\x89PNG")
    with pytest.raises(DataError, match="in: holds no "):
        run(str(run.folder / "in"))


def test_articles_and_records_come_in_the_order_they_are_given(run: Run) -> None:
    names = [run.write("1.txt", "苹果"), run.write("2.csv", TABLE), run.write("3.txt", "火车"), run.write("4.txt", "")]
    assert run(names, chunk_bytes=1).tagged == 5
    assert [record.get("id", record.get("file", "")[-5:]) for record in run.records] == [
        "1.txt",
        "1",
        "2",
        "3.txt",
        "4.txt",
    ]


def test_a_damaged_article_is_put_aside_and_damaged_records_end_the_run(run: Run) -> None:
    damaged = gzip.compress("苹果".encode() * 1000)[:-10]
    names = [run.write("1.txt", damaged), run.write("2.txt", "火车"), run.write("3.txt", bytes(1000))]
    counts = run(names)
    assert (counts.tagged, dict(counts.reasons)) == (1, {"unreadable file": 2})
    assert "3.txt: is no text: more than half" in run.rejects[1]["reason"]
    run.out.unlink()
    with pytest.raises(DataError, match="cannot be read to its end"):
        run.tag("a.csv", gzip.compress((TABLE * 1000).encode())[:-10])


def test_a_wrong_encoding_of_many_files_is_said_once(run: Run) -> None:
    names = [run.write(f"{number:02}.txt", "火车很快") for number in range(12)]
    said: list[str] = []
    tag_files(names, Stream(io.BytesIO(), said.append), model=run.model, options=RunOptions(jobs=1, encoding="big5"))
    assert said[0].startswith(f"{names[0]}: byte 0xe7 at offset 0, line 1, is not BIG5; leave --encoding out or name")
    assert said[1:] == [f"the same: {', '.join(names[1:11])}", f"the same: {names[11]}"]
    run(names, encoding="big5")
    assert [reject["file"] for reject in run.rejects] == names


@pytest.mark.full
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_a_run_over_any_form_is_resumed_to_the_same_bytes(run: Run, compress: Callable[[bytes], bytes]) -> None:
    rows = "".join(f"{number},苹果{number}\n" for number in range(300))
    name = run.write("in.csv", compress(f"id,text\n{rows}x,y,z\n{rows}".encode("gb18030")))
    run(name, chunk_bytes=1000)
    expected = run.out.read_bytes()
    run.out.unlink()
    with pytest.raises(DataError, match=r"in\.csv:302: has 3 cells where the header has 2"):
        run(name, chunk_bytes=1000, strict=True)
    run(name, chunk_bytes=1000, resume=True)
    assert run.out.read_bytes() == expected
    assert len(run.records) == 600


def test_a_run_is_not_resumed_with_other_options_of_reading(run: Run) -> None:
    name = run.write("in.csv", f"{TABLE}{'3,雨' * 40}\nx,y,z\n")
    with pytest.raises(DataError):
        run(name, strict=True, chunk_bytes=20)
    with pytest.raises(RunError, match="it was started with different settings: delimiter was None and is ','"):
        run(name, resume=True, delimiter=",")


def test_a_run_that_was_given_up_before_may_be_resumed_as_a_new_one(run: Run) -> None:
    name = run.write("a.jsonl", '{"x": 1, "y": 2}\n' * 200)
    with pytest.raises(DataError):
        run(name)
    run.write("a.jsonl", LINES)
    assert run(name, resume=True).tagged == 2


def test_a_text_that_swells_when_it_is_normalised_is_rejected(run: Run) -> None:
    sign = "\ufdfa"
    assert run.tag("a.jsonl", json.dumps({"text": sign}, ensure_ascii=False), max_line_bytes=100).tagged == 1
    for name, content in (("a.jsonl", {"text": sign * 20}), ("a.txt", sign * 20)):
        data = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        run.out.unlink(missing_ok=True)
        assert dict(run.tag(name, data, max_line_bytes=100).reasons) == {"text too long": 1}
        assert "the text becomes 360 characters when it is normalised: see --max-line" in run.rejects[0]["reason"]


def test_a_row_with_numbers_for_names_is_rejected(run: Run) -> None:
    pa = pytest.importorskip("pyarrow")
    maps = pa.array([[(1, "甲")], []], pa.map_(pa.int64(), pa.string()))
    assert run(write_parquet(run.folder / "in.parquet", text=["苹果", "火车"], m=maps)).tagged == 1
    assert run.rejects[0]["reason"] == "cannot be a record: Dict key must be str"


def test_a_folder_of_nothing_but_links_to_folders_is_told_by_the_links(run: Run) -> None:
    (run.folder / "in").mkdir()
    (run.folder / "other").mkdir()
    (run.folder / "in" / "link").symlink_to(run.folder / "other", target_is_directory=True)
    assert find_inputs([str(run.folder / "in")]) == (str(run.folder / "in" / "link"),)


def test_what_comes_in_small_pieces_through_a_pipe_is_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(io.BufferedReader):
        def read1(self, size: int = -1, /) -> bytes:
            return super().read1(min(size, 20))

    reading, writing = os.pipe()
    os.write(writing, LINES.encode())
    os.close(writing)
    with Slow(io.FileIO(reading)) as file:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=file))
        chunks = [*read_chunks(["-"], RunOptions(), live=True)]
    contents = [chunk.content for chunk in chunks if isinstance(chunk, Chunk)]
    assert [content.data for content in contents if isinstance(content, Lines)] == [LINES.encode()]


def test_files_of_a_folder_that_are_no_articles_are_told(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "稿件"
    (folder / "旧").mkdir(parents=True)
    for name in ("一.txt", "二.html", "三.docx", "旧/四.docx", "五.jpg", "目录", ".隐藏", "~$三.docx"):
        (folder / name).write_text("苹果", encoding="utf-8")
    told: list[str] = []
    counts = tag_files([str(folder)], tmp_path / "out.jsonl", model=model, told=told.append).counts
    assert (counts.tagged, told) == (2, [f"{folder}: passed over: 2 .docx, 1 .jpg, 1 目录"])
    told.clear()
    tag_files([str(folder / "一.txt")], tmp_path / "again.jsonl", model=model, told=told.append)
    assert told == []
