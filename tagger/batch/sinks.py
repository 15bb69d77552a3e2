"""An output without a name, such as standard output: written as it comes, and nothing to go on from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import orjson

from tagger.batch.chunks import Chunk, Done
from tagger.batch.journal import Checkpoint
from tagger.errors import RunError

__all__ = ["Stream"]


class Stream:
    """Writes tagged lines to a file that is open; what cannot be tagged is told to `on_reject`, a line each.

    Raises:
        RunError: when it cannot be written to.
        BrokenPipeError: when no one reads any more.
    """

    live = True

    def __init__(self, file: BinaryIO, on_reject: Callable[[str], object]) -> None:
        self.reached = Checkpoint()
        self._file = file
        self.on_reject = on_reject

    def write(self, chunk: Chunk, done: Done) -> None:
        """Write what came of the next chunk."""
        with _telling():
            self._file.write(done.output)
        for line in done.rejects.splitlines():
            reject = orjson.loads(line)
            place = "" if reject["line"] is None else f"{reject['file']}:{reject['line']}: "
            self.on_reject(f"{place}{reject['reason']}")
        self.reached = Checkpoint(chunks=chunk.number, counts=self.reached.counts + done.counts)

    def give_up(self, done: Done) -> None:
        """Write what came before the line that ends a strict run."""
        with _telling():
            self._file.write(done.output)
        self.keep()

    def keep(self) -> None:
        """Let go of what is held back."""
        with _telling():
            self._file.flush()

    pause = finish = keep

    def close(self) -> None:
        """Do nothing: whoever opened the file closes it."""


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise RunError(f"the output cannot be written: {error.strerror}") from error
