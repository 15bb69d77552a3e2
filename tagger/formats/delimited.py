"""Delimited text → rows → records: what parts the cells, whether they are quoted, whether there is a header."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Literal

from tagger.formats.columns import KNOWN_NAMES, TEXT_NAMES, is_known, plain_name
from tagger.formats.records import Broken, Record, explain_bad_byte, readable
from tagger.messages import N_, _

__all__ = [
    "DELIMITERS",
    "Dialect",
    "find_dialect",
    "find_long_delimiter",
    "name_columns",
    "read_rows",
    "records_of_rows",
]

DELIMITERS = {",": N_("comma"), "\t": N_("tab"), ";": N_("semicolon"), "|": N_("bar"), "\x01": N_("Ctrl-A")}
# A first line by which Excel is told the delimiter.
_SEPARATOR = re.compile(r"\"?sep=(.)\"?\r?\n?")
_SAMPLE_ROWS = 200
# Several signs that people put between cells, as a single one may stand in a text.
_LONG = ("_!_", "###", "@@@", "$$$", "<sep>", "[SEP]")
_NO_LIMIT = 2**31 - 1
# What may part several topics in a cell.
_PARTS = re.compile(r"[|｜,，、;；#/+\s]+")
# Rows in which a header is looked for, below a title.
_TITLE_ROWS = 5
# A name of a column is short; what stands under one may be a whole article.
_LONGEST_NAME = 20
# Different cells of a column that repeats itself; one of texts soon has more.
_MOST_REPEATED = 1000
# Characters that are kept of what is no row.
_RAW = 1000


@dataclass(frozen=True)
class Dialect:
    """How a table is written.

    Attributes:
        delimiter: what parts the cells of a row.
        quoted: whether cells may stand in quotation marks, with the delimiter and line ends inside.
        told: whether the first line is one that tells Excel the delimiter.
    """

    delimiter: str
    quoted: bool = True
    told: bool = False

    def describe(self) -> str:
        """Return what parts the cells, and whether they are quoted, in words."""
        name = _(DELIMITERS[self.delimiter]) if self.delimiter in DELIMITERS else repr(self.delimiter)
        if self.quoted:
            return _("parted by {sign}", sign=name)
        return _("parted by {sign}, not quoted", sign=name)


def find_dialect(head: str, delimiter: str | None, *, cut: bool) -> Dialect:
    """Find how a table is written from its beginning; `cut` says that its last line may not be whole.

    The delimiter is the one that gives rows of the same number of cells, more than one, on most lines; a header with
    known names counts more than that.
    """
    first, _, rest = head.lstrip("\r\n").partition("\n")
    told = _SEPARATOR.fullmatch(first)
    if told:
        head = rest
        delimiter = delimiter or told[1]
    lines = head.splitlines(keepends=True)
    if cut and len(lines) > 1:
        lines = lines[:-1]
    if delimiter is None:
        delimiter = max(DELIMITERS, key=lambda sign: _fitness(lines, sign))
    return Dialect(delimiter, _is_quoted(lines, delimiter), told is not None)


def find_long_delimiter(head: str) -> str | None:
    """Return what parts the cells of a table where that is several signs, as in _!_; None where it is not.

    Where one sign parts all rows alike, those may stand in a text; but for _!_, which nobody writes there.
    """
    lines = [line for line in head.splitlines(keepends=True)[:_SAMPLE_ROWS] if line.strip()]
    found = [sign for sign in _LONG if len(lines) > 1 and _parts_alike(lines[:-1], sign)]
    if not found or (found[0] != _LONG[0] and any(_fitness(lines, sign)[1] == 1 for sign in DELIMITERS)):
        return None
    return found[0]


def _parts_alike(lines: list[str], sign: str) -> bool:
    return len({line.count(sign) for line in lines} | {0}) == 2 and all(sign in line for line in lines)


def read_rows(lines: Iterable[str], dialect: Dialect, limit: int) -> Iterator[tuple[int, list[str] | Broken]]:
    """Read rows with the lines that they start on; `limit` is the most characters of a cell.

    A cell whose quotation mark is not closed, or that holds whole rows, is broken: its first line is told, and reading
    goes on behind it.
    """
    feed = _Lines(lines)
    if dialect.told:
        next(feed)
        feed.take()
    seen = _SeenCells()
    while True:
        reader = csv.reader(
            feed, delimiter=dialect.delimiter, quoting=_quoting(quoted=dialect.quoted), strict=dialect.quoted
        )
        try:
            while (row := _next_row(reader, limit)) is not None:
                taken = feed.take()
                if len(taken) > 1 and seen.holds_rows(taken, len(row), dialect):
                    what = _("has a quotation mark that swallows the rows behind it: write it twice, or take it out")
                    yield feed.first, _give_back(feed, taken, what)
                    break
                seen.add(row)
                yield feed.first, row
            else:
                return
        except csv.Error as error:
            taken = feed.take()
            if "field larger" in str(error):
                what = _("has a cell of more than {limit} characters", limit=limit)
                yield feed.first, Broken(feed.first, what, taken[0][:_RAW])
            else:
                what = _("has a quotation mark that is not closed, or closed too early: write it twice, or take it out")
                yield feed.first, _give_back(feed, taken, what)


def name_columns(rows: Sequence[list[str]], wanted: Iterable[str]) -> tuple[tuple[str, ...], int | None]:
    """Return the names of the columns, and the place of the row that has them; without one they are numbered from 1.

    A row is the header when a cell of it is a known name or one of the wanted: the first row, or below a title, whose
    rows are less full, another of the first ones with two known names. The first row is one too when its cells are
    short and stand in no other row, while other cells of their columns are repeated.
    """
    asked = set(map(plain_name, wanted))
    # A name that was asked for tells as much as two that are known.
    found = [
        len({plain_name(c) for c in row if is_known(c)}) + 2 * len({plain_name(c) for c in row} & asked)
        for row in rows[:_TITLE_ROWS]
    ]
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:_TITLE_ROWS]]
    fitting = (n for n, names in enumerate(found) if names > (n > 0) and max(filled[:n], default=0) < filled[n])
    place = next(fitting, None)
    if place == 0 and _is_upper_header(rows, filled):
        place = 1
    if place is None and _is_header(rows[0] if rows else [], rows[1:]):
        place = 0
    if place is not None:
        return _distinct([cell.strip().strip('"') for cell in rows[place]]), place
    width = max(map(len, rows), default=0)
    return tuple(str(number) for number in range(1, width + 1)), None


def records_of_rows(
    rows: Iterable[tuple[int, list[str] | Broken]], header: tuple[str, ...], *, above: int
) -> Iterator[Record | Broken]:
    """Turn rows into records; blank rows are passed over, and cells that a row leaves out at its end are empty.

    `above` rows come before the first record: the header, and a title. Header lines in the middle, as files put
    together have them, come as records like all others.
    """
    for line, row in rows:
        if isinstance(row, Broken):
            yield row
        elif any(cell.strip() for cell in row):
            if above:
                above -= 1
            elif (bad := explain_bad_byte("".join(row))) is not None:
                yield Broken(line, bad, readable(" | ".join(row))[:_RAW])
            elif any(cell.strip() for cell in row[len(header) :]):
                what = _(
                    "has {cells} cells where the header has {columns}: "
                    "put texts that hold the delimiter in quotation marks",
                    cells=len(row),
                    columns=len(header),
                )
                yield Broken(line, what, " | ".join(row)[:_RAW])
            else:
                yield Record(line, dict(zip_longest(header, row[: len(header)], fillvalue="")))


class _Lines:
    """Lines with their numbers, of which some can be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: list[str] = []
        self._taken: list[str] = []
        self._next = 1
        self.first = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else next(self._lines)
        self._taken.append(line)
        return line

    def take(self) -> list[str]:
        """Return the lines that were read since the last time, and number the first of them as `first`."""
        taken, self._taken = self._taken, []
        self.first = self._next
        self._next += len(taken)
        return taken

    def give_back(self, lines: list[str]) -> None:
        """Have these lines, the last that were taken, read again."""
        self._back.extend(reversed(lines))
        self._next -= len(lines)


