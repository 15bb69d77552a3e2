"""Rows → a sheet that people open: CSV, or a workbook of Excel by XlsxWriter."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tagger.errors import DataError, Problem, RunError
from tagger.files import atomic_file

__all__ = ["SHEETS", "check_sheet", "write_sheet"]

SHEETS = frozenset([".csv", ".tsv", ".xlsx"])
# What Excel can hold.
_MOST_CHARACTERS = 32_767
_MOST_ROWS = 1_048_575
# What a spreadsheet takes for the beginning of a formula, or of a cell beside.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60  # characters


def check_sheet(path: str | Path) -> None:
    """Check that a sheet could be written here, before work is done for it.

    Raises:
        DataError: when the name has another ending.
        RunError: when it is a workbook and XlsxWriter is not installed.
    """
    ending = Path(path).suffix.lower()
    if ending not in SHEETS:
        raise DataError(str(path), Problem(f"is not written: name it {', '.join(sorted(SHEETS))}"))
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
    check_sheet(path)
    ending = Path(path).suffix.lower()
    if ending == ".xlsx":
        data = _workbook(str(path), header, rows, choices or {})
    else:
        data = _delimited(header, rows, exact, delimiter="\t" if ending == ".tsv" else ",")
    with atomic_file(path) as file:
        file.write(data)


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
    # Text is text: nothing of it becomes a formula, a link or a number.
    book = _xlsxwriter().Workbook(
        data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet()
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    widths = [len(name) for name in header]
    sheet.write_row(0, 0, header, book.add_format({"bold": True}))
    last = 0
    for last, row in enumerate(rows, start=1):
        if last > _MOST_ROWS:
            raise DataError(path, Problem(f"a workbook holds {_MOST_ROWS} rows at most: write .csv"))
        for column, cell in enumerate(row):
            if isinstance(cell, str) and len(cell) > _MOST_CHARACTERS:
                why = (
                    f"a cell of a workbook holds {_MOST_CHARACTERS} characters, {header[column]!r} has {len(cell)} here"
                )
                raise DataError(path, Problem(f"{why}: write .csv", last + 1))
            if isinstance(cell, str):
                sheet.write_string(last, column, cell, wrapped)
                widths[column] = max(widths[column], len(cell))
            elif cell is not None:
                sheet.write_number(last, column, cell, wrapped)
    for column, (name, width) in enumerate(zip(header, widths, strict=True)):
        # A Chinese character is as wide as two of those that widths are counted in.
        sheet.set_column(column, column, min(2 * width + 2, _WIDEST))
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


def _xlsxwriter() -> Any:
    try:
        import xlsxwriter  # noqa: PLC0415 - an extra, and only for workbooks
    except ImportError as error:
        raise RunError("workbooks need XlsxWriter: pip install 'tagger-zh[excel]', or write .csv") from error
    return xlsxwriter
