"""Standard streams that are closed, cannot be written or lack characters: told, or shown in another way."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from tagger.errors import reason
from tagger.messages import _

__all__ = ["forget_standard_output", "forgive_characters", "standard_streams"]

# What a terminal of another encoding than UTF-8 shows for what it lacks; GBK lacks the first two.
_SIMPLER = {
    "¶": "#",
    "•": "*",
    "·": ".",
    "–": "-",
    "—": "-",
    "…": "...",
    "→": "->",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}


@contextmanager
def standard_streams() -> Iterator[None]:
    """Have a command find all three streams, and see at its end that what it printed was written.

    Closed standard input is empty, and nothing is told on closed standard error. The numbers of closed streams are
    taken, or the next file that is opened would have one of them, and a child process print into it.

    Raises:
        click.ClickException: when standard output is closed, or cannot be written to, and something was printed.
    """
    _occupy()
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - till the process ends
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - likewise
    sys.stdout = sys.stdout or io.TextIOWrapper(io.BufferedWriter(_Closed()), encoding="utf-8")
    try:
        yield
    except OSError as error:
        raise _told(error) from error
    finally:
        try:
            sys.stdout.flush()
        except OSError as error:
            raise _told(error) from error


def forgive_characters() -> None:
    """Have standard output and error take every text, where Python would end a command in the middle.

    A character that their encoding lacks, as GBK lacks ¶, becomes a simpler one, or its number. JSON is written as
    bytes, which lose nothing.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            stream.reconfigure(errors=_SHOWN)


def _simpler(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return what stands for characters that cannot be encoded, and where to go on, as `codecs` asks for it."""
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - streams that are written only encode
    first = error.object[error.start]
    return _SIMPLER.get(first, first.encode("ascii", "backslashreplace").decode("ascii")), error.start + 1


_SHOWN = "tagger-shown"
codecs.register_error(_SHOWN, _simpler)


def _told(error: OSError) -> Exception:
    """Return what to raise where something could not be printed; a reader that went away is for click."""
    # What concerns a file has its name, or was translated where it was written.
    if error.filename is not None or isinstance(error, BrokenPipeError):
        return error
    forget_standard_output()
    return click.ClickException(_("standard output cannot be written: {reason}", reason=reason(error)))


def forget_standard_output() -> None:
    """Let what could not be written go nowhere; Python would try again as it ends, and complain."""
    null = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - till the process ends
    with suppress(OSError):
        os.dup2(null.fileno(), sys.stdout.fileno())
    if _is_closed(sys.stdout):
        sys.stdout = null


class _Closed(io.RawIOBase):
    """Standard output that is closed."""

    def writable(self) -> bool:
        return True

    def write(self, _text: object) -> int:
        raise OSError(errno.EBADF, _("it is closed"))


def _is_closed(stream: Any) -> bool:
    return isinstance(getattr(getattr(stream, "buffer", None), "raw", None), _Closed)


def _occupy() -> None:
    """Open the null device under the numbers of closed standard streams."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free, which is this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - Python's signature
