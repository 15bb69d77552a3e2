"""One process of one rival: reads an order a line, answers a line; python -m speed.worker RIVAL.

Orders are JSON lists: a name, then arguments. Times are taken here, so that the pipe costs nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from speed.rivals import RIVALS, Predict
from speed.sets import Labelled, pool_of_paragraphs

# A measurement takes at least this long: a single pass over half a megabyte would be over in the clock's noise.
_SECONDS = 0.25
_BATCH = 10_000


class Worker:
    """Carries out orders, one at a time."""

    def __init__(self, rival: str) -> None:
        self._rival = RIVALS[rival]
        self._predict: Predict = _not_loaded
        self._texts: dict[str, list[str]] = {}
        self._passes: dict[str, int] = {}

    def train(self, examples: str, folder: str) -> dict[str, float]:
        """Train on JSON lines and save; seconds from texts in memory to model on disk."""
        given = [
            Labelled(row["text"], tuple(row["labels"]), row["document"])
            for row in map(json.loads, Path(examples).read_bytes().splitlines())
        ]
        start = time.perf_counter()
        self._rival.train(given, Path(folder))
        seconds = time.perf_counter() - start
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        return {"seconds": seconds, "bytes": size}

    def load(self, folder: str) -> float:
        """Load a model; seconds."""
        start = time.perf_counter()
        self._predict = self._rival.load(Path(folder))
        return time.perf_counter() - start

    def load_shipped(self) -> None:
        """Load the model that ships with Tagger."""
        import tagger  # noqa: PLC0415 - no rival may pay for it

        self._predict = tagger.load().predict

    def predict(self, path: str) -> list[tuple[str, ...]]:
        """Label texts, given as a JSON list in a file."""
        return self._predict(json.loads(Path(path).read_bytes()))

    def warm(self, name: str, path: str) -> int:
        """Read texts, pass over them once, and settle how many passes a measurement takes."""
        self._texts[name] = json.loads(Path(path).read_bytes())
        self._passes[name] = 1
        self._passes[name] = max(1, round(_SECONDS / self.time(name)["seconds"]))
        return self._passes[name]

    def time(self, name: str) -> dict[str, float]:
        """Label all texts of this name; seconds for one pass by the clock, and those that the core was ours."""
        texts, passes = self._texts[name], self._passes[name]
        start, busy = time.perf_counter(), time.process_time()
        for _ in range(passes):
            self._predict(texts)
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        return {"seconds": seconds / passes, "busy": busy / passes}

    def grow(self, way: str, counts: Sequence[int]) -> Iterator[dict[str, float]]:
        """Tag ever more paragraphs as a stream, by `predict` in batches or by `tag_many`."""
        import tagger  # noqa: PLC0415 - no rival may pay for it

        model = tagger.load()
        pool = pool_of_paragraphs(_BATCH)
        sizes = [len(text.encode()) for text in pool]
        model.predict(pool[:1000])
        for count in counts:
            stream = islice(cycle(pool), count)
            start = time.perf_counter()
            if way == "predict":
                while batch := list(islice(stream, _BATCH)):
                    model.predict(batch)
            else:
                for _ in model.tag_many(stream):
                    pass
            seconds = time.perf_counter() - start
            yield {
                "paragraphs": count,
                "bytes": sum(islice(cycle(sizes), count)),
                "seconds": seconds,
                "peak_memory": self.memory(),
            }

    def memory(self) -> int:
        """Give the peak of resident memory, in bytes."""
        # getrusage's figure would also hold what the process that started this one held.
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise OSError("/proc/self/status tells no VmHWM: peak memory is measured on Linux only")


def _not_loaded(texts: Sequence[str]) -> list[tuple[str, ...]]:
    raise LookupError(f"no model is loaded to label {len(texts)} texts with: order load first")


def main() -> None:
    """Answer orders until there are no more."""
    # Answers have a channel of their own; what libraries print goes to standard error.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        answer: Any = getattr(worker, name)(*arguments)
        answers.write(json.dumps(list(answer) if isinstance(answer, Iterator) else answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
