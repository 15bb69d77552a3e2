"""How a run over files goes about its work, as far as it does not change what is written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tagger.batch.lines import MAX_LINE_BYTES
from tagger.errors import SettingsError

__all__ = ["RunOptions", "usable_cores"]

# The processor time that a container may use, in microseconds, and in which period; or "max".
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How a run over files goes about its work.

    Attributes:
        jobs: processes that tag; None is one for each core that this process may use. Small inputs take one anyway.
        resume: go on where a run to the same output ended; begin where there was none.
        strict: end at the first line that cannot be tagged.
        encoding: of text files and CSV, where it is not one that is found out.
        max_line_bytes: a line with more, or a text file, is rejected.
        chunk_bytes: what a process takes at once. A megabyte is a tenth of a second's work and more, beside which
            the passing to and fro does not count.
        checkpoint_seconds: how much work may be lost, at most, when a machine falls.

    Raises:
        SettingsError: when a number is outside its range.
    """

    jobs: int | None = None
    resume: bool = False
    strict: bool = False
    encoding: str | None = None
    max_line_bytes: int = MAX_LINE_BYTES
    chunk_bytes: int = 1_000_000
    checkpoint_seconds: float = 5.0

    def __post_init__(self) -> None:
        for name, least in (("jobs", 1), ("max_line_bytes", 1), ("chunk_bytes", 1), ("checkpoint_seconds", 0)):
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise SettingsError(f"{name} is {value!r}: it must be {least} or more")


def usable_cores(quota: Path = _QUOTA) -> int:
    """Count the cores that this process may use: those it is bound to, and no more than its container's share."""
    # Not everywhere can a process be bound to cores.
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        share, period = quota.read_text(encoding="ascii").split()
        return max(1, min(bound, -(-int(share) // int(period))))
    except (OSError, ValueError):  # no such container, or "max"
        return bound
