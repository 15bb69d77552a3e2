"""Options of a run over files: parallelism, resuming, limits; and the cores that there are for it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tagger.batch.lines import MAX_LINE_BYTES
from tagger.errors import SettingsError
from tagger.formats import FileOptions
from tagger.messages import N_, _

__all__ = ["ALL", "RunOptions", "usable_cores"]

# Stands for all topics where thresholds are named.
ALL = ""

# The processor time that a container may use, in microseconds, and in which period; or "max".
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


@dataclass(frozen=True, kw_only=True)
class RunOptions(FileOptions):
    """Options of a run over files, and how they are read.

    How files are read, `max_line_bytes`, `thresholds` and `strict` change what is written. A run can be resumed only
    with the same options of reading, `max_line_bytes`, `thresholds` and `chunk_bytes`.

    Attributes:
        jobs: processes that tag; None is one for each core that this process may use. Small inputs take one anyway.
        resume: go on where a run to the same output ended; begin where there was none.
        strict: end at the first line that cannot be tagged.
        max_line_bytes: lines, cells and text files with more are rejected.
        chunk_bytes: bytes of input sent to a worker at a time. Tagging a megabyte takes a tenth of a second or more, so
            that sending it does not count.
        checkpoint_seconds: time between checkpoints: the most work that a crash can lose.
        thresholds: probabilities from which topics are assigned, by name or title, in place of the model's; `ALL` is
            that of every topic.
        also_written: files that the caller writes, such as a summary: none may be one that the run reads or writes.

    Raises:
        SettingsError: when a number is outside its range.
    """

    jobs: int | None = None
    resume: bool = False
    strict: bool = False
    max_line_bytes: int = MAX_LINE_BYTES
    chunk_bytes: int = 1_000_000
    checkpoint_seconds: float = 5.0
    thresholds: tuple[tuple[str, float], ...] = ()
    also_written: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, least in (("jobs", 1), ("max_line_bytes", 1), ("chunk_bytes", 1), ("checkpoint_seconds", 0)):
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise SettingsError(
                    _("{name} is {value!r}: it must be {least} or more", name=name, value=value, least=least)
                )
        for topic, value in self.thresholds:
            if not 0 <= value <= 1:
                if topic:
                    text = N_("the threshold of {topic!r} is {value!r}: it must be a probability from 0 to 1")
                else:
                    text = N_("the threshold is {value!r}: it must be a probability from 0 to 1")
                raise SettingsError(_(text, topic=topic, value=value))


def usable_cores(quota: Path = _QUOTA) -> int:
    """Return the number of cores that this process may use: those it is bound to, at most its container's share."""
    # Not every system can bind a process to cores.
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        share, period = quota.read_text(encoding="ascii").split()
        return max(1, min(bound, -(-int(share) // int(period))))
    except (OSError, ValueError):  # not in such a container, or "max"
        return bound
