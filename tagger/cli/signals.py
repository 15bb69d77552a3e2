"""Ctrl-C and SIGTERM → a wish to stop, so that nothing that was done is lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tagger.batch import Stop

__all__ = ["heed_signals"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def heed_signals(stop: Stop) -> Iterator[list[int]]:
    """Ask for a stop when a signal comes, and list its number; a second one ends the run at once."""
    received: list[int] = []

    def heed(number: int, _frame: Any) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)
        stop.request()

    before = [signal.signal(number, heed) for number in _SIGNALS]
    try:
        yield received
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)
