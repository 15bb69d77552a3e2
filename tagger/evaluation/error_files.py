"""Examples that were wrong → a file: a sheet for people, or JSON lines for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tagger.errors import DataError, Problem
from tagger.evaluation.errors import WrongExample, shown_words
from tagger.files import atomic_file
from tagger.formats.sheets import check_sheet, write_sheet
from tagger.messages import _

__all__ = ["check_error_file", "write_errors"]

_LINES = ".jsonl"
_COLUMNS = (
    "file",
    "line",
    "document",
    "paragraph",
    "labelled",
    "labelled_titles",
    "predicted",
    "predicted_titles",
    "wrong",
    "probability",
    "speaks_for",
    "speaks_against",
    "text",
)


def check_error_file(path: str | Path, read: Sequence[str | Path] = ()) -> None:
    """Find out, before anything takes long, that a file cannot be written; none of those that are `read` is replaced.

    Raises:
        DataError: when its name has another ending than .jsonl or that of a sheet, there is no such folder, or it is
            read.
        RunError: when it is a workbook and XlsxWriter is not installed.
    """
    target = Path(path)
    if target.suffix.lower() != _LINES:
        check_sheet(path)
    if not target.parent.is_dir():
        raise DataError(str(path), Problem(_("cannot be written: there is no such folder; make it")))
    if target.is_dir():
        raise DataError(str(path), Problem(_("is a folder: name a file")))
    if target.exists() and any(Path(other).exists() and target.samefile(other) for other in read):
        raise DataError(str(path), Problem(_("is read and written at once: choose another name")))


def write_errors(path: str | Path, errors: Sequence[WrongExample]) -> None:
    """Write the examples that were wrong: as a sheet (.csv, .tsv, .xlsx), or as JSON lines (.jsonl).

    Raises:
        DataError: when its name has another ending, or a workbook cannot hold it.
        RunError: when it cannot be written.
    """
    check_error_file(path)
    if Path(path).suffix.lower() == _LINES:
        # Names of files may hold halves of characters, which orjson refuses.
        lines = "".join(json.dumps(error.to_dict(), ensure_ascii=False) + "\n" for error in errors)
        with atomic_file(path) as file:
            file.write(lines.encode("utf-8", "replace"))
    else:
        write_sheet(path, _COLUMNS, [[*_cells(error)] for error in errors])


def _cells(error: WrongExample) -> Iterator[str | float | None]:
    yield from (error.file, error.line, error.document, error.paragraph)
    names = (error.labelled, error.labelled_titles, error.predicted, error.predicted_titles)
    yield from ("|".join(part) for part in names)
    yield "|".join(topic.title for topic in error.topics)
    yield "|".join(f"{topic.probability:.3f}" for topic in error.topics)
    for words in (
        [topic.speaks_for for topic in error.topics],
        [topic.speaks_against for topic in error.topics],
    ):
        yield "|".join(" ".join(shown_words(each)) for each in words)
    yield error.text
