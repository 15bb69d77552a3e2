"""Calls → what they return, in order: one after another or by several processes, to the same last bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ParamSpec, TypeVar

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from tagger.processes import safe_path

__all__ = ["in_processes", "one_thread"]

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def in_processes(
    function: Callable[_Arguments, _Result], calls: Iterable[tuple[Any, ...]], *, jobs: int | None
) -> Iterator[_Result]:
    """Yield what a function returns for each tuple of arguments, in order, as soon as it is there.

    `jobs` is the number of processes, -1 one for each core; they import nothing from the current folder.
    """
    with safe_path():
        yield from Parallel(n_jobs=jobs, return_as="generator")(delayed(_alone)(function, call) for call in calls)


def one_thread() -> threadpool_limits:
    """Return a context manager in which linear algebra uses one thread.

    The sums of several threads differ in their last bits from those of one; how many there are depends on the machine,
    on its variables (OMP_NUM_THREADS) and on the number of processes.
    """
    return threadpool_limits(limits=1)


def _alone(function: Callable[..., _Result], arguments: tuple[Any, ...]) -> _Result:
    with one_thread():
        return function(*arguments)
