"""Who writes where: all that a run reads and writes, checked before anything is opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tagger.errors import DataError, Problem
from tagger.formats import STANDARD_INPUT
from tagger.messages import N_, Message, _

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
        N_("the output"): path,
        N_("the rejects"): rejects,
        N_("the journal"): Path(f"{path}.journal"),
        N_("the output while it grows"): partial_of(path),
        N_("the rejects while they grow"): partial_of(rejects),
        N_("the table while it is made"): Path(f"{path}.table"),
    }


def check_files(inputs: Iterable[str], model: Iterable[Path], output: Path | None, others: Iterable[Path]) -> None:
    """Check that no file is written that is read too, or written twice.

    `output` is the one with others beside it, None where it is no file; `others` are those that the caller writes.

    Raises:
        DataError: naming the file, and what it would be at once.
    """
    written = [(_(what), path) for what, path in files_of(output).items()] if output is not None else []
    written += [(_("the file {file}", file=path), path) for path in others]
    read = [
        (_("the input {file}", file=name), None if name == STANDARD_INPUT else Path(name).resolve(), _stat(name))
        for name in inputs
    ]
    read += [(_("a file of the model"), None, _stat(path)) for path in model]
    for what, path in written:
        found = _stat(path)
        for other, name, status in read:
            if name == path.resolve() or _same(found, status):
                raise _error(_AT_ONCE, path, what, other)
    for path, what, other in _twice(written):
        raise _error(_TWICE, path, what, other)


_AT_ONCE = N_("is read and written at once: name another file to write; it is {other}, and would be {what}")
_TWICE = N_("is written twice: name another file to write; it would be {what}, and {other}")


def _error(text: str, path: Path, what: Message, other: Message) -> DataError:
    return DataError(str(path), Problem(_(text, what=what, other=other)))


def _twice(written: list[tuple[Message, Path]]) -> Iterator[tuple[Path, Message, Message]]:
    seen: list[tuple[Message, Path]] = []
    for what, path in written:
        for other, before in seen:
            if before.resolve() == path.resolve() or _same(_stat(before), _stat(path)):
                yield path, other, what
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
