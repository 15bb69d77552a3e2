"""Child processes that import nothing from the current folder.

A Python that is started for `-c` or `-m`, as worker processes and their helpers are, looks for modules in the current
folder first: a file named contextlib.py there, perhaps in a downloaded model folder, would be run by each of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["safe_path"]

_VARIABLE = "PYTHONSAFEPATH"


class _Held:
    """How many hold the variable at the moment, and what it was before the first of them."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.number = 0
        self.before: str | None = None


_held = _Held()


@contextmanager
def safe_path() -> Iterator[None]:
    """Have processes that are started meanwhile, by any thread, not look for modules in the current folder.

    Neither multiprocessing nor joblib takes another environment or flags for its children, so it is this process's that
    is changed, and changed back when the last of those that asked for it is done.
    """
    with _held.lock:
        if not _held.number:
            _held.before = os.environ.get(_VARIABLE)
            os.environ[_VARIABLE] = "1"
        _held.number += 1
    try:
        yield
    finally:
        with _held.lock:
            _held.number -= 1
            if not _held.number:
                os.environ.pop(_VARIABLE)
                if _held.before is not None:
                    os.environ[_VARIABLE] = _held.before
