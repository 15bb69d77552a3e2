"""Text that came from files → a terminal: nothing in it steers the terminal or is taken for markup."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import click
import orjson

__all__ = ["JsonTerminal", "echo", "echo_above", "print_json", "printable"]

# Controls but tab and line end, marks and embeddings of direction, separators of lines, halves of characters.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Return a text with everything spelt out that would steer a terminal: escapes, controls, changes of direction.

    >>> printable("a\x1b[31mb\tc")
    'a\\x1b[31mb\tc'
    """
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text, made printable."""
    if err and _above is not None:
        _above(printable(text))
    else:
        click.echo(printable(text), err=err, nl=nl)


@contextmanager
def echo_above(show: Callable[[str], object]) -> Iterator[None]:
    """Meanwhile, let `show` print what goes to standard error, where a bar stands that is drawn again and again."""
    global _above  # noqa: PLW0603 - a terminal has one last line
    _above = show
    try:
        yield
    finally:
        _above = None


_above: Callable[[str], object] | None = None


def print_json(value: object) -> None:
    """Print one JSON line to standard output."""
    line = orjson.dumps(value) + b"\n"
    if sys.stdout.isatty():
        JsonTerminal(sys.stdout.buffer).write(line)
    else:
        sys.stdout.buffer.write(line)


class JsonTerminal:
    """A terminal to which JSON lines are written: what would steer it is escaped as JSON has it, and means the same."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.flush = file.flush

    def write(self, lines: bytes) -> None:
        """Write whole lines."""
        text = _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", lines.decode("utf-8"))
        self._file.write(text.encode("utf-8"))
