"""Print how training grows from 5,000 texts to 500,000: python benchmarks/many_texts.py.

No public set of labelled Chinese text is so large. Texts are made of the headlines of thucnews_titles in TAGGER_BENCH:
the beginning of one and the end of another of the same desk, cut and paired by a fixed seed, no text twice. They are
written to a file, which is read and trained on in a process of its own, as `tagger train --no-evaluate --jobs 1`
does; with `--evaluate`, as `tagger train --jobs 1` does. Right answers are those on the test split.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from accuracy.scores import judge
from accuracy.sets import read_split
from training import alone

SOURCE = "thucnews_titles"
SIZES = (5_000, 50_000, 500_000)


def main() -> None:
    """Measure each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", action="append", type=int, dest="sizes", help="all where none")
    parser.add_argument("--evaluate", action="store_true", help="measure the quality too")
    options = parser.parse_args()
    bench = os.environ.get("TAGGER_BENCH")
    if not bench:
        sys.exit("TAGGER_BENCH names no folder: set it to the one that holds the public sets")
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    print("| texts | file | read | trained, processor time | by the clock | peak memory | model | right on test |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        for size in options.sizes or SIZES:
            folder = Path(place) / str(size)
            folder.mkdir()
            write(Path(bench) / SOURCE, folder / "labels.jsonl", size)
            work = train_and_evaluate if options.evaluate else train
            found = alone(work, folder)
            right = alone(judged, folder)["micro"][0]
            print(
                f"| {size:,} | {(folder / 'labels.jsonl').stat().st_size / 1e6:.1f} MB | {found['read']:.1f} s "
                f"| {found['seconds']:.1f} s | {found['clock']:.1f} s | {found['megabytes']:,} MB "
                f"| {size_of(folder / 'model') / 1e6:.1f} MB | {right:.4f} |",
                flush=True,
            )


def write(source: Path, path: Path, size: int) -> None:
    """Write so many texts, made of the headlines of a set."""
    desks: dict[str, list[str]] = {}
    for example in read_split(source, "train"):
        desks.setdefault(example.labels[0], []).append(example.text)
    draw = random.Random(0)  # noqa: S311 - a fixed seed is the point
    names = sorted(desks)
    made: set[str] = set()
    with path.open("w", encoding="utf-8") as file:
        while len(made) < size:
            name = names[len(made) % len(names)]
            first, second = draw.choice(desks[name]), draw.choice(desks[name])
            text = first[: draw.randrange(len(first) // 2, len(first) + 1)] + second[draw.randrange(len(second)) :]
            if text not in made:
                made.add(text)
                file.write(json.dumps({"text": text, "topics": [name]}, ensure_ascii=False) + "\n")


def train(folder: Path, *, evaluate: bool = False) -> dict[str, Any]:
    """Read a file, train and save."""
    import tagger  # noqa: PLC0415 - only where it is needed, as every import below
    from tagger.dataset import read_dataset  # noqa: PLC0415
    from tagger.evaluation import train_and_measure  # noqa: PLC0415
    from tagger.training import train_dataset  # noqa: PLC0415

    start, clock = time.process_time(), time.perf_counter()
    dataset = read_dataset(folder / "labels.jsonl")
    read = time.process_time() - start
    if evaluate:
        model, _ = train_and_measure(dataset, tagger.Settings())
    else:
        model = train_dataset(dataset, tagger.Settings())
    model.save(folder / "model")
    return {"read": read, "seconds": time.process_time() - start - read, "clock": time.perf_counter() - clock}


def train_and_evaluate(folder: Path) -> dict[str, Any]:
    """Read a file, train, measure and save."""
    return train(folder, evaluate=True)


def judged(folder: Path) -> dict[str, Any]:
    """Judge a model on the test split."""
    import tagger  # noqa: PLC0415

    test = read_split(Path(os.environ["TAGGER_BENCH"]) / SOURCE, "test")
    return judge([e.labels for e in test], tagger.load(folder / "model").predict([e.text for e in test]))


def size_of(folder: Path) -> int:
    """Return how many bytes a folder has."""
    return sum(path.stat().st_size for path in folder.iterdir())


if __name__ == "__main__":
    main()
