"""A run writes a workbook: numbers stay numbers, everything else is text, and what does not fit is not lost."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tagger.batch import Counts, Fields, RunOptions, tag_files
from tagger.batch.chunks import Chunk, Done, Lines, Work
from tagger.batch.journal import Journal
from tagger.batch.sinks import RunHeader
from tagger.batch.tables import FullSheetError
from tagger.formats.sheets import MOST_CHARACTERS, MOST_ROWS, length_in_cell

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed: pip install 'tagger-zh[dev]'")
pytest.importorskip("xlsxwriter", reason="XlsxWriter is not installed: pip install 'tagger-zh[excel]'")


def tag(source: Path, out: Path, model: Path, **options: Any) -> Counts:
    return tag_files([str(source)], out, model=model, options=RunOptions(jobs=1, **options)).counts


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    return [*openpyxl.load_workbook(path).active.iter_rows(values_only=True)]


def test_records_become_rows_of_a_workbook(model: Path, tmp_path: Path) -> None:
    records = [
        {"text": "苹果和火车", "id": "007", "n": 12, "f": 0.25, "x": {"a": [1], "b": None}, "yes": True},
        {"text": "=1+1", "big": 123456789012345678, "other": ["a", "b"], "link": "http://a.example"},
    ]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(map(orjson.dumps, records)))
    assert tag(tmp_path / "in.jsonl", tmp_path / "out.xlsx", model).tagged == 2
    header, first, second = rows_of(tmp_path / "out.xlsx")
    one, other = (dict(zip(header, row, strict=True)) for row in (first, second))
    assert header[:7] == ("text", "id", "n", "f", "x.a", "x.b", "yes")
    assert first[:7] == ("苹果和火车", "007", 12, 0.25, "[1]", None, "true")
    assert 0.5 < one["probabilities.fruit"] <= 1
    assert (other["text"], other["big"], other["other"]) == ("=1+1", "123456789012345678", "a|b")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.xlsx"]


def test_a_workbook_goes_in_and_comes_out(model: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["编号", "正文"], ["007", "苹果\n香蕉"], ["008", "火车"]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    assert tag(tmp_path / "in.xlsx", tmp_path / "out.xlsx", model).tagged == 2
    assert [row[:3] for row in rows_of(tmp_path / "out.xlsx")] == [
        ("编号", "正文", "topics"), ("007", "苹果\n香蕉", "fruit"), ("008", "火车", "train"),
    ]  # fmt: skip


def test_what_no_cell_holds_is_rejected_and_the_others_are_tagged(model: Path, tmp_path: Path) -> None:
    fits = "苹" * MOST_CHARACTERS
    lines = [orjson.dumps({"text": text}) for text in (fits, f"{fits}果", "火车", "😀" * (MOST_CHARACTERS // 2 + 1))]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    counts = tag(tmp_path / "in.jsonl", tmp_path / "out.xlsx", model)
    assert (counts.tagged, counts.rejected, dict(counts.reasons)) == (2, 2, {"cell too long": 2})
    rejects = [orjson.loads(line) for line in (tmp_path / "out.xlsx.rejects.jsonl").read_bytes().splitlines()]
    assert [reject["line"] for reject in rejects] == [2, 4]
    why = "field 'text' has 32768 characters, and a cell of a workbook holds 32767: write .csv or .jsonl"
    assert {reject["reason"] for reject in rejects} == {why}
    assert rejects[0]["raw"].encode() == lines[1]
    assert [row[0] for row in rows_of(tmp_path / "out.xlsx")] == ["text", fits, "火车"]
    assert tag(tmp_path / "in.jsonl", tmp_path / "out.csv", model).rejected == 0


def test_an_article_whose_paragraphs_no_cell_holds_is_rejected_by_its_name(model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("苹果很甜。\n" * 500, "utf-8")
    done = tag_files([str(tmp_path / "a.txt")], tmp_path / "out.xlsx", model=model, fields=Fields(paragraphs=True))
    assert done.counts.rejected == 1
    (line,) = (tmp_path / "out.xlsx.rejects.jsonl").read_bytes().splitlines()
    assert orjson.loads(line)["reason"].startswith(f"{tmp_path / 'a.txt'}: field 'paragraphs' has ")


def test_nothing_to_tag_is_an_empty_workbook(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"\n")
    assert tag(tmp_path / "in.jsonl", tmp_path / "out.xlsx", model).blank == 1
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").active.max_row == 1


def test_more_columns_than_a_workbook_has_keep_the_lines(model: Path, tmp_path: Path) -> None:
    record = {"text": "苹果", **{f"f{number}": number for number in range(16_385)}}
    (tmp_path / "in.jsonl").write_bytes(orjson.dumps(record))
    with pytest.raises(
        FullSheetError, match=r"holds 16384 columns, and there are 16390: give the same command with -o NAME"
    ):
        tag(tmp_path / "in.jsonl", tmp_path / "out.xlsx", model)
    assert orjson.loads((tmp_path / "out.xlsx.partial").read_bytes())["topics"] == ["fruit"]


def test_more_rows_than_a_workbook_has_end_the_run_and_keep_the_lines(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "out.xlsx")
    journal.begin(RunHeader(inputs=[], model="m", work=Work()))
    chunk = Chunk(source="in.jsonl", content=Lines(data=b"", first=1), number=1, digest="d", position=0)
    journal.write(chunk, Done(b"{}\n", b"", Counts(lines=MOST_ROWS, tagged=MOST_ROWS)))
    with pytest.raises(
        FullSheetError, match=r"holds 1048575 rows, and there are more: .* kept as JSON lines in .*partial"
    ):
        journal.write(chunk, Done(b"{}\n", b"", Counts(lines=1, tagged=1)))
    journal.close()
    assert (tmp_path / "out.xlsx.partial").read_bytes() == b"{}\n"


def test_going_on_is_not_proposed_where_it_would_not_help(tmp_path: Path, model: Path) -> None:
    error = FullSheetError("full", tmp_path)

    class Full(Journal):
        def write(self, chunk: Chunk, done: Done) -> None:  # noqa: ARG002 - the signature of all sinks
            raise error

    (tmp_path / "in.jsonl").write_bytes(b'{"text": "x"}\n')
    with pytest.raises(FullSheetError):
        tag_files([str(tmp_path / "in.jsonl")], Full(tmp_path / "out.xlsx"), model=model)
    assert not hasattr(error, "__notes__")


def test_without_xlsxwriter_it_is_said_before_the_run(tmp_path: Path, model: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'{"text": "x"}\n')
    code = (
        "import sys; sys.modules['xlsxwriter'] = None\n"
        "from tagger.batch import tag_files\n"
        "tag_files(['in.jsonl'], 'out.xlsx', model=sys.argv[1])\n"
    )
    command = [sys.executable, "-c", code, str(model)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "workbooks need XlsxWriter: pip install 'tagger-zh[excel]'" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_characters_are_counted_as_excel_does() -> None:
    assert [length_in_cell(text) for text in ("", "a警", "😀a")] == [0, 2, 3]
