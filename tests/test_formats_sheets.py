"""Sheets are read back as they were written, and no cell of them is a formula."""

import sys
from pathlib import Path

import pytest

from tagger.errors import DataError, RunError
from tagger.formats import sheets
from tagger.formats.sheets import check_sheet, write_sheet

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed: pip install 'tagger-zh[dev]'")
pytest.importorskip("xlsxwriter", reason="XlsxWriter is not installed: pip install 'tagger-zh[excel]'")

HEADER = ("text", "why", "sure")
ROWS = [("=1+1", "+反诈", 0.5), ("两行\n的“字”,和 \t 空", "", None), ("@all", "-1", 1)]


def test_csv_opens_in_excel_and_its_formulas_are_disarmed_but_where_it_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "found.csv"
    write_sheet(path, HEADER, ROWS, exact=["text"])
    assert path.read_bytes() == (
        "\ufefftext,why,sure\r\n=1+1,'+反诈,0.5\r\n\"两行\n的“字”,和 \t 空\",,\r\n@all,'-1,1\r\n".encode()
    )


def test_tsv_is_parted_by_tabs(tmp_path: Path) -> None:
    write_sheet(tmp_path / "found.tsv", ("a", "b"), [("1", "2")])
    assert (tmp_path / "found.tsv").read_text("utf-8-sig") == "a\tb\n1\t2\n"


def test_a_workbook_holds_text_as_text_and_offers_choices(tmp_path: Path) -> None:
    path = tmp_path / "found.xlsx"
    write_sheet(path, HEADER, ROWS, choices={"why": ["对", "改"]})
    sheet = openpyxl.load_workbook(path).active
    assert [*sheet.iter_rows(values_only=True)] == [
        HEADER,
        ("=1+1", "+反诈", 0.5),
        (ROWS[1][0], "", None),
        ("@all", "-1", 1),
    ]
    assert sheet["A2"].data_type == "s"
    assert sheet.auto_filter.ref == "A1:C4"
    assert [(str(v.sqref), v.formula1) for v in sheet.data_validations.dataValidation] == [("B2:B4", '"对,改"')]


@pytest.mark.parametrize("rows", [0, 1])
def test_a_filter_is_put_over_a_workbook_without_rows_too(tmp_path: Path, rows: int) -> None:
    write_sheet(tmp_path / "found.xlsx", ("a", "b"), [("1", "2")] * rows)
    assert openpyxl.load_workbook(tmp_path / "found.xlsx").active.auto_filter.ref == "A1:B2"


def test_what_a_workbook_cannot_hold_is_refused_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "found.xlsx"
    with pytest.raises(DataError, match=r"found\.xlsx:2: .*32767 characters, 'a' has 40000 here: write \.csv"):
        write_sheet(path, ("a",), [("字" * 40_000,)])
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    with pytest.raises(DataError, match=r"holds 2 rows at most: write \.csv"):
        write_sheet(path, ("a",), [("x",)] * 3)
    assert not [*tmp_path.iterdir()]


def test_an_ending_that_is_not_written_is_refused() -> None:
    with pytest.raises(DataError, match=r"found\.doc: is not written: name it \.csv, \.tsv, \.xlsx"):
        check_sheet("found.doc")


def test_without_xlsxwriter_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    check_sheet("found.csv")
    with pytest.raises(RunError, match=r"pip install 'tagger-zh\[excel\]'"):
        check_sheet("found.xlsx")
