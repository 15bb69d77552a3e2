"""What was decided so far → what a model makes of the rest, in a process of its own, so that the page never waits."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import LabelOptions
from tagger.dataset.checks import check_dataset
from tagger.dataset.keys import example_key
from tagger.dataset.labels import Labels
from tagger.dataset.reading import Reading
from tagger.errors import TaggerError
from tagger.labelling.desk import Guess
from tagger.labelling.journal import Mode
from tagger.labelling.session import Session
from tagger.processes import safe_path
from tagger.records import Example, Topic
from tagger.settings import Settings
from tagger.tagging import classify_texts
from tagger.training import train_dataset

__all__ = ["Learner", "Learnt", "learn"]

# New decisions after which it is learnt again.
_EVERY = 10
# It gives way to everything else on the machine.
_NICENESS = 10
# Texts put in order; the others wait behind them.
_ORDERED = 500
_SETTINGS = {
    "one": Settings(exclusive=True),
    "several": Settings(exclusive=False, always_assign=True),
    "any": Settings(exclusive=False, always_assign=False),
}


@dataclass(frozen=True)
class Learnt:
    """What a model makes of the texts of a pool.

    Attributes:
        topics: the columns.
        probability: float64 (texts, topics).
        assigned: bool (texts, topics).
        order: int64, the texts to ask about first.
    """

    topics: tuple[str, ...]
    probability: NDArray[np.float64]
    assigned: NDArray[np.bool_]
    order: NDArray[np.int64]


def learn(examples: Sequence[Example], topics: Sequence[Topic], texts: Sequence[str], mode: Mode) -> Learnt | None:
    """Train on examples and look at texts; None where the examples are too few to learn from."""
    labels = Labels(tuple(examples), Reading("<decisions>", rows=len(examples)))
    try:
        dataset = check_dataset(labels, topics, LabelOptions(keep_conflicts=True, rare="drop"))
        model = train_dataset(replace(dataset, in_order=False), _SETTINGS[mode]).model
    except TaggerError:
        return None
    probability, assigned = classify_texts(model, texts)
    names = [topic.name for topic in model.topics]
    counts = np.array([sum(name in example.topics for example in examples) for name in names])
    border = _border(probability, model.classifier.thresholds, exclusive=mode == "one")
    return Learnt(tuple(names), probability, assigned, _in_turn(border, counts, _ORDERED))


def _border(
    probability: NDArray[np.float64], thresholds: NDArray[np.float64], *, exclusive: bool
) -> NDArray[np.float64]:
    """Return how far each text is from where each topic begins, in log odds: (texts, topics)."""
    odds = np.log(np.clip(probability, 1e-6, 1 - 1e-6))
    if exclusive and odds.shape[1] > 1:
        second, best = np.sort(odds, axis=1)[:, -2:].T[:, :, np.newaxis]
        return np.asarray(np.abs(odds - np.where(odds == best, second, best)))
    return np.asarray(np.abs(odds - np.log(np.clip(thresholds, 1e-6, 1 - 1e-6))))


def _in_turn(border: NDArray[np.float64], counts: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """Return texts, each topic asking in turn, the rarest first, for the one nearest to its border."""
    nearest = np.argsort(border, axis=0, kind="stable")
    turns = nearest[:, np.argsort(counts, kind="stable")].ravel().tolist()
    return np.array([*dict.fromkeys(turns)][:number], dtype=np.int64)


class Learner:
    """Learns anew after every few decisions, and tells the session; to be used in a `with`, which ends it.

    `labelled` are examples that there were before.
    """

    def __init__(self, session: Session, pool: Sequence[Example], labelled: Sequence[Example], mode: Mode) -> None:
        self._session = session
        self._texts = [example.text for example in pool]
        self._keys = [example_key(Example(text, ())) for text in self._texts]
        self._labelled = tuple(labelled)
        self._mode = mode
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="learner", daemon=True)
        self._learnt_from = -_EVERY
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
            with suppress(BrokenProcessPool):  # somebody killed it, or memory was short: a new one learns the next time
                self._learn_in_turns()

    def _learn_in_turns(self) -> None:
        with safe_path(), ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_calm) as process:
            while not self._ending.is_set():
                examples = self._session.examples()
                number = len(self._labelled) + len(examples)
                if abs(number - self._learnt_from) >= _EVERY:
                    self._learnt_from = number
                    task = process.submit(
                        learn, [*self._labelled, *examples], self._session.topics, self._texts, self._mode
                    )
                    while not task.done() and not self._ending.wait(0.2):
                        pass
                    if self._ending.is_set():
                        _end(process)
                        return
                    self._tell(task.result())
                else:
                    self._wake.wait()
                    self._wake.clear()

    def _tell(self, learnt: Learnt | None) -> None:
        if learnt is None:
            return
        self.version += 1
        guesses = {
            key: Guess(
                tuple(name for name, has in zip(learnt.topics, assigned, strict=True) if has),
                dict(zip(learnt.topics, probability, strict=True)),
            )
            for key, probability, assigned in zip(
                self._keys, np.round(learnt.probability, 4).tolist(), learnt.assigned.tolist(), strict=True
            )
        }
        self._session.learn([self._keys[row] for row in learnt.order.tolist()], guesses)


def _calm() -> None:
    with suppress(AttributeError, OSError):  # Windows has none
        os.nice(_NICENESS)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()


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
