"""Writes the label file in the background, when nothing was decided for a while."""

from __future__ import annotations

import threading
from typing import Self

from tagger.labelling.desk import Desk

__all__ = ["Writer"]

# Seconds without a decision after which the label file is written.
_QUIET = 1.0


class Writer:
    """Writes the label file once nothing was decided for a while; to be used in a `with`, which writes it at last.

    Attributes:
        problem: why it could not be written, in words; empty where it was.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._wake, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.problem = ""

    def __enter__(self) -> Self:
        self.problem = self._desk.save()  # what was decided before, and not written
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._wake.set()
        self._thread.join()
        self.problem = self._desk.save()

    def wake(self) -> None:
        """Say that something was decided."""
        self._wake.set()

    def _run(self) -> None:
        while True:
            # A file that could not be written is tried again, as whoever held it may have let it go.
            self._wake.wait(_QUIET if self.problem else None)
            while self._wake.is_set() and not self._ending.is_set():
                self._wake.clear()
                self._ending.wait(_QUIET)
            if self._ending.is_set():
                return
            self.problem = self._desk.save()