class _SeenCells:
    """What stood in the columns of the rows so far, of those columns that repeat themselves, as topics do."""

    def __init__(self) -> None:
        self._columns: list[set[str] | None] = []

    def add(self, row: list[str]) -> None:
        """Note the cells of a row."""
        if len(self._columns) < len(row):
            self._columns += [set() for _ in row[len(self._columns) :]]
        for number, cell in enumerate(row):
            column = self._columns[number]
            if column is not None:
                column.add(cell)
                if len(column) > _MOST_REPEATED:
                    self._columns[number] = None

    def holds_rows(self, lines: list[str], width: int, dialect: Dialect) -> bool:
        """Return whether each line of a cell that goes over several is a row by itself, with a cell seen before.

        One of the lines has the row's own topic; of the others at least half must have one that was seen, too.
        """
        rows = list(csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE))
        if width < 2 or any(len(row) != width for row in rows):
            return False
        for seen, cells in zip(self._columns, zip(*rows, strict=True), strict=False):
            if seen is not None and 2 * (sum(cell in seen for cell in cells) - 1) >= len(cells) - 1:
                return True
        return False


def _give_back(feed: _Lines, taken: list[str], reason: str) -> Broken:
    feed.give_back(taken[1:])
    return Broken(feed.first, reason, taken[0].rstrip("\r\n")[:_RAW])


