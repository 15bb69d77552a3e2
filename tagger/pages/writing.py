"""Where a page may be written, and how: whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tagger.errors import DataError, Problem
from tagger.files import atomic_file, translate_write_errors
from tagger.messages import _
from tagger.pages.rendering import need_templates

__all__ = ["check_page", "write_page"]

_ENDINGS = frozenset([".htm", ".html"])


def check_page(output: str | Path, read: Sequence[str | Path] = ()) -> None:
    """Check, before any work is done, that a page can be written here; none of the files that are `read` is replaced.

    Raises:
        DataError: when it is a folder, lies in none, is read, or its name is that of another form of file.
        RunError: when Jinja2 is not installed, or no file can have the name.
    """
    path = Path(output)
    need_templates()
    if path.suffix.lower() not in _ENDINGS:
        raise DataError(str(path), Problem(_("what is written is a page of HTML: name it .html")))
    with translate_write_errors(path):  # such as that of a name that is too long
        if path.is_dir():
            raise DataError(str(path), Problem(_("is a folder: name a file to write")))
        if not path.parent.is_dir():
            raise DataError(str(path), Problem(_("cannot be written: there is no such folder; make it")))
        if path.exists() and any(Path(other).exists() and path.samefile(other) for other in read):
            raise DataError(str(path), Problem(_("is read and written at once: choose another name")))


def write_page(text: str, path: Path) -> None:
    """Write a page in one step; halves of characters in it become question marks.

    Raises:
        RunError: when it cannot be written; what was there before is left as it was.
    """
    with atomic_file(path) as file:
        file.write(text.encode("utf-8", "replace"))
