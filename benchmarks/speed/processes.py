"""Fresh processes, all on one core: workers that take orders, and commands that are timed whole."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

__all__ = ["Process", "command_seconds", "pin"]

_BENCHMARKS = Path(__file__).parents[1]


def pin(core: int) -> None:
    """Bind this process, and with it all that it starts, to one core; libraries get one thread each."""
    os.sched_setaffinity(0, {core})
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


class Process:
    """A worker of one rival, for as long as the with statement lasts."""

    def __init__(self, rival: str) -> None:
        self._rival = rival
        command = [sys.executable, "-m", "speed.worker", rival]
        self._process = subprocess.Popen(
            command, cwd=_BENCHMARKS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    @property
    def _orders(self) -> IO[str]:
        return cast("IO[str]", self._process.stdin)  # a pipe, as ordered above

    @property
    def _answers(self) -> IO[str]:
        return cast("IO[str]", self._process.stdout)

    def ask(self, order: str, *arguments: Any) -> Any:
        """Have an order carried out, and wait for its answer."""
        self._orders.write(json.dumps([order, *arguments]) + "\n")
        self._orders.flush()
        answer = self._answers.readline()
        if not answer:
            raise ChildProcessError(f"{self._rival} ended while it was to {order}: see its message above")
        return json.loads(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


def command_seconds(command: Sequence[str]) -> tuple[float, int | None]:
    """Run a command to its end: seconds, and the peak of its resident memory in bytes.

    Linux counts in what this process held when it started the command, so that no smaller peak can be known.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=_BENCHMARKS, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ChildProcessError(f"{command} ended with {process.returncode}: see its message above")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return seconds, usage.ru_maxrss * 1024 if usage.ru_maxrss > own else None
