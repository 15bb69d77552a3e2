"""Where a page may be written, and how: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from tagger.errors import DataError, Problem
from tagger.files import atomic_file
from tagger.messages import _
from tagger.pages.rendering import need_templates

__all__ = ["check_page", "write_page"]

_ENDINGS = frozenset([".htm", ".html"])


def check_page(output: str | Path) -> None:
    """Check, before any work is done, that a page can be written here.

    Raises:
        DataError: when it is a folder, lies in none, or its name is that of another form of file.
        RunError: when Jinja2 is not installed.
    """
    path = Path(output)
    need_templates()
    if path.suffix.lower() not in _ENDINGS:
        raise DataError(str(path), Problem(_("what is written is a page of HTML: name it .html")))
    if path.is_dir():
        raise DataError(str(path), Problem(_("is a folder: name a file to write")))
    if not path.parent.is_dir():
        raise DataError(str(path), Problem(_("cannot be written: there is no such folder; make it")))


def write_page(text: str, path: Path) -> None:
    """Write a page in one step; halves of characters in it become question marks.

    Raises:
        RunError: when it cannot be written; what was there before is left as it was.
    """
    with atomic_file(path) as file:
        file.write(text.encode("utf-8", "replace"))
