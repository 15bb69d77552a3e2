"""Tables in and out: rows are records, none is lost, and what looks like a number stays as it is."""

import csv
import gzip
import io
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from tagger.batch import Counts, Fields, RunOptions, tag_files
from tagger.errors import DataError, RunError


def run(source: Path, out: Path, model: Path, **options: Any) -> Counts:
    return tag_files([str(source)], out, model=model, options=RunOptions(jobs=1, **options)).counts


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "gb18030"), (",", "utf-16")]
)
def test_csv_is_read_and_every_cell_stays_a_string(model: Path, tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = '"苹果,\n香蕉"'
    rows = [["id", "text", "n"], ["007", text, "1e3"], ["123456789012345678901", "火车", ""]]
    data = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    (tmp_path / "in.csv").write_bytes(data)
    given = None if encoding.startswith("utf-8") else encoding
    assert run(tmp_path / "in.csv", tmp_path / "out.jsonl", model, encoding=given).tagged == 2
    first, second = (orjson.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines())
    assert (first["id"], first["text"], first["n"], first["topics"]) == ("007", "苹果,\n香蕉", "1e3", ["fruit"])
    assert (second["id"], second["topics"]) == ("123456789012345678901", ["train"])


def test_rows_that_cannot_be_records_are_rejected_with_their_lines_and_blank_ones_passed_over(
    model: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_bytes(b"id,text\n1,x\n2,y,z\n\n3,\xff\n4,z\n")
    counts = run(tmp_path / "in.csv", tmp_path / "out.jsonl", model)
    assert (counts.lines, counts.tagged, counts.rejected, counts.blank) == (4, 2, 2, 0)
    assert dict(counts.reasons) == {"not a record": 2}
    rejects = [orjson.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_bytes().splitlines()]
    assert [(r["line"], r["reason"][:23]) for r in rejects] == [
        (3, "has 3 cells where the h"),
        (5, "byte 0xff is no text in"),
    ]
    assert rejects[0]["raw"] == "2 | y | z"


def test_a_table_that_cannot_be_read_is_told(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"\x1f\x8b\x08" + bytes(7) + b"?")
    with pytest.raises(DataError, match="cannot be read to its end"):
        run(tmp_path / "in.csv", tmp_path / "out.jsonl", model)


def test_csv_is_written_for_spreadsheets(model: Path, tmp_path: Path) -> None:
    lines = [
        {"id": 7, "text": "苹果和火车", "x": None},
        {"text": "下雨", "tags": ["a", 1], "ok": True, "in": {"a": [1.5], "b": "c"}},
    ]
    (tmp_path / "in.jsonl").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    run(tmp_path / "in.jsonl", tmp_path / "out.csv", model)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfid,text,x,topics,")
    first, second = rows_of(tmp_path / "out.csv")
    assert set(first["topics"].split("|")) == {"fruit", "train"}
    assert float(first["probabilities.fruit"]) > 0.5
    assert (first["id"], first["x"], first["in.b"]) == ("7", "", "")
    assert (second["tags"], second["ok"], second["in.a"], second["in.b"]) == ('["a",1]', "true", "[1.5]", "c")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.csv"]


def test_a_table_is_resumed_like_lines(model: Path, tmp_path: Path) -> None:
    rows = "".join(f"{n},苹果{n}\n" for n in range(300))
    (tmp_path / "in.csv.gz").write_bytes(gzip.compress(f"id,text\n{rows}x,y,z\n".encode()))
    out = tmp_path / "out.csv"
    run(tmp_path / "in.csv.gz", out, model, chunk_bytes=1000)
    expected = out.read_bytes()
    out.unlink()
    with pytest.raises(DataError, match="has 3 cells where the header has 2"):
        run(tmp_path / "in.csv.gz", out, model, chunk_bytes=1000, strict=True)
    assert not out.exists()
    run(tmp_path / "in.csv.gz", out, model, chunk_bytes=1000, resume=True)
    assert out.read_bytes() == expected
    assert len(rows_of(out)) == 300


def test_parquet_comes_and_goes(model: Path, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    columns = {
        "id": [2**60 + 1, 2],
        "text": ["苹果", None],
        "day": ["2026-01-01", "x"],
        "at": [at, at],
        "price": [Decimal("1.50"), None],
        "raw": [b"\xff", b""],
    }
    parquet.write_table(pa.table(columns), tmp_path / "in.parquet")
    counts = run(tmp_path / "in.parquet", tmp_path / "out.parquet", model)
    assert (counts.lines, counts.tagged, dict(counts.reasons)) == (2, 1, {"text is not a string": 1})
    (found,) = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert (found["id"], found["day"], found["price"], found["raw"]) == (2**60 + 1, "2026-01-01", "1.50", "/w==")
    assert datetime.fromisoformat(found["at"]) == at
    assert found["topics"] == ["fruit"]
    assert set(found["probabilities"]) == {"fruit", "train"}


def test_parquet_of_records_that_differ_has_all_their_fields(model: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet  # noqa: PLC0415

    lines = [{"text": "下雨", "n": 1} for _ in range(5000)] + [{"text": "苹果", "n": 1.5, "m": "z"}]
    (tmp_path / "in.jsonl").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    run(tmp_path / "in.jsonl", tmp_path / "out.parquet", model)
    table = parquet.read_table(tmp_path / "out.parquet")
    assert (table.num_rows, table["m"].to_pylist()[-2:], table["n"].to_pylist()[-2:]) == (5001, [None, "z"], [1.0, 1.5])
    assert table["topics"].to_pylist()[-2:] == [[], ["fruit"]]
    (tmp_path / "in.jsonl").write_bytes(b'{"text": "x", "n": 1}\n{"text": "y", "n": "a"}\n')
    run(tmp_path / "in.jsonl", tmp_path / "mixed.parquet", model)
    assert parquet.read_table(tmp_path / "mixed.parquet")["n"].to_pylist() == ["1", "a"]


def test_parquet_that_is_none_and_parquet_without_its_library_are_told(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow.parquet")
    (tmp_path / "in.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(DataError, match="cannot be read to its end"):
        run(tmp_path / "in.parquet", tmp_path / "out.jsonl", model)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RunError, match="Parquet and Arrow need pyarrow: pip install 'tagger-zh\\[tables\\]'"):
        run(tmp_path / "in.parquet", tmp_path / "again.jsonl", model)
    (tmp_path / "in.jsonl").write_bytes(b'{"text": "x"}\n')
    with pytest.raises(RunError, match="Parquet needs pyarrow: pip install 'tagger-zh\\[tables\\]'"):
        run(tmp_path / "in.jsonl", tmp_path / "out.parquet", model)


def test_topics_alone_fit_one_column(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\n苹果\n", encoding="utf-8")
    tag_files(
        [str(tmp_path / "in.csv")],
        tmp_path / "out.csv",
        model=model,
        fields=Fields(topics_only=True, output="labels"),
    )
    assert rows_of(tmp_path / "out.csv") == [{"text": "苹果", "labels": "fruit"}]


def test_the_limit_of_cells_is_that_of_the_process_again(model: Path, tmp_path: Path) -> None:
    before = csv.field_size_limit()
    (tmp_path / "in.csv").write_text("text\n" + "苹果" * 100_000 + "\n火车\n", encoding="utf-8")
    seen: list[int] = []
    summary = tag_files(
        [str(tmp_path / "in.csv")],
        tmp_path / "out.jsonl",
        model=model,
        options=RunOptions(jobs=1, chunk_bytes=10),
        progress=lambda _: seen.append(csv.field_size_limit()),
    )
    assert (summary.counts.tagged, set(seen), csv.field_size_limit()) == (2, {before}, before)
    counts = run(tmp_path / "in.csv", tmp_path / "short.jsonl", model, max_line_bytes=100)
    assert (counts.tagged, counts.rejected, csv.field_size_limit()) == (1, 1, before)
