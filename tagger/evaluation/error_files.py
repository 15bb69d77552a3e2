"""Examples that were wrong → a file: a table for a spreadsheet, or JSON lines for a program."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tagger.errors import DataError, Problem
from tagger.evaluation.errors import WrongExample, shown_words

__all__ = ["check_error_file", "write_errors"]

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
        DataError: when its name has another ending than .csv or .jsonl, there is no such folder, or it is read.
    """
    target = Path(path)
    if target.suffix.lower() not in {".csv", ".jsonl"}:
        raise DataError(str(path), Problem("examples that were wrong are written as .csv or .jsonl: name it so"))
    if not target.parent.is_dir():
        raise DataError(str(path), Problem("cannot be written: there is no such folder; make it"))
    if target.is_dir():
        raise DataError(str(path), Problem("is a folder: name a file"))
    if target.exists() and any(Path(other).exists() and target.samefile(other) for other in read):
        raise DataError(str(path), Problem("is read and written at once: choose another name"))


def write_errors(path: str | Path, errors: Sequence[WrongExample]) -> None:
    """Write the examples that were wrong: as a table where the name ends in .csv, else as JSON lines.

    The file appears whole or not at all.

    Raises:
        DataError: when it cannot be written, or its name has another ending.
    """
    check_error_file(path)
    target = Path(path)
    partial = target.with_name(f"{target.name}.partial")
    data = _table(errors) if target.suffix.lower() == ".csv" else _lines(errors)
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise DataError(str(path), Problem(f"cannot be written: {error.strerror}; choose another folder")) from error


def _lines(errors: Sequence[WrongExample]) -> bytes:
    # Names of files may hold halves of characters, which orjson refuses.
    text = "".join(json.dumps(error.to_dict(), ensure_ascii=False) + "\n" for error in errors)
    return text.encode("utf-8", "replace")


def _table(errors: Sequence[WrongExample]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows(_cells(error) for error in errors)
    # With a byte order mark, as Excel would assume another encoding without.
    return text.getvalue().encode("utf-8-sig", "replace")


def _cells(error: WrongExample) -> Iterator[object]:
    yield from (error.file, error.line, error.document, error.paragraph)
    names = (error.labelled, error.labelled_titles, error.predicted, error.predicted_titles)
    yield from ("|".join(part) for part in names)
    yield "|".join(topic.title for topic in error.topics)
    yield "|".join(f"{topic.probability:.3f}" for topic in error.topics)
    for side in ("speaks_for", "speaks_against"):
        yield "|".join(" ".join(shown_words(getattr(topic, side))) for topic in error.topics)
    yield error.text
