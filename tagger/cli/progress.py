"""How far a run is, on standard error: a bar on a terminal; elsewhere, a line a minute."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from tagger.batch import Progress
from tagger.cli.printing import echo, echo_above
from tagger.messages import N_, Message, _

__all__ = ["progress_bar", "show_progress"]

# Seconds before anything is shown: shorter runs are not worth loading a bar for.
_PATIENCE = 1.0
_INTERVAL = 60.0  # seconds between lines


@contextmanager
def show_progress(
    *, silent: bool, patience: float = _PATIENCE, interval: float = _INTERVAL
) -> Iterator[Callable[[Progress], None] | None]:
    """Yield a callback that displays Progress, or None when silent."""
    if silent:
        yield None
    elif sys.stderr.isatty():
        with _bar(patience) as show:
            yield show
    else:
        yield _lines(interval)


def _lines(interval: float) -> Callable[[Progress], None]:
    due = interval

    def show(progress: Progress) -> None:
        nonlocal due
        if progress.seconds >= due:
            due = progress.seconds + interval
            counts = progress.counts
            values = {
                "minutes": progress.seconds / 60,
                "tagged": counts.tagged,
                "rejected": counts.rejected,
                "speed": progress.position / progress.seconds / 1e6,
            }
            if progress.total:
                text = N_(
                    "{minutes:.0f} min: {tagged} tagged, {rejected} rejected, {share:.0%} of the input, "
                    "{speed:.1f} MB/s"
                )
                said = _(text, **values, share=progress.position / progress.total)
            else:
                said = _("{minutes:.0f} min: {tagged} tagged, {rejected} rejected, {speed:.1f} MB/s", **values)
            echo(said, err=True)

    return show


@contextmanager
def _bar(patience: float) -> Iterator[Callable[[Progress], None]]:
    bar: Any = None

    def show(progress: Progress) -> None:
        nonlocal bar
        if bar is None and progress.seconds >= patience:
            bar = _new_bar()
            bar.start()
            bar.add_task("", counts="")
        if bar is not None:
            counted = progress.counts
            counts = _("{tagged} tagged, {rejected} rejected", tagged=counted.tagged, rejected=counted.rejected)
            bar.update(bar.task_ids[0], completed=progress.position, total=progress.total, counts=counts)

    try:
        yield show
    finally:
        if bar is not None:
            bar.stop()


def _new_bar() -> Any:
    from rich.console import Console  # noqa: PLC0415 - rich takes a while, and only long runs show it
    from rich.progress import (  # noqa: PLC0415 - likewise
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[counts]}"),
        console=Console(stderr=True),
        transient=True,
    )


@contextmanager
def progress_bar(what: str, *, interval: float = _INTERVAL) -> Iterator[Callable[[int, int], object]]:
    """Yield a callback that is told how much of a long run is done, and of how much: shown with the time that is left.

    On a terminal that is a bar, which is there at once; elsewhere a line, no more than one a minute.
    """
    start = time.monotonic()
    if not sys.stderr.isatty():
        due = interval

        def tell(done: int, total: int) -> None:
            nonlocal due
            seconds = time.monotonic() - start
            if seconds >= due:
                due = seconds + interval
                left, after = _left(seconds, done, total), _minutes(seconds)
                text = N_("{what}: {share:.0%} after {after}, {left}")
                echo(_(text, what=what, share=done / total, after=after, left=left), err=True)

        yield tell
        return
    from rich.console import Console  # noqa: PLC0415 - rich takes a while, and only terminals show it
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn(what),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    console = Console(stderr=True)
    above = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    with Progress(*columns, console=console, transient=True) as bar, echo_above(above):
        task = bar.add_task(what, total=None, left="")
        yield lambda done, total: bar.update(
            task, completed=done, total=total, left=_left(time.monotonic() - start, done, total)
        )


def _left(seconds: float, done: int, total: int) -> Message:
    """Say how much longer it takes if it goes on as before."""
    return _("about {time} left", time=_minutes(seconds * (total - done) / max(1, done)))


def _minutes(seconds: float) -> Message:
    if seconds < 100:
        return _("{seconds:.0f} s", seconds=seconds)
    return _("{minutes:.0f} min", minutes=seconds / 60)
