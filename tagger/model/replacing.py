"""A model folder is replaced in one step: who reads it meanwhile, or after a crash, finds a whole one, old or new.

    .NAME.xxxxxxxx.tmp   the draft, written and put on the disk; it is locked while its process lives
    .NAME.xxxxxxxx.old   what was there before, where the system can only rename: twice, with a gap between

On Linux draft and folder are exchanged (renameat2), so that there is no gap. Elsewhere a reader that meets the gap
tries again, and what a process left that died in it is brought back by whoever comes next, reader or writer.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from tagger.errors import ModelError
from tagger.files import sync_file
from tagger.messages import _

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such locks: drafts of dead processes stay there
    fcntl = None  # type: ignore[assignment]  # the module, or none

__all__ = ["atomic_folder", "check_writable", "read_whole"]

_Read = TypeVar("_Read")

# How often and after how many seconds a reader tries again: longer than it takes to rename twice.
_TRIES = 50
_PAUSE = 0.02
_EXCHANGE = 2  # RENAME_EXCHANGE
# The system, the C library or the file system cannot exchange.
_CANNOT = frozenset([errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV])


def read_whole(folder: Path, read: Callable[[], _Read]) -> _Read:
    """Return what `read` reads of a folder, again where that was replaced meanwhile, once an old one is brought back.

    Raises:
        ModelError: what `read` raises of a folder that was left alone.
    """
    for _try in range(_TRIES):
        before = _identity(folder)
        try:
            return read()
        except ModelError:
            in_a_gap = before is None and _left(folder, "old")
            if _identity(folder) == before and not in_a_gap:
                raise
        if before is None:
            time.sleep(_PAUSE)
    _bring_back(folder)
    return read()


def check_writable(target: Path) -> None:
    """Try whether a folder could be written here.

    Raises:
        OSError: when it cannot.
    """
    import tempfile  # noqa: PLC0415 - takes a while to import, which a process that only loads need not wait for

    if os.path.ismount(target):
        raise OSError(errno.EBUSY, _("it is where a file system is mounted, which cannot be replaced"))
    parent = next(folder for folder in target.parents if folder.exists())
    names: dict[str, Any] = {"prefix": f".{target.name}.", "suffix": ".tmp"}  # removed later, if not now
    with tempfile.TemporaryDirectory(**names, dir=parent, ignore_cleanup_errors=True):
        pass


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Yield a draft folder that takes the target's place when all went well, and vanishes when not.

    What is in it is put on the disk before, and the names of the folder around it after that.
    """
    import shutil  # noqa: PLC0415 - both take a while to import, which a process that only loads need not wait for
    import tempfile  # noqa: PLC0415 - likewise

    target.parent.mkdir(parents=True, exist_ok=True)
    _bring_back(target)
    _remove_left(target)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    lock = _lock(draft)
    try:
        draft.chmod(0o777 & ~_umask())
        yield draft
        for path in (*sorted(draft.iterdir()), draft):
            sync_file(path)
        _replace(target, draft)
        sync_file(target.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _replace(target: Path, draft: Path) -> None:
    """Put a draft in the target's place, and what was there in the draft's, which is removed then."""
    for _try in range(_TRIES):
        try:
            if not target.exists():
                draft.rename(target)
            elif not _exchange(draft, target):
                _rename_twice(target, draft)
        except OSError as error:
            # Somebody else saved, or brought an old one back, between the look and the rename.
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT} or not draft.exists():
                raise
        else:
            return
    raise OSError(errno.EBUSY, _("others are writing there all the time"))


def _exchange(draft: Path, target: Path) -> bool:
    """Exchange two folders in one step; False where that cannot be done here."""
    import ctypes  # noqa: PLC0415 - as above

    system = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    rename: Any = getattr(system, "renameat2", None)
    if rename is None:
        return False
    here = -100  # AT_FDCWD, which absolute paths have no use for
    if rename(here, os.fsencode(draft), here, os.fsencode(target), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number))


def _rename_twice(target: Path, draft: Path) -> None:
    import shutil  # noqa: PLC0415 - as above

    replaced = draft.with_suffix(".old")
    try:
        target.rename(replaced)
        draft.rename(target)
    except BaseException:
        # An interrupt may have come just after the renames.
        if replaced.exists() and not target.exists():
            replaced.rename(target)
        raise
    shutil.rmtree(replaced, ignore_errors=True)


def _bring_back(target: Path) -> None:
    """Give the name back to a folder that was left without one between two renames; the last of several."""
    found = [] if target.exists() else _left(target, "old")
    for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)[:1]:
        with suppress(OSError):  # another was quicker, or this folder may only be read
            path.rename(target)


def _remove_left(target: Path) -> None:
    """Remove what dead processes left: folders that were replaced, and drafts that nobody has locked."""
    import shutil  # noqa: PLC0415 - as above

    replaced = _left(target, "old")
    if target.exists():  # looked at after the list was made, so that none of it is in a gap
        for path in replaced:
            shutil.rmtree(path, ignore_errors=True)
    for draft in _left(target, "tmp"):
        if (lock := _lock(draft)) is not None:
            shutil.rmtree(draft, ignore_errors=True)
            os.close(lock)


def _left(target: Path, ending: str) -> list[Path]:
    """List the folders beside a target that were made in replacing it."""
    wanted = re.compile(rf"{re.escape(f'.{target.name}.')}[a-z0-9_]{{8}}\.{ending}")
    try:
        return sorted(path for path in target.parent.iterdir() if wanted.fullmatch(path.name))
    except OSError:
        return []


def _lock(folder: Path) -> int | None:
    """Lock a folder as long as the descriptor that is returned is open; None where another process has, or none can."""
    if fcntl is not None:  # pragma: no branch - see above
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
        else:
            return descriptor
    return None


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _umask() -> int:
    """Read the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
