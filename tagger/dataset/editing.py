"""A label file with the topics of some rows changed, and every other byte as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from tagger.dataset.columns import choose_columns
from tagger.dataset.labels import read_labels
from tagger.dataset.options import LabelOptions
from tagger.dataset.places import CannotError, Opened, place_of
from tagger.dataset.sources import read_label_source
from tagger.dataset.spelling import Spelling, same_topics
from tagger.errors import DataError, Problem, reason
from tagger.formats.opening import open_stream
from tagger.formats.spans import RawLines
from tagger.formats.workbook_cells import edit_workbook
from tagger.messages import N_, _, joined
from tagger.records import Example

__all__ = ["Cell", "Edited", "LabelFile", "open_labels"]

_CONVERT = N_("tagger convert makes .csv of it, which can be changed")


@dataclass(frozen=True)
class Cell:
    """The topics of a row as they stand in the file, before and after; `line` is as in `Example`."""

    line: int
    before: str
    after: str


@dataclass(frozen=True)
class Edited:
    """The bytes of a label file after a change, the cells that changed, and rows that could not be changed."""

    data: bytes
    cells: tuple[Cell, ...]
    refused: tuple[Problem, ...]


def open_labels(path: str | Path, options: LabelOptions | None = None) -> LabelFile:
    """Read a label file that can be changed: a table, JSON lines, lines of fastText, or a workbook (.xlsx).

    Raises:
        DataError: when it cannot be read, or is of another form, compressed, or has a column for each topic.
    """
    options = replace(options or LabelOptions(), without_topic="keep", several=False)
    name = str(path)
    if Path(name).is_dir():
        what = _("is a folder: move files to change their topics, or {remedy}", remedy=_(_CONVERT))
        raise DataError(name, Problem(what))
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        raise DataError(name, Problem(_("cannot be read: {reason}; check the path", reason=reason(error)))) from error
    return LabelFile(name, data, options)


class LabelFile:
    """A label file in memory.

    Attributes:
        name: the name, as the user gave it.
        data: its bytes.
        examples: every row that has a text, in order, those without a topic too.
        topics: the topics that it has, as `examples` name them.
    """

    def __init__(self, name: str, data: bytes, options: LabelOptions) -> None:
        self.name = name
        self.data = data
        self._options = options
        self.examples = self._read(data)
        wanted = (options.text_field, options.topics_field, options.document_field)
        self._source = read_label_source(name, options, wanted, data=data)
        self._columns = choose_columns(self._source, options)
        self._check()
        self._records = {record.line: record for record in self._source.records}
        self._spelling = Spelling(
            map(self._columns.topics_of, self._source.records),
            classes=self._source.classes,
            separator=options.separator,
        )
        self.topics = self._spelling.topics

    def edit(self, topics: Mapping[int, Sequence[str]]) -> Edited:
        """Return the file with other topics on some lines, which are as `examples` have them.

        Topics that the file has are written as it spells them, others as they are given. What comes of it is read
        again: a row that would not be read back as asked for is refused, with the reason.

        Raises:
            DataError: when rows that were not to be changed would be read otherwise.
        """
        wanted = {line: tuple(dict.fromkeys(names)) for line, names in topics.items()}
        before = {example.line: example.topics for example in self.examples}
        refused = [Problem(_("is no row with a text"), line) for line in wanted if line not in before]
        wanted = {n: names for n, names in wanted.items() if n in before and not same_topics(names, before[n])}
        barred: set[int] = set()
        while True:
            data, cells, problems = self._edit(wanted, barred)
            misread = self._misread(data, {cell.line: wanted[cell.line] for cell in cells})
            # A sign that parts topics no longer where its rows change: once more with the one that always does.
            again = {problem.line or 0 for problem in misread} - barred
            barred |= again
            problems += [problem for problem in misread if problem.line not in again]
            refused += problems
            if not problems and not again:
                return Edited(data, tuple(cells), tuple(sorted(refused, key=lambda problem: problem.line or 0)))
            for problem in problems:
                wanted.pop(problem.line or 0)

    def _read(self, data: bytes) -> tuple[Example, ...]:
        return read_labels(self.name, self._options, data=data).examples

    def _check(self) -> None:
        if (unfit := self._unfit()) is not None:
            raise DataError(self.name, Problem(unfit))

    def _unfit(self) -> str | None:
        """Return why this file is not changed, and what to do; None where it can be."""
        with open_stream(self.name, self.data) as stream:
            if stream.compression:
                return _("is compressed ({compression}): unpack it, and change that", compression=stream.compression)
        remedy = _(_CONVERT)
        if self._source.form == "workbook" and Path(self.name).suffix.lower() not in (".xlsx", ".xlsm"):
            return _("is a workbook that is not changed: save it as .xlsx; or {remedy}", remedy=remedy)
        if self._source.form not in ("csv", "jsonl", "fasttext", "workbook"):
            return _("is {form}, which is not changed: {remedy}", form=self._source.about, remedy=remedy)
        if self._columns.topics is None:
            return _("has a column for each topic, which is not changed: {remedy}", remedy=remedy)
        return None

    def _edit(
        self, wanted: Mapping[int, Sequence[str]], barred: AbstractSet[int]
    ) -> tuple[bytes, list[Cell], list[Problem]]:
        cells: list[Cell] = []
        problems: list[Problem] = []
        if self._source.form == "workbook":
            return self._edit_workbook(wanted, barred)
        lines = RawLines(self.data, self._source.encoding, self._options.errors)
        place = place_of(
            Opened(self.name, self.data, self._options, self._source, self._columns, self._spelling), lines
        )
        parts: list[bytes] = []
        at = 0
        for line in sorted(wanted):
            try:
                text, span, after = place.change(self._records[line], wanted[line], bar=line in barred)
                encoded = after.encode(lines.codec)
            except CannotError as error:
                problems.append(Problem(error.args[0], line))
            except UnicodeEncodeError:
                what = _("the topics cannot be written in {encoding}: save the file as UTF-8", encoding=lines.codec)
                problems.append(Problem(what, line))
            else:
                start, end = lines.bytes_of(line, span)
                parts += [self.data[at:start], encoded]
                at = end
                cells.append(Cell(line, text[slice(*span)], after))
        return b"".join([*parts, self.data[at:]]), cells, problems

    def _edit_workbook(
        self, wanted: Mapping[int, Sequence[str]], barred: AbstractSet[int]
    ) -> tuple[bytes, list[Cell], list[Problem]]:
        column = self._source.header.index(str(self._columns.topics))
        before = {line: self._columns.topics_of(self._records[line]) for line in wanted}
        after = {n: str(self._spelling.write(before[n], names, bar=n in barred)) for n, names in wanted.items()}
        data, refused = edit_workbook(self.name, self.data, self._source.sheet, column, after)
        cells = [Cell(line, str(before[line]), after[line]) for line in sorted(wanted) if line not in refused]
        return data, cells, [Problem(reason, line) for line, reason in refused.items()]

    def _misread(self, data: bytes, wanted: Mapping[int, Sequence[str]]) -> list[Problem]:
        """Return a problem for each changed row that would not be read back as asked for."""
        if not wanted:
            return []
        try:
            after = self._read(data)
        except DataError:
            after = ()
        if len(after) != len(self.examples) or not all(map(_alike, self.examples, after)):
            message = _("its rows would be read otherwise after the change: name --separator or --delimiter")
            raise DataError(self.name, Problem(message))
        problems: list[Problem] = []
        others: list[int] = []
        for old, new in zip(self.examples, after, strict=True):
            line = old.line or 0
            if line not in wanted and not same_topics(old.topics, new.topics):
                others.append(line)
            elif line in wanted and not same_topics(wanted[line], new.topics):
                names = joined(map(repr, new.topics)) or _("none")
                what = _("the topics would be read back as {names}: name the --separator", names=names)
                problems.append(Problem(what, line))
        if others and not problems:
            what = _("its topics would be read otherwise after the change: name the --separator")
            raise DataError(self.name, Problem(what, others[0]))
        return problems


def _alike(one: Example, other: Example) -> bool:
    return (one.text, one.document, one.paragraph) == (other.text, other.document, other.paragraph)
