"""A wish to stop, raised from a signal handler or another thread and heeded between two chunks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Stop", "Stopped"]


class Stopped(Exception):  # noqa: N818 - no error: it was asked for
    """Raised where a run waits for input when it is asked to stop."""


class Stop:
    """Asks a run to stop: it finishes the chunks it has begun, writes a checkpoint and returns.

    `request` is made to be called from a signal handler, and then interrupts even a run that waits for standard input.
    """

    def __init__(self) -> None:
        self.requested = False
        self._waiting = False

    def request(self) -> None:
        """Ask the run to stop."""
        self.requested = True
        if self._waiting:
            raise Stopped

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Mark a stretch that may be broken off at any point, as nothing in it is lost."""
        self._waiting = True
        try:
            # The request may have come just before the mark.
            if self.requested:
                raise Stopped
            yield
        finally:
            self._waiting = False
