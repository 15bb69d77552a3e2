"""Rows → a sheet that people open: CSV, or a workbook of Excel by XlsxWriter."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from tagger.errors import DataError, Problem, RunError
from tagger.files import atomic_file
from tagger.messages import _, joined

__all__ = [
    "MOST_CHARACTERS",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "SHEETS",
    "check_sheet",
    "length_in_cell",
    "rearm",
    "render_sheet",
    "stream_workbook",
    "write_sheet",
]

SHEETS = frozenset([".csv", ".tsv", ".xlsx"])
# What Excel can hold: characters of a cell, counted as UTF-16 has them, rows below a header, and columns.
MOST_CHARACTERS = 32_767
MOST_ROWS = 1_048_575
MOST_COLUMNS = 16_384
# What a spreadsheet takes for the beginning of a formula, or of a cell beside.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60  # characters
# Text is text: nothing of it becomes a formula, a link or a number.
_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def check_sheet(path: str | Path) -> None:
    """Check that a sheet could be written here, before work is done for it.

    Raises:
        DataError: when the name has another ending.
        RunError: when it is a workbook and XlsxWriter is not installed.
    """
    ending = Path(path).suffix.lower()
    if ending not in SHEETS:
        raise DataError(str(path), Problem(_("is not written: name it {endings}", endings=joined(sorted(SHEETS)))))
    if ending == ".xlsx":
        _xlsxwriter()


def write_sheet(
    path: str | Path,
    header: Sequence[str],
    rows: Iterable[Sequence[str | float | None]],
    *,
    choices: Mapping[str, Sequence[str]] | None = None,
    exact: Collection[str] = (),
) -> None:
    """Write rows under a header; CSV and TSV are UTF-8 with a byte order mark, as Excel would assume another encoding.

    `choices` are what a column's cells offer in a workbook, beside whatever else is written there. In CSV a cell that a
    spreadsheet would take for a formula gets an apostrophe before it, but for the columns in `exact`, which are read
    back to the letter; a workbook needs none.

    Raises:
        DataError: when a workbook cannot hold it, or the name has another ending.
        RunError: when it cannot be written, or XlsxWriter is not installed.
    """
    data = render_sheet(path, header, rows, choices=choices, exact=exact)
    with atomic_file(path) as file:
        file.write(data)


def render_sheet(
    path: str | Path,
    header: Sequence[str],
    rows: Iterable[Sequence[str | float | None]],
    *,
    choices: Mapping[str, Sequence[str]] | None = None,
    exact: Collection[str] = (),
) -> bytes:
    """Return what `write_sheet` writes.

    Raises:
        DataError: when a workbook cannot hold it, or the name has another ending.
        RunError: when XlsxWriter is not installed.
    """
    check_sheet(path)
    ending = Path(path).suffix.lower()
    if ending == ".xlsx":
        return _workbook(str(path), header, rows, choices or {})
    return _delimited(header, rows, exact, delimiter="\t" if ending == ".tsv" else ",")


def rearm(cell: str) -> str:
    """Return a cell of CSV as it was before `write_sheet` put an apostrophe before it.

    >>> rearm("'-1"), rearm("'tis")
    ('-1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _delimited(
    header: Sequence[str], rows: Iterable[Sequence[str | float | None]], exact: Collection[str], *, delimiter: str
) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    disarmed = [name not in exact for name in header]
    for row in rows:
        writer.writerow(
            [
                f"'{cell}" if disarm and isinstance(cell, str) and cell.startswith(_FORMULA) else cell
                for cell, disarm in zip(row, disarmed, strict=True)
            ]
        )
    return text.getvalue().encode("utf-8-sig", "replace")


def _workbook(
    path: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str | float | None]],
    choices: Mapping[str, Sequence[str]],
) -> bytes:
    data = io.BytesIO()
    book = _xlsxwriter().Workbook(data, {"in_memory": True, **_PLAIN})
    sheet = book.add_worksheet()
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    widths = [len(name) for name in header]
    sheet.write_row(0, 0, header, book.add_format({"bold": True}))
    last = 0
    for last, row in enumerate(rows, start=1):
        if last > MOST_ROWS:
            raise DataError(path, Problem(_("a workbook holds {number} rows at most: write .csv", number=MOST_ROWS)))
        for column, cell in enumerate(row):
            if isinstance(cell, str) and (length := length_in_cell(cell)) > MOST_CHARACTERS:
                why = _(
                    "a cell of a workbook holds {most} characters, {column!r} has {length} here: write .csv",
                    most=MOST_CHARACTERS,
                    column=header[column],
                    length=length,
                )
                raise DataError(path, Problem(why, last + 1))
            if isinstance(cell, str):
                sheet.write_string(last, column, cell, wrapped)
                widths[column] = max(widths[column], len(cell))
            elif cell is not None:
                sheet.write_number(last, column, cell, wrapped)
    for column, (name, width) in enumerate(zip(header, widths, strict=True)):
        sheet.set_column(column, column, _width(width))
        if name in choices:
            offer = {
                "validate": "list",
                "source": list(choices[name]),
                "error_type": "information",
                "show_error": False,
            }
            sheet.data_validation(1, column, max(last, 1), column, offer)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), len(header) - 1)
    book.close()
    return data.getvalue()


def length_in_cell(cell: str) -> int:
    """Return how many characters a cell of a workbook has by Excel's count: those beyond 65,535 are two."""
    return len(cell) + sum(sign > "\uffff" for sign in cell)


def stream_workbook(
    file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[str | float | None]], *, widths: Sequence[int]
) -> None:
    """Write a workbook row by row, in the same memory for any number of them; `widths` are those of the longest cells.

    What a workbook cannot hold is not looked for here.

    Raises:
        RunError: when XlsxWriter is not installed.
    """
    book = _xlsxwriter().Workbook(file, {"constant_memory": True, **_PLAIN})
    book.use_zip64()  # a sheet may have more than 4 GB before it is compressed
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, header, book.add_format({"bold": True}))
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(last, column, cell)
            elif cell is not None:
                sheet.write_number(last, column, cell)
    for column, (name, width) in enumerate(zip(header, widths, strict=True)):
        sheet.set_column(column, column, _width(max(width, len(name))))
    sheet.freeze_panes(1, 0)
    if header:
        sheet.autofilter(0, 0, max(last, 1), len(header) - 1)
    book.close()


def _width(characters: int) -> int:
    # A Chinese character is as wide as two of those that widths are counted in.
    return min(2 * characters + 2, _WIDEST)


def _xlsxwriter() -> Any:
    try:
        import xlsxwriter  # noqa: PLC0415 - an extra, and only for workbooks
    except ImportError as error:
        raise RunError(_("workbooks need XlsxWriter: pip install 'tagger-zh[excel]', or write .csv")) from error
    return xlsxwriter
