"""Chunks → what came of them, in order: by this process, or by several that share the mapped model.

The processes are started anew (spawn), each opens the model folder and so has the user dictionary, and a bounded number
of chunks is under way. Measured against joblib (benchmarks/batch.py): importing concurrent.futures takes a fifth of
its time, and joblib's generator goes on taking chunks when results are not fetched, so that memory has no bound.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from tagger.batch.chunks import Chunk, Done, Work, tag_chunk
from tagger.errors import RunError, TaggerError
from tagger.storage import model_hash
from tagger.tagger import Tagger, load

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

__all__ = ["open_expected", "tag_in_order"]

# Starting processes takes a second of each, in which this one alone tags about this many chunks.
_ALONE = 8
# Chunks under way for each process: one that it works on and one that lies ready.
_AHEAD = 2

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_Result = tuple[Chunk, Done] | None


def tag_in_order(
    chunks: Iterable[Chunk | None], *, tagger: Tagger, folder: Path, digest: str, work: Work, jobs: int
) -> Iterator[_Result]:
    """Tag chunks in order; None is passed on when all before it are done.

    Raises:
        RunError: when a worker process ends before its time, or finds another model in the folder.
    """
    early: list[Chunk] = []
    chunks = iter(chunks)
    for chunk in chunks:
        if chunk is not None:
            early.append(chunk)
        if chunk is None or jobs == 1:
            for each in early:
                yield each, tag_chunk(each, tagger=tagger, work=work)
            early = []
        if chunk is None:
            yield None
        if len(early) > _ALONE:
            with _pool(jobs, folder, digest, work) as submit:
                yield from _in_window(_chain(early, chunks), submit, limit=_AHEAD * jobs)
            return
    for each in early:
        yield each, tag_chunk(each, tagger=tagger, work=work)


def _chain(early: list[Chunk], chunks: Iterator[Chunk | None]) -> Iterator[Chunk | None]:
    yield from early
    yield from chunks


def _in_window(
    chunks: Iterable[Chunk | None], submit: Callable[[Chunk], Future[Done]], *, limit: int
) -> Iterator[_Result]:
    window: deque[tuple[Chunk, Future[Done]]] = deque()
    for chunk in chunks:
        if chunk is not None:
            window.append((chunk, submit(chunk)))
        while window and (chunk is None or len(window) > limit):
            yield _next(window)
        if chunk is None:
            yield None
    while window:
        yield _next(window)


def _next(window: deque[tuple[Chunk, Future[Done]]]) -> tuple[Chunk, Done]:
    chunk, future = window.popleft()
    return chunk, future.result()


@contextmanager
def _pool(jobs: int, folder: Path, digest: str, work: Work) -> Iterator[Callable[[Chunk], Future[Done]]]:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - only where several processes are wanted
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415
    from multiprocessing import get_context  # noqa: PLC0415

    spawn = get_context("spawn")
    wanted, wanting = spawn.Pipe(duplex=False)
    pool = ProcessPoolExecutor(jobs, mp_context=spawn, initializer=_begin, initargs=(wanted,))

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        with _signals_held():  # it may start a process
            return pool.submit(function, *arguments)

    try:
        for _ in range(jobs):
            submit(os.getpid)  # all start now, not one after another
        yield lambda chunk: submit(_tag_in_worker, chunk, folder, digest, work)
    except BrokenProcessPool as error:
        wanting.close()  # the others mind no SIGTERM, by which the pool would end them
        raise RunError("a worker process was killed or crashed (out of memory, perhaps: try fewer --jobs)") from error
    finally:
        pool.shutdown(cancel_futures=True)
        wanting.close()
        wanted.close()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Have child processes begin without minding Ctrl-C and SIGTERM, which service managers too send to all of a run.

    This process alone decides what they mean; none that comes meanwhile is lost.
    """
    if not hasattr(signal, "pthread_sigmask"):  # pragma: no cover - Windows: children mind until they have begun
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(wanted: Connection) -> None:
    """Prepare a worker process: it minds no signal, and ends with the process that it works for."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    Thread(target=_end_with, args=[wanted], daemon=True).start()


def _end_with(wanted: Connection) -> None:
    wanted.poll(None)  # nothing is ever sent: it returns when the other end is closed
    os._exit(1)  # pragma: no cover - leaves nothing to measure with


def _tag_in_worker(chunk: Chunk, folder: Path, digest: str, work: Work) -> Done:
    try:
        return tag_chunk(chunk, tagger=open_expected(folder, digest), work=work)
    except TaggerError as error:
        # Others do not come whole through a pipe: their arguments are not those they were made with.
        raise RunError(str(error)) from None


# One is what a run needs; a process of a cluster may serve two or three in turn.
@lru_cache(maxsize=4)
def open_expected(folder: Path, digest: str) -> Tagger:
    """Load the tagger of a folder, once in a process, and refuse another than the one that has this `model_hash`.

    Raises:
        ModelError: when the folder is no model, or a damaged one.
        RunError: when it is another model.
    """
    tagger = load(folder)
    if (found := model_hash(folder)) != digest:
        raise RunError(
            f"{folder}: holds another model than the one that this run began with: its hash is {found}, not {digest}; "
            "put the same folder everywhere and leave it alone while it is used, and start anew"
        )
    return tagger
