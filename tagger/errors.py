"""The errors Tagger raises, all under one base.

    TaggerError
    ├── DataError        labels, topics or records that cannot be used, with the place of each problem
    │   └── DecodeError  bytes that are no text in the encoding tried
    ├── ModelError       a folder that cannot be loaded as a model, or saved to
    │   └── FormatError  a model of a format this version does not know
    ├── RunError         a run over files that cannot begin, go on or end
    └── SettingsError    a setting outside its range

Each message says what is wrong, where, and what to do next; the evidence is also there as attributes.
"""

from __future__ import annotations

import errno
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tagger.messages import N_, Message, _, _n, joined, kind_of

__all__ = [
    "DataError",
    "DecodeError",
    "FormatError",
    "ModelError",
    "Problem",
    "RunError",
    "SettingsError",
    "TaggerError",
    "reason",
    "said_once",
]

# A spreadsheet with one column shifted has a problem on every line: twenty show the pattern, more bury it.
SHOWN_PROBLEMS = 20
# Of so many lines that say the same but for numbers, each stands for itself; of more, the others are listed behind the
# first, so many on a line.
_ALIKE = 3
_PLACES = 10
# What systems say of files, as Linux does.
_REASONS = {
    errno.EACCES: N_("Permission denied"),
    errno.EBADF: N_("Bad file descriptor"),
    errno.EBUSY: N_("Device or resource busy"),
    errno.EADDRINUSE: N_("Address already in use"),
    errno.EADDRNOTAVAIL: N_("Cannot assign requested address"),
    errno.EDQUOT: N_("Disk quota exceeded"),
    errno.EEXIST: N_("File exists"),
    errno.EFBIG: N_("File too large"),
    errno.EINVAL: N_("Invalid argument"),
    errno.EIO: N_("Input/output error"),
    errno.EISDIR: N_("Is a directory"),
    errno.ELOOP: N_("Too many levels of symbolic links"),
    errno.EMFILE: N_("Too many open files"),
    errno.ENAMETOOLONG: N_("File name too long"),
    errno.ENOENT: N_("No such file or directory"),
    errno.ENOSPC: N_("No space left on device"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.ENOTEMPTY: N_("Directory not empty"),
    errno.EPERM: N_("Operation not permitted"),
    errno.EROFS: N_("Read-only file system"),
}


class TaggerError(Exception):
    """Base of every error that Tagger raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file: `line` is the physical, 1-based line, or None for the whole file.

    `source` is the name of the file, where several were read.
    """

    message: str
    line: int | None = None
    source: str | None = None


class DataError(TaggerError):
    """Raised when labels, topics or records cannot be used.

    Attributes:
        source: the name of the file, as the user gave it.
        problems: every `Problem` found, in order of their lines; never empty.
    """

    def __init__(self, source: str, *problems: Problem) -> None:
        self.source = source
        self.problems = problems
        super().__init__(self._message())

    def _message(self) -> str:
        shown: list[str] = [
            *said_once(
                (f"{p.source or self.source}{'' if p.line is None else f':{p.line}'}", p.message)
                for p in self.problems[:SHOWN_PROBLEMS]
            )
        ]
        if len(self.problems) > SHOWN_PROBLEMS:
            more = len(self.problems) - SHOWN_PROBLEMS
            shown.append(
                _n("… and {n} more problem in {file}", "… and {n} more problems in {file}", more, file=self.source)
            )
        return "\n".join(shown)


class DecodeError(DataError):
    """Raised when bytes are no text in the encoding given, or in any of those tried.

    Attributes:
        source: the name of the file.
        offset: 0-based offset of the first byte that could not be decoded.
    """

    def __init__(self, source: str, message: str, *, offset: int) -> None:
        self.offset = offset
        super().__init__(source, Problem(message))


class ModelError(TaggerError):
    """Raised when a folder cannot be loaded as a model, or a model cannot be saved there.

    Attributes:
        path: the folder or the file at fault.
        reason: what is wrong with it, and what to do.
    """

    def __init__(self, path: Path, message: str) -> None:
        self.path = path
        self.reason = message
        super().__init__(f"{path}: {message}")


class FormatError(ModelError):
    """Raised when a model has a format number that this version of Tagger does not know."""


class RunError(TaggerError):
    """Raised when a run over files cannot begin, go on or end: a full disk, a lost process, another input to resume."""


class SettingsError(TaggerError, ValueError):
    """Raised when a setting is outside its range."""


def said_once(problems: Iterable[tuple[str, str]]) -> Iterator[Message]:
    """Yield a line for each place and what is wrong there; what many places have alike is said in full at the first."""
    pairs = [*problems]
    places = defaultdict(list)
    for place, what in pairs:
        places[kind_of(what)].append(place)
    for place, what in pairs:
        alike = places[kind_of(what)]
        if len(alike) <= _ALIKE or place == alike[0]:
            yield _("{place}: {reason}", place=place, reason=what)
        if len(alike) > _ALIKE and place == alike[0]:
            for start in range(1, len(alike), _PLACES):
                yield _("the same: {places}", places=joined(alike[start : start + _PLACES]))


def reason(error: OSError) -> Message:
    """Return why the system refused, in the language used; in its own words where they are rare ones."""
    # NumPy counts what it could write, and does not say why that was not all.
    cut_off = error.errno is None and re.fullmatch(r"\d+ requested and \d+ written", str(error))
    if cut_off:
        return _(_REASONS[errno.ENOSPC])
    number = error.errno or 0
    # Windows has words of its own for the same numbers.
    if number in _REASONS and (error.strerror == os.strerror(number) or getattr(error, "winerror", None)):
        return _(_REASONS[number])
    return _("{reason}", reason=error.strerror or str(error) or type(error).__name__)
