"""Whatever labels come in → records: a file of any form, a folder for each topic, a data frame, records in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tagger.errors import DataError, Problem
from tagger.formats import Broken, FileOptions, Form, Record, open_source
from tagger.formats.columns import SPLITS, TOPICS_NAMES, find_field, flatten, plain_name
from tagger.formats.label_studio import is_task, newest_rows, read_tasks
from tagger.formats.records import lookup
from tagger.messages import N_, _, joined
from tagger.text import read_text

__all__ = ["LabelSource", "is_hidden", "read_label_source"]

# Beside text<TAB>number, the names of the numbers, one a line from 0, as THUCNews, PaddleNLP and fine-tuning scripts
# have them.
_CLASS_FILES = ("class.txt", "classes.txt", "label.txt", "labels.txt", "label_list.txt")


@dataclass(frozen=True)
class LabelSource:
    """The records of a label source, and what it is.

    Attributes:
        name: the name of the file or folder, as the user gave it.
        about: what it is, in words.
        encoding: of its text; empty where it has none of its own.
        header: the names of its columns; empty where every record names its fields.
        has_header: whether the file itself has the names.
        records: in order.
        broken: what is no record.
        notes: what was done to get the records.
        older: records that a newer one of the same task has replaced.
        classes: what the numbers of topics stand for, from a file beside.
        form: which form a file has; None for tasks of Label Studio and what is no file.
        sheet: the name of a workbook's sheet; empty for what is none.
    """

    name: str
    about: str
    records: list[Record]
    encoding: str = ""
    header: tuple[str, ...] = ()
    has_header: bool = True
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()
    older: tuple[Record, ...] = ()
    classes: tuple[str, ...] = ()
    form: Form | None = None
    sheet: str = ""


def read_label_source(
    labels: Any, options: FileOptions, wanted: Iterable[str | None] = (), *, data: bytes | None = None
) -> LabelSource:
    """Read all records of a file, a folder, a data frame (pandas, Polars, Arrow), or an iterable of records or pairs.

    With `data`, those bytes are what the file named `labels` holds, and it is not opened.

    Raises:
        DataError: when it cannot be read.
    """
    if data is not None:
        return _read_file(str(labels), options, wanted, data)
    if isinstance(labels, str | Path):
        return (
            _read_folder(Path(labels), options) if Path(labels).is_dir() else _read_file(str(labels), options, wanted)
        )
    rows, about = _rows_of(labels)
    return LabelSource("<labels>", about, [_record(number, row) for number, row in enumerate(rows, start=1)])


def _read_file(name: str, options: FileOptions, wanted: Iterable[str | None], data: bytes | None = None) -> LabelSource:
    with open_source(name, options, wanted=wanted, data=data) as source:
        items = list(source.records)
        first = next((item for item in items if isinstance(item, Record)), None)
        about = source.about
        form: Form | None = source.form
        notes = source.notes
        if first is not None and len(items) == 1 and not is_task(first.fields) and (rows := _rows_within(first.fields)):
            where, inner = rows
            items, form = [Record(number, row) for number, row in enumerate(inner, start=1)], None
            what = _("one object holds all records, in its field {field!r}", field=where)
            notes = (*notes, what if where else _("one object holds a list for each column"))
        if first is not None and is_task(first.fields):
            items, about, form = list(read_tasks(items, name)), _("{form}, tasks of Label Studio", form=about), None
        records, older = newest_rows([item for item in items if isinstance(item, Record)])
        return LabelSource(
            name=name,
            about=about,
            records=records,
            encoding=source.encoding,
            header=source.header,
            has_header=source.has_header,
            broken=tuple(item for item in items if isinstance(item, Broken)),
            sheet=source.sheet,
            notes=notes,
            older=tuple(older),
            classes=() if source.has_header else _classes_beside(Path(name)),
            form=form,
        )


def _rows_within(fields: dict[str, Any]) -> tuple[str, list[dict[str, Any]]] | None:
    """Return the records that one object holds, and the field that they are in; None where it is a record itself.

    That is empty where the object has a list for each column, or an object from row to value, as pandas writes it.
    """
    columns = [[*column.values()] if isinstance(column, dict) else column for column in fields.values()]
    if len(columns) > 1 and all(isinstance(column, list) and len(column) > 1 for column in columns):
        keys = {tuple(column) if isinstance(column, dict) else len(column) for column in fields.values()}
        if len(keys) == 1 and any(isinstance(value, str) for column in columns for value in column):
            return "", [dict(zip(fields, row, strict=True)) for row in zip(*columns, strict=True)]
    found = [
        (name, value)
        for name in flatten(fields)
        if isinstance(value := lookup(fields, name), list) and value and all(isinstance(row, dict) for row in value)
    ]
    return found[0] if len(found) == 1 and find_field(flatten(fields), None, TOPICS_NAMES) is None else None


def _read_folder(folder: Path, options: FileOptions) -> LabelSource:
    """Read a folder for each topic, with a file for each text; hidden files are passed over."""
    records: list[Record] = []
    broken: list[Broken] = []
    notes: list[str] = []
    topics = _folders(folder)
    if len(topics) > 1 and all(plain_name(topic.name) in SPLITS for topic in topics):
        notes.append(
            _(
                "the folders {folders} part train from test, and hold a folder for each topic: all of them are read",
                folders=joined(topic.name for topic in topics),
            )
        )
        topics = [topic for part in topics for topic in _folders(part)]
    for topic in topics:
        for path in sorted(topic.rglob("*")):
            if path.is_file() and not is_hidden(path, folder):
                number = len(records) + len(broken) + 1
                try:
                    text = read_text(path, encoding=options.encoding, errors=options.errors)
                    records.append(Record(number, {"text": text, "topics": [topic.name]}))
                except DataError as error:
                    broken.append(Broken(number, error.args[0], str(path)))
    if not topics:
        problem = Problem(_("is a folder without folders: labels are a file, or a folder for each topic"))
        raise DataError(str(folder), problem)
    about = _(
        "a folder for each of {topics} topics, {files} files",
        topics=len({topic.name for topic in topics}),
        files=len(records),
    )
    return LabelSource(str(folder), about, records, header=("text", "topics"), broken=tuple(broken), notes=tuple(notes))


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def is_hidden(path: Path, folder: Path) -> bool:
    """Return whether a file in a folder is hidden, or stands in a hidden folder."""
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _rows_of(labels: Any) -> tuple[Iterable[Any], str]:
    """Return the rows of a table or iterable, and what it is; libraries of tables are known by what they can do."""
    for method, about in (("to_dicts", N_("a table of Polars")), ("to_pylist", N_("an Arrow table"))):
        if hasattr(labels, method):
            return getattr(labels, method)(), _(about)
    if hasattr(labels, "to_dict") and hasattr(labels, "columns"):
        for name, number in Counter(labels.columns).items():
            if number > 1:  # of which to_dict would keep one
                raise DataError("<labels>", Problem(_("has several columns {column!r}: rename them", column=str(name))))
        return labels.to_dict(orient="records"), _("a table of pandas")
    if isinstance(labels, Mapping) and all(isinstance(v, list | tuple) for v in labels.values()):
        if len(sizes := {len(column) for column in labels.values()}) > 1:
            what = _("has columns of several lengths: {lengths}", lengths=joined(map(str, sorted(sizes))))
            raise DataError("<labels>", Problem(what))
        rows = zip(*labels.values(), strict=True)
        return [dict(zip(labels, row, strict=True)) for row in rows], _("columns")
    if isinstance(labels, Mapping) or not isinstance(labels, Iterable):
        raise TypeError(
            _("labels are {labels!r:.60}: give a file name, a table, examples, records or pairs", labels=labels)
        )
    return labels, _("records")


def _record(number: int, row: Any) -> Record:
    row = _plain(row)
    if isinstance(row, Mapping):
        return Record(number, {str(name): _plain(value) for name, value in row.items()})
    if isinstance(row, tuple | list) and len(row) == 2:
        return Record(number, {"text": _plain(row[0]), "topics": _plain(row[1])})
    what = _("is {row!r:.60}: each must be an Example, a pair (text, topics) or a record", row=row)
    raise DataError("<labels>", Problem(what, number))


def _plain(value: Any) -> Any:
    """Return the value of Python that one of numpy holds, a number or a list, as Parquet's columns of lists are."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        value = value.tolist()
    return [_plain(entry) for entry in value] if isinstance(value, list) else value


def _classes_beside(path: Path) -> tuple[str, ...]:
    for name in _CLASS_FILES:
        file = path.with_name(name)
        if file.is_file() and file != path:
            lines = [line.strip() for line in read_text(file).splitlines()]
            return tuple(line for line in lines if line)
    return ()
