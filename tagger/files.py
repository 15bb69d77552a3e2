"""A file is replaced in one step: who reads it meanwhile, or after a crash, finds a whole one, old or new."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tagger.errors import RunError, reason
from tagger.messages import _

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such locks, and forbids to rename what is open
    fcntl = None  # type: ignore[assignment]  # the module, or none

__all__ = ["atomic_file", "sync_file", "translate_write_errors"]

_FULL = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])


@contextmanager
def atomic_file(target: str | Path) -> Iterator[BinaryIO]:
    """Yield a file to write, which takes the target's place when all went well, and vanishes when not.

    It is written as `.NAME.draft` beside the target and is on the disk before it is renamed. A link is written through,
    and what was there keeps its access rights. A draft that a killed process left is written anew.

    Raises:
        RunError: when it cannot be written, or another process is writing it.
    """
    path = Path(target).resolve()
    draft = path.with_name(f".{path.name}.draft")
    with translate_write_errors(path):
        file = _open_locked(path, draft)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileNotFoundError):
                draft.chmod(path.stat().st_mode & 0o7777)
            if os.name == "nt":  # pragma: no cover - as above
                file.close()
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        finally:
            file.close()
        sync_file(path.parent)


def _open_locked(path: Path, draft: Path) -> BinaryIO:
    """Open a draft that no other process is writing, and empty it."""
    while True:
        file = draft.open("a+b")
        try:
            if fcntl is not None:  # pragma: no branch - as above
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise RunError(_("{file}: another process is writing it; try again when it is done", file=path)) from None
        # The other may have finished between the two steps: what is open is then its result, not a draft.
        if draft.exists() and os.path.samestat(os.fstat(file.fileno()), draft.stat()):
            file.truncate(0)
            return file
        file.close()


@contextmanager
def translate_write_errors(path: Path | None = None) -> Iterator[None]:
    """Raise a RunError where a file cannot be written; without a name, it is the output that is open already."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        why = reason(error)
        if path is None:
            raise RunError(_("the output cannot be written: {reason}", reason=why)) from error
        if error.errno in _FULL:
            raise RunError(_("{file}: cannot be written: {reason}; make room", file=path, reason=why)) from error
        if error.errno == errno.ENOENT and not path.parent.exists():
            raise RunError(
                _("{file}: cannot be written: there is no folder {folder}; make it", file=path, folder=path.parent)
            ) from error
        raise RunError(
            _("{file}: cannot be written: {reason}; choose another folder", file=path, reason=why)
        ) from error


def sync_file(path: Path) -> None:
    """Put on the disk what a file holds, or which names a folder has."""
    # Windows puts on the disk only what is open for writing; it opens no folders, which need none of this there.
    flags = os.O_RDWR if os.name == "nt" else os.O_RDONLY
    with suppress(PermissionError):
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
