"""Chunks → what they became, in order: by this process, or by several that each load the model.

The processes are started fresh (spawn), each opens the model folder and so has the user dictionary, and the number of
chunks under way is bounded. Measured against joblib (benchmarks/batch.py): concurrent.futures is imported in a fifth
of its time, and joblib's generator goes on taking chunks when results are not fetched, so that memory has no bound.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tagger.batch.chunks import Chunk, Done, Work, tag_chunk
from tagger.batch.options import ALL
from tagger.errors import RunError, TaggerError
from tagger.messages import _
from tagger.model import model_hash
from tagger.processes import safe_path
from tagger.tagger import Tagger, load

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

__all__ = ["STOP_SIGNALS", "Workers", "open_expected", "open_tagger"]

# Starting processes takes a second of each, in which this one alone tags about this many chunks.
_ALONE = 8
# Chunks under way for each process: one that it works on and one that waits for it.
_AHEAD = 2

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Workers:
    """Tags chunks in order: by this process alone, until there are enough of them for several.

    To be used in a `with`, which ends the processes.

    Raises:
        RunError: when a worker process ends before its time, or finds another model in the folder.
    """

    def __init__(self, *, tagger: Tagger, folder: Path, digest: str, work: Work, jobs: int) -> None:
        self._tagger = tagger
        self._work = work
        self._jobs = jobs
        self._folder = folder
        self._digest = digest
        self._processes = ExitStack()
        self._submit: Callable[[Chunk], Future[Done]] | None = None
        self._early: deque[Chunk] = deque()
        self._window: deque[tuple[Chunk, Future[Done]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._processes.__exit__(error_type, error, trace)

    def take(self, chunk: Chunk) -> Iterator[tuple[Chunk, Done]]:
        """Take the next chunk, and yield those that are done; perhaps none yet."""
        self._early.append(chunk)
        if self._jobs == 1:
            yield from self._tag_early()
        elif self._submit is None and len(self._early) > _ALONE:
            pool = _pool(self._jobs, self._folder, self._digest, self._work)
            self._submit = self._processes.enter_context(pool)
        while self._submit is not None and self._early:
            each = self._early.popleft()
            self._window.append((each, self._submit(each)))
            if len(self._window) > _AHEAD * self._jobs:
                yield self._next()

    def drain(self) -> Iterator[tuple[Chunk, Done]]:
        """Yield all that was taken, once it is done."""
        yield from self._tag_early()
        while self._window:
            yield self._next()

    def _tag_early(self) -> Iterator[tuple[Chunk, Done]]:
        while self._early:
            chunk = self._early.popleft()
            yield chunk, tag_chunk(chunk, tagger=self._tagger, work=self._work)

    def _next(self) -> tuple[Chunk, Done]:
        chunk, future = self._window.popleft()
        return chunk, future.result()


@contextmanager
def _pool(jobs: int, folder: Path, digest: str, work: Work) -> Iterator[Callable[[Chunk], Future[Done]]]:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - only where several processes are wanted
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - only there, too
    from multiprocessing import get_context  # noqa: PLC0415 - only there, too

    spawn = get_context("spawn")
    wanted, wanting = spawn.Pipe(duplex=False)
    with safe_path():
        pool = ProcessPoolExecutor(jobs, mp_context=spawn, initializer=_begin, initargs=(wanted,))

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        with safe_path(), _signals_held():  # it may start a process
            return pool.submit(function, *arguments)

    try:
        for _number in range(jobs):
            submit(os.getpid)  # all start now, not one after another
        yield lambda chunk: submit(_tag_in_worker, chunk, folder, digest, work)
    except BrokenProcessPool as error:
        wanting.close()  # workers ignore SIGTERM, so closing the pipe is what stops them
        raise RunError(
            _("a worker process was killed or crashed (out of memory, perhaps: try fewer --jobs)")
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
        wanting.close()
        wanted.close()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Have child processes start with Ctrl-C and SIGTERM blocked, which service managers too send to all of a run.

    This process alone decides what they mean; none that comes meanwhile is lost.
    """
    if not hasattr(signal, "pthread_sigmask"):  # pragma: no cover - Windows: children heed them until `_begin`
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(wanted: Connection) -> None:
    """Prepare a worker process: it ignores signals, and ends with the process that it works for."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    Thread(target=_end_with, args=[wanted], daemon=True).start()


def _end_with(wanted: Connection) -> None:
    wanted.poll(None)  # nothing is ever sent: it returns when the other end is closed
    os._exit(1)  # pragma: no cover - leaves nothing to measure with


def _tag_in_worker(chunk: Chunk, folder: Path, digest: str, work: Work) -> Done:
    try:
        return tag_chunk(chunk, tagger=open_tagger(folder, digest, work.options.thresholds), work=work)
    except TaggerError as error:
        # Others do not come whole through a pipe: their arguments are not those they were made with.
        raise RunError(str(error)) from None


@lru_cache(maxsize=1)
def open_tagger(folder: Path, digest: str, thresholds: tuple[tuple[str, float], ...]) -> Tagger:
    """Load the tagger of a folder, as `open_expected` does, with thresholds of the run's own.

    Raises:
        SettingsError: when one of them is that of an unknown topic.
    """
    tagger = open_expected(folder, digest)
    chosen = dict(thresholds)
    if ALL in chosen:
        tagger = tagger.with_thresholds(str(chosen.pop(ALL)))
    return tagger.with_thresholds(chosen) if chosen else tagger


# One is what a run needs; a process of a cluster may serve two or three in turn.
@lru_cache(maxsize=4)
def open_expected(folder: Path, digest: str) -> Tagger:
    """Load the tagger of a folder, once in a process, and refuse a model that does not have this `model_hash`.

    Raises:
        ModelError: when the folder is not a model, or a damaged one.
        RunError: when it is another model.
    """
    if (found := model_hash(folder)) != digest:
        raise RunError(
            _(
                "{folder}: holds another model than the one that this run began with: its hash is {found}, not "
                "{digest}; put the same folder everywhere, leave it alone while it is used, and start again",
                folder=folder,
                found=found,
                digest=digest,
            )
        )
    return load(folder, digest=digest)