def _next_row(reader: Iterator[list[str]], limit: int) -> list[str] | None:
    """Read a row with another limit of the length of a cell; it is the whole process's, so only while a row is read."""
    before = csv.field_size_limit(limit)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(before)


def _quoting(*, quoted: bool) -> Literal[0, 3]:
    return csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE


def _fitness(lines: list[str], delimiter: str) -> tuple[bool, float, int]:
    """Return how well a delimiter fits: known names in the header, the share of rows as wide as most, their width."""
    rows = _sample(lines, delimiter, quoted=True) or _sample(lines, delimiter, quoted=False)
    if not rows:
        return False, 0.0, 0
    known = any(plain_name(cell) in KNOWN_NAMES for cell in rows[0])
    width, number = Counter(map(len, rows)).most_common(1)[0]
    return known and len(rows[0]) > 1, number / len(rows) if width > 1 else 0.0, width


def _is_quoted(lines: list[str], delimiter: str) -> bool:
    """Return whether quotation marks quote.

    They do not where every line is a row as wide as the others without them, and with them either a mark is left over
    or rows are swallowed.
    """
    plain = _sample(lines, delimiter, quoted=False)
    width = len(plain[0]) if plain else 0
    if width < 2 or not any('"' in line for line in lines) or any(len(row) != width for row in plain):
        return True
    if all(cell[:1] == cell[-1:] == '"' for cell in plain[0]):
        return True
    if not _sample(lines, delimiter, quoted=True):
        return False
    # In two passes, so that what stands behind a mark is seen too.
    dialect = Dialect(delimiter)
    seen, several = _SeenCells(), []
    feed = _Lines(lines)
    reader = csv.reader(feed, delimiter=delimiter)
    while (row := _next_row(reader, _NO_LIMIT)) is not None:
        taken = feed.take()
        if len(taken) > 1:
            several.append((taken, len(row)))
        else:
            seen.add(row)
    return not any(seen.holds_rows(taken, width, dialect) for taken, width in several)


def _sample(lines: list[str], delimiter: str, *, quoted: bool) -> list[list[str]]:
    """Read the first rows; none where the quotation marks do not fit, but at the very end."""
    quoting = _quoting(quoted=quoted)
    reader = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=delimiter, quoting=quoting, strict=quoted)
    rows: list[list[str]] = []
    before = csv.field_size_limit(_NO_LIMIT)
    try:
        rows.extend(row for row in islice(reader, _SAMPLE_ROWS) if any(cell.strip() for cell in row))
    except csv.Error:
        return []
    finally:
        csv.field_size_limit(before)
    return rows


def _is_header(first: Sequence[str], rows: Sequence[list[str]]) -> bool:
    """Return whether the first row looks like names: short, different, and unlike what stands under them.

    Of a column that repeats itself, as topics do, no cell has a name in it, or a part of one; in the others cells are
    longer than their names.
    """
    cells = [cell.strip() for cell in first]
    if _counts_columns(cells, rows):
        return True
    if len(rows) < 2 or len(set(cells)) < len(cells) or any(len(cell) > _LONGEST_NAME for cell in cells):
        return False
    if any(re.fullmatch(r"[\d.,\s]*", cell) for cell in cells[1:]):
        return False
    repeats = False
    for number, name in enumerate(cells):
        column = [row[number].strip() for row in rows if number < len(row)]
        if len(set(column)) < len(column):
            repeats = True
            parts = set(_PARTS.split(name))
            if any(not parts.isdisjoint(_PARTS.split(cell)) for cell in column):
                return False
        elif sum(map(len, column)) <= 2 * len(name) * len(column):
            return False
    return repeats


def _counts_columns(cells: Sequence[str], rows: Sequence[list[str]]) -> bool:
    """Return whether a first row numbers the columns, 0, 1, 2, behind an index or not, as pandas writes it."""
    numbers = cells[1:] if cells and not cells[0] else cells
    if len(numbers) < 2 or numbers != [str(number) for number in range(len(numbers))]:
        return False
    return any(not cell.strip().isdecimal() for row in rows for cell in row) if rows else False


def _is_upper_header(rows: Sequence[list[str]], filled: Sequence[int]) -> bool:
    """Return whether names stand over groups of columns, with their own names below: 基本信息 over 编号 and 正文."""
    if len(filled) < 3 or filled[0] >= filled[1]:
        return False
    upper, lower = ({plain_name(cell) for cell in row} for row in rows[:2])
    return upper.isdisjoint(TEXT_NAMES) and not lower.isdisjoint(TEXT_NAMES)


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Number the names that occur again, and name those that are blank by their place."""
    distinct: dict[str, None] = {}
    for place, name in enumerate(names, start=1):
        tried = name or f"column {place}"
        number = 1
        while tried in distinct or (number > 1 and tried in names):
            number += 1
            tried = f"{name}_{number}"
        distinct[tried] = None
    return tuple(distinct)
