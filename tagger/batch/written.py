"""Who writes where: all that a run reads and writes, checked before anything is opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tagger.errors import DataError, Problem
from tagger.formats import STANDARD_INPUT

__all__ = ["REJECTS", "check_files", "files_of", "partial_of"]

REJECTS = ".rejects.jsonl"


def partial_of(path: Path) -> Path:
    """Return where a file is while it grows."""
    return Path(f"{path}.partial")


def files_of(output: Path) -> dict[str, Path]:
    """Return every file that a run into an output writes, by what it is: itself and those beside it."""
    path = output.resolve()  # a link is written through
    rejects = Path(f"{path}{REJECTS}")
    return {
        "the output": path,
        "the rejects": rejects,
        "the journal": Path(f"{path}.journal"),
        "the output while it grows": partial_of(path),
        "the rejects while they grow": partial_of(rejects),
        "the table while it is made": Path(f"{path}.table"),
    }


def check_files(inputs: Iterable[str], model: Iterable[Path], output: Path | None, others: Iterable[Path]) -> None:
    """Check that no file is written that is read too, or written twice.

    `output` is the one with others beside it, None where it is no file; `others` are those that the caller writes.

    Raises:
        DataError: naming the file, and what it would be at once.
    """
    written = files_of(output) if output is not None else {}
    written |= {f"the file {path}": path for path in others}
    read = [(f"the input {name}", _stat(name)) for name in inputs] + [("a file of the model", _stat(p)) for p in model]
    names = {f"the input {name}": Path(name).resolve() for name in inputs if name != STANDARD_INPUT}
    for what, path in written.items():
        found = _stat(path)
        for other, status in read:
            if names.get(other) == path.resolve() or _same(found, status):
                raise _error(path, "is read and written at once", f"it is {other}, and would be {what}")
    for what, other in _twice(written):
        raise _error(written[other], "is written twice", f"it would be {what}, and {other}")


def _error(path: Path, wrong: str, why: str) -> DataError:
    return DataError(str(path), Problem(f"{wrong}: name another file to write; {why}"))


def _twice(written: dict[str, Path]) -> Iterator[tuple[str, str]]:
    seen: list[tuple[str, Path]] = []
    for what, path in written.items():
        for other, before in seen:
            if before.resolve() == path.resolve() or _same(_stat(before), _stat(path)):
                yield other, what
        seen.append((what, path))


def _stat(name: str | Path) -> os.stat_result | None:
    """Return what tells one file from another; None where there is none, or nothing but a terminal or a pipe."""
    try:
        found = os.fstat(sys.stdin.fileno()) if name == STANDARD_INPUT else Path(name).stat()
    except (OSError, ValueError, AttributeError):  # closed, or a stand-in for a file
        return None
    return found


def _same(one: os.stat_result | None, other: os.stat_result | None) -> bool:
    return one is not None and other is not None and os.path.samestat(one, other)
