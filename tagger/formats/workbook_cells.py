"""A workbook of Excel (.xlsx) with some cells of a sheet changed, and every other part of it as it was."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from tagger.errors import DataError, Problem
from tagger.messages import _

__all__ = ["edit_workbook"]

_BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
# What XML 1.0 has no character for.
_NOT_XML = frozenset(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))


def edit_workbook(
    name: str, data: bytes, sheet: str, column: int, cells: Mapping[int, str]
) -> tuple[bytes, dict[int, str]]:
    """Return a workbook with other texts in a column of a sheet, and why rows were refused; rows count from 1.

    Only these cells of the sheet's part are written anew, as text, with the style that they had; a cell with a formula
    is refused. All other parts of the file, and all other bytes of the sheet's, stay as they are.

    Raises:
        DataError: when the sheet cannot be found in the workbook.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = _part_of(archive, sheet)
            page, refused = _edit_sheet(archive.read(part), column, cells)
            edited = io.BytesIO()
            with zipfile.ZipFile(edited, "w") as written:
                for entry in archive.infolist():
                    content = page if entry.filename == part else archive.read(entry)
                    written.writestr(entry, content, compress_type=entry.compress_type)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, NotImplementedError, expat.ExpatError) as error:
        message = _(
            "its sheet {sheet!r} cannot be changed ({reason}): save it as .csv, and change that",
            sheet=sheet,
            reason=str(error),
        )
        raise DataError(name, Problem(message)) from error
    return edited.getvalue(), refused


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the part that a sheet is."""
    link = next(
        (v for tag, found in _elements(archive.read(_BOOK)) if tag == "sheet" and found.get("name") == sheet
         for key, v in found.items() if key.rpartition(":")[2] == "id"), None
    )  # fmt: skip
    for tag, found in _elements(archive.read(_LINKS)):
        if tag == "Relationship" and found.get("Id") == link:
            return str(PurePosixPath("/xl", found["Target"])).removeprefix("/")
    raise ValueError(_("it is not among those that the workbook names"))


def _elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((_local(tag), attributes))
    parser.Parse(xml, True)  # noqa: FBT003 - it takes no keywords
    return found


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _edit_sheet(xml: bytes, column: int, cells: Mapping[int, str]) -> tuple[bytes, dict[int, str]]:
    sheet = _Sheet(column, cells)
    sheet.read(xml)
    refused = sheet.refused | {row: _("is no row of the sheet") for row in cells if row not in sheet.places}
    parts: list[bytes] = []
    at = 0
    for row, place in sorted(sheet.places.items()):
        if row in cells and row not in refused:
            parts += [xml[at : place.start], _cell(place, f"{_letters(column)}{row}", cells[row])]
            at = place.end
    return b"".join([*parts, xml[at:]]), refused


@dataclass
class _Place:
    """Which bytes a cell has, none where it is not there yet; the attributes it keeps, and the prefix of its tag."""

    start: int
    end: int
    prefix: str
    kept: dict[str, str] = field(default_factory=dict)


class _Sheet:
    """Finds the cells of a column in the XML of a sheet."""

    def __init__(self, column: int, rows: Mapping[int, str]) -> None:
        self.places: dict[int, _Place] = {}
        self.refused: dict[int, str] = {
            row: _("the topics have a sign that no workbook can hold") for row in rows if _NOT_XML & {*rows[row]}
        }
        self._column = column
        self._rows = rows
        self._row = self._at = 0
        self._open = False

    def read(self, xml: bytes) -> None:
        """Read all of it.

        Raises:
            ValueError: when it is not in UTF-8.
        """
        parser: Any = expat.ParserCreate()

        def declare(_version: str, encoding: str | None, _standalone: int) -> None:
            if encoding is not None and encoding.lower() != "utf-8":
                raise ValueError(_("it is in {encoding}", encoding=encoding))

        def start(tag: str, found: dict[str, str]) -> None:
            self._start(tag, found, parser.CurrentByteIndex)

        def end(tag: str) -> None:
            index = parser.CurrentByteIndex
            self._end(tag, index, xml.index(b">", index) + 1)

        parser.XmlDeclHandler, parser.StartElementHandler, parser.EndElementHandler = declare, start, end
        parser.Parse(xml, True)  # noqa: FBT003 - it takes no keywords

    def _start(self, tag: str, found: dict[str, str], index: int) -> None:
        name = _local(tag)
        if name == "row":
            self._row = int(found.get("r", self._row + 1))
            self._at = -1
        elif name == "c":
            letters = found.get("r", "").rstrip("0123456789")
            self._at = _number(letters) if letters else self._at + 1
            prefix = tag[: -len(name)]
            if self._at == self._column:
                kept = {key: found[key] for key in ("s",) if key in found}
                self.places[self._row] = _Place(index, index, prefix, kept)
                self._open = True
            elif self._at > self._column:
                self.places.setdefault(self._row, _Place(index, index, prefix))
        elif name == "f" and self._open and self._row in self._rows:
            self.refused[self._row] = _("the cell holds a formula: write the topics themselves")

    def _end(self, tag: str, index: int, behind: int) -> None:
        name = _local(tag)
        if name == "c" and self._open:
            self.places[self._row].end = behind
            self._open = False
        elif name == "row":
            self.places.setdefault(self._row, _Place(index, index, tag[: -len(name)]))


def _cell(place: _Place, name: str, text: str) -> bytes:
    kept = "".join(f' {key}="{value}"' for key, value in place.kept.items())
    p = place.prefix
    if not text:
        return f'<{p}c r="{name}"{kept}/>'.encode()
    inside = f'<{p}is><{p}t xml:space="preserve">{escape(text)}</{p}t></{p}is>'
    return f'<{p}c r="{name}"{kept} t="inlineStr">{inside}</{p}c>'.encode()


def _letters(column: int) -> str:
    """Return the letters of a column, counted from 0.

    >>> _letters(0), _letters(25), _letters(26), _letters(701), _letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _number(letters: str) -> int:
    """Return the number of a column, counted from 0, by its letters."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
