"""A page → a file, whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tagger.batch.sinks import translate_write_errors
from tagger.errors import DataError, Problem

__all__ = ["check_page", "write_page"]

_ENDINGS = frozenset([".htm", ".html"])


def check_page(path: Path) -> None:
    """Check, before any work is done, that a page can be written here.

    Raises:
        DataError: when it is a folder, lies in none, or its name is that of another form of file.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise DataError(str(path), Problem("what is written is a page of HTML: name it .html"))
    if path.is_dir():
        raise DataError(str(path), Problem("is a folder: name a file to write"))
    if not path.parent.is_dir():
        raise DataError(str(path), Problem("cannot be written: there is no such folder; make it"))


def write_page(text: str, path: Path) -> None:
    """Write a page beside where it is to be, put it on the disk, and put it in its place at once.

    Raises:
        RunError: when it cannot be written; what was there before is left as it was.
    """
    target = path.resolve()  # a link is written through
    beside = target.with_name(f".{os.getpid()}.{target.name}")
    with translate_write_errors(path):
        try:
            with beside.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
