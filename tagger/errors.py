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

from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "DataError",
    "DecodeError",
    "FormatError",
    "ModelError",
    "Problem",
    "RunError",
    "SettingsError",
    "TaggerError",
]

# A spreadsheet with one column shifted has a problem on every line: twenty show the pattern, more bury it.
SHOWN_PROBLEMS = 20


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
        shown = [
            f"{p.source or self.source}{'' if p.line is None else f':{p.line}'}: {p.message}"
            for p in self.problems[:SHOWN_PROBLEMS]
        ]
        if len(self.problems) > SHOWN_PROBLEMS:
            shown.append(f"… and {len(self.problems) - SHOWN_PROBLEMS} more problems in {self.source}")
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
