"""A folder that appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["atomic_folder"]


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Give a draft folder that takes the target's place when all went well, and vanishes when not."""
    import shutil  # noqa: PLC0415 - with all that these import, a while that a process which only loads need not wait
    import tempfile  # noqa: PLC0415

    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    replaced = draft.with_suffix(".old")
    try:
        draft.chmod(0o777 & ~_umask())
        yield draft
        try:
            if target.exists():
                target.rename(replaced)
            draft.rename(target)
        except BaseException:
            # An interrupt may have come just after the renames.
            if replaced.exists() and not target.exists():
                replaced.rename(target)
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if target.exists():
            shutil.rmtree(replaced, ignore_errors=True)


def _umask() -> int:
    """Read the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
