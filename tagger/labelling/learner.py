"""What was decided so far → what a model makes of the rest, in a process of its own, so that the page never waits."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from typing import Any, Self, TypeVar

import numpy as np

from tagger.dataset.keys import example_key
from tagger.labelling.desk import Guess
from tagger.labelling.journal import Mode
from tagger.labelling.learning import Learnt, foresee, learn
from tagger.labelling.session import Session
from tagger.processes import safe_path
from tagger.records import Example

__all__ = ["Learner"]

# New decisions after which it is learnt again.
_EVERY = 10
# It gives way to everything else on the machine.
_NICENESS = 10
# It is told what more labels would bring from so many on, and again after so many more, or a tenth more.
_FORESEEN, _MORE, _SHARE = 80, 50, 0.1
# Texts that are asked about at random whose evidence is looked for: as many as are decided while it learns, and more.
_AT_RANDOM = 25


_T = TypeVar("_T")


class _EndedError(Exception):
    """Raised where all ends while something is learnt."""


class _Guesses(Mapping[str, Guess]):
    """What is guessed of each text, by its key, made when it is asked for: all at once would keep the page waiting."""

    def __init__(self, learnt: Learnt, rows: Mapping[str, int]) -> None:
        self._learnt, self._rows = learnt, rows

    def __getitem__(self, key: str) -> Guess:
        learnt, row = self._learnt, self._rows[key]
        probability = np.round(learnt.probability[row], 4).tolist()
        return Guess(
            tuple(name for name, has in zip(learnt.topics, learnt.assigned[row].tolist(), strict=True) if has),
            dict(zip(learnt.topics, probability, strict=True)),
            learnt.evidence.get(row, ()),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class Learner:
    """Learns anew after every few decisions, and tells the session; to be used in a `with`, which ends it.

    `labelled` are examples that there were before.
    """

    def __init__(self, session: Session, pool: Sequence[Example], labelled: Sequence[Example], mode: Mode) -> None:
        self._session = session
        self._texts = [example.text for example in pool]
        self._keys = [example_key(Example(text, ())) for text in self._texts]
        self._rows = {key: row for row, key in reversed([*enumerate(self._keys)])}
        self._labelled = tuple(labelled)
        self._mode = mode
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="learner", daemon=True)
        self._learnt_from = -_EVERY
        self._foreseen_from = 0
        self.version = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._wake.set()
        self._thread.join()

    def wake(self) -> None:
        """Say that something was decided."""
        self._wake.set()

    def _run(self) -> None:
        while not self._ending.is_set():
            # Somebody killed it, or memory was short: a new one learns the next time.
            with suppress(BrokenProcessPool, _EndedError):
                self._learn_in_turns()

    def _learn_in_turns(self) -> None:
        spawn, parent = get_context("spawn"), (os.getpid(),)
        with safe_path(), ProcessPoolExecutor(1, mp_context=spawn, initializer=_calm, initargs=parent) as process:
            while not self._ending.is_set():
                examples = [*self._labelled, *self._session.examples()]
                if abs(len(examples) - self._learnt_from) >= _EVERY:
                    self._learnt_from = len(examples)
                    also = [self._rows[key] for key in self._session.next_at_random(_AT_RANDOM)]
                    topics, texts = self._session.topics, self._texts
                    self._tell(self._result(process, learn, examples, topics, texts, self._mode, also))
                    if self._is_time_to_foresee(len(examples)):
                        self._foreseen_from = len(examples)
                        outlook = self._result(process, foresee, examples, topics, self._mode)
                        self._session.outlook = outlook or self._session.outlook
                else:
                    self._wake.wait()
                    self._wake.clear()

    def _result(self, process: ProcessPoolExecutor, function: Callable[..., _T], *arguments: Any) -> _T:
        """Have a process work, and wait for it; where all ends meanwhile the process is ended too."""
        task = process.submit(function, *arguments)
        while not task.done() and not self._ending.wait(0.2):
            pass
        if self._ending.is_set():
            _end(process)
            raise _EndedError
        return task.result()

    def _is_time_to_foresee(self, number: int) -> bool:
        return number >= _FORESEEN and number - self._foreseen_from >= max(_MORE, _SHARE * self._foreseen_from)

    def _tell(self, learnt: Learnt | None) -> None:
        if learnt is None:
            return
        self.version += 1
        self._session.learn([self._keys[row] for row in learnt.order.tolist()], _Guesses(learnt, self._rows))


def _calm(parent: int) -> None:
    with suppress(AttributeError, OSError):  # Windows has none
        os.nice(_NICENESS)
    # Told by the parent: it may have been killed since it started this process, and another one adopted it.
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()


def _end_with_parent(parent: int) -> None:
    """End this process when the one that started it was killed; on Windows the number of that never changes."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _end(process: ProcessPoolExecutor) -> None:
    """End a process that is still learning: what it would find is of no use any more."""
    for child in list((process._processes or {}).values()):  # noqa: SLF001 - 3.14 has terminate_workers for it
        child.terminate()
    with suppress(BrokenProcessPool):
        process.shutdown(cancel_futures=True)
