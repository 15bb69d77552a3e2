"""Cells of a workbook change in its XML, as other programs than Excel write it too."""

import io
import zipfile

import pytest

from tagger.errors import DataError
from tagger.formats.workbook_cells import edit_workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(rows: str, *, target: str = "worksheets/sheet1.xml", declared: str = "") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        names = (
            f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets><sheet name="一" sheetId="1" r:id="rId7"/></sheets>'
        )
        archive.writestr("xl/workbook.xml", f"{names}</workbook>")
        links = f'<Relationships><Relationship Id="rId1" Target="x.xml"/><Relationship Id="rId7" Target="{target}"/>'
        archive.writestr("xl/_rels/workbook.xml.rels", f"{links}</Relationships>")
        archive.writestr("xl/worksheets/sheet1.xml", f"{declared}{rows}".encode())
    return data.getvalue()


def sheet_of(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def edited(rows: str, cells: dict[int, str], column: int = 1) -> str:
    data, refused = edit_workbook("a.xlsx", workbook(rows), "一", column, cells)
    assert refused == {}
    return sheet_of(data)


def test_places_that_are_not_written_are_counted_and_prefixes_are_kept() -> None:
    rows = '<x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c s="3" t="s"><x:v>0</x:v></x:c></x:row></x:sheetData>'
    new = '<x:c r="B1" s="3" t="inlineStr"><x:is><x:t xml:space="preserve">a&amp;b</x:t></x:is></x:c>'
    assert edited(rows, {1: "a&b"}) == rows.replace('<x:c s="3" t="s"><x:v>0</x:v></x:c>', new)


def test_a_cell_that_is_not_there_is_put_in_its_place() -> None:
    new = '<c r="B2" t="inlineStr"><is><t xml:space="preserve">y</t></is></c>'
    rows = '<sheetData><row r="2"><c r="A2"/>{}<c r="C2"><v>5</v></c></row></sheetData>'
    assert edited(rows.format(""), {2: "y"}) == rows.format(new)
    rows = '<sheetData><row r="1"/><row r="2"><c r="A2"/>{}</row></sheetData>'
    assert edited(rows.format(""), {2: "y"}) == rows.format(new)


def test_a_cell_is_emptied_and_others_stay() -> None:
    rows = '<sheetData><row r="1"><c r="B1" t="inlineStr"><is><t>x</t></is></c><c r="C1"><f>1</f></c></row></sheetData>'
    assert edited(rows, {1: ""}) == rows.replace('<c r="B1" t="inlineStr"><is><t>x</t></is></c>', '<c r="B1"/>')


def test_a_target_may_be_named_from_the_top() -> None:
    data = workbook("<sheetData><row><c/></row></sheetData>", target="/xl/worksheets/sheet1.xml")
    assert 'r="A1"' in sheet_of(edit_workbook("a.xlsx", data, "一", 0, {1: "x"})[0])


def test_what_cannot_be_written_is_refused_by_row() -> None:
    rows = '<sheetData><row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row><row r="2"><c r="A2"/></row></sheetData>'
    data, refused = edit_workbook("a.xlsx", workbook(rows), "一", 0, {1: "x", 2: "\x01", 9: "x"})
    assert sheet_of(data) == rows
    assert refused == {
        1: "the cell holds a formula: write the topics themselves",
        2: "the topics have a sign that no workbook can hold",
        9: "is no row of the sheet",
    }


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04", "File is not a zip file"),
        (workbook("<sheetData>"), "no element found"),
        (workbook("<a/>", declared='<?xml version="1.0" encoding="utf-16"?>'), ""),
        (workbook("<a/>", declared='<?xml version="1.0" encoding="iso-8859-1"?>'), "it is in iso-8859-1"),
        (workbook("<a/>", target="other.xml"), "There is no item named"),
    ],
)
def test_a_workbook_that_cannot_be_changed_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(
        DataError, match=rf"a\.xlsx: its sheet '一' cannot be changed \(.*{message}.*\): save it as \.csv"
    ):
        edit_workbook("a.xlsx", data, "一", 0, {1: "x"})


def test_a_sheet_that_the_workbook_does_not_name_is_refused() -> None:
    with pytest.raises(DataError, match="not among those that the workbook names"):
        edit_workbook("a.xlsx", workbook("<a/>"), "二", 0, {1: "x"})


def test_what_is_declared_to_be_utf8_is_changed() -> None:
    data = workbook("<row><c/></row>", declared='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>')
    assert 'r="A1"' in sheet_of(edit_workbook("a.xlsx", data, "一", 0, {1: "x"})[0])
    data = workbook("<row><c/></row>", declared='<?xml version="1.0"?>')
    assert 'r="A1"' in sheet_of(edit_workbook("a.xlsx", data, "一", 0, {1: "x"})[0])
