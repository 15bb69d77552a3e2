"""A sheet of Excel or OpenDocument → rows, by python-calamine."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from typing import Any

from tagger.errors import DataError, Problem, RunError
from tagger.formats.faults import explain_damage
from tagger.formats.opening import Stream
from tagger.messages import _, joined

__all__ = ["read_sheet"]

# The part of a file of Office that holds all others once there is a password.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_sheet(stream: Stream, sheet: str | None, *, fill_merged: bool) -> tuple[str, list[list[str]], tuple[str, ...]]:
    """Return the name of a sheet, the first if none is named, its rows of cells as text, and what is to be said of it.

    That is which sheets are not read, and that cells are merged that were not filled.

    Raises:
        DataError: when it is no workbook, or has no such sheet.
        RunError: when python-calamine is not installed.
    """
    calamine = _calamine()
    try:
        data = stream.read()
        if _ENCRYPTED in data:
            raise DataError(stream.name, Problem(_("has a password: open it in Excel, and save it without one")))
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
        if sheet is None:
            name = names[0]
        elif sheet in names:
            name = sheet
        elif sheet.isdecimal() and 0 < int(sheet) <= len(names):
            name = names[int(sheet) - 1]
        else:
            what = _("has no sheet {sheet!r}; its sheets are {sheets}", sheet=sheet, sheets=joined(names))
            raise DataError(stream.name, Problem(what))
        page = book.get_sheet_by_name(name)
        # With what is empty above and before the table, so that a row has the number that Excel shows.
        rows = [[_cell(value) for value in row] for row in page.to_python(skip_empty_area=False)]
        others = [other for other in names if other != name]
        notes = []
        if others:
            notes.append(_("sheets that are not read: {sheets}; --sheet takes another", sheets=joined(others)))
        merged = page.merged_cell_ranges or []
        if fill_merged:
            _fill(rows, merged)
        elif any(bottom > top for (top, _), (bottom, _) in merged):
            notes.append(_("cells are merged over several rows: --fill-merged fills all of them"))
    except (calamine.CalamineError, IndexError, OSError) as error:
        what = _("cannot be read as a workbook ({reason}): save it as CSV", reason=explain_damage(error))
        raise DataError(stream.name, Problem(what)) from error
    return name, rows, tuple(notes)


def _fill(rows: list[list[str]], ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    for (top, left), (bottom, right) in ranges:
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat(*[" "] * isinstance(value, datetime)) if isinstance(value, date | time) else str(value)


def _calamine() -> Any:
    try:
        import python_calamine  # noqa: PLC0415 - an extra, and only for workbooks
    except ImportError as error:
        raise RunError(
            _("workbooks need python-calamine: pip install 'tagger-zh[excel]', or save it as CSV")
        ) from error
    return python_calamine
