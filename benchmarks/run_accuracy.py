"""Print accuracy on the public sets in the folder that TAGGER_BENCH names: python benchmarks/run_accuracy.py.

Needs pip install '.[bench]'. Three parts, each stored as soon as it is measured:

full         every method trained on `train.jsonl` and measured once on `test.jsonl`, beside published figures
few          methods trained on few examples a topic, drawn from `train.jsonl` by several seeds
calibration  what our probabilities, and thresholds chosen on `train.jsonl`, are worth on `test.jsonl`

Nothing is chosen by looking at a test split. Results go to benchmarks/results/accuracy.json; a set that is measured
again takes the place of what was stored.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from accuracy.methods import BUDGET, FEW_METHODS, METHODS, train_with_pool
from accuracy.scores import judge
from accuracy.sets import FEW, PUBLISHED, SIZES, draw, read_split
from accuracy.tables import summary, tables

import tagger

RESULTS = Path(__file__).parent / "results" / "accuracy.json"
PACKAGES = ("tagger-zh", "numpy", "scipy", "scikit-learn", "jieba", "fasttext-community")
# Loaded before the clock starts.
LIBRARIES = (
    "fasttext",
    "jieba",
    "joblib",
    "sklearn.multiclass",
    "sklearn.naive_bayes",
    "sklearn.svm",
    "tagger.training",
)
# Test examples of each draw of few examples.
JUDGED = 2000


def main() -> None:
    """Measure what is asked for, print the tables and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=["full", "few", "calibration"], help="all where none")
    parser.add_argument("--set", action="append", choices=[*PUBLISHED], dest="names", help="all where none")
    parser.add_argument(
        "--method", action="append", choices=[*METHODS], help="all where none; others keep what is stored"
    )
    parser.add_argument("--seeds", type=int, default=3, help="draws of each number of few examples")
    parser.add_argument("--show", action="store_true", help="print the stored results again, and run nothing")
    parser.add_argument("--summary", action="store_true", help="likewise, in short")
    options = parser.parse_args()
    results: dict[str, Any] = {"full": {}, "few": {}, "calibration": {}}
    if RESULTS.is_file():
        results |= json.loads(RESULTS.read_text(encoding="utf-8"))
    if not (options.show or options.summary):
        bench = os.environ.get("TAGGER_BENCH")
        if not bench:
            sys.exit("TAGGER_BENCH names no folder: set it to the one that holds the public sets")
        # Threads of linear algebra wait for one another on cores that others use too.
        os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        for part in options.part or ("full", "few", "calibration"):
            for name in options.names or PUBLISHED:
                measure(part, Path(bench) / name, results, options)
    print(*(summary if options.summary else tables)(results), sep="\n")


def measure(part: str, folder: Path, results: dict[str, Any], options: argparse.Namespace) -> None:
    """Measure one part on one set, and store what comes of it as it comes."""
    name = folder.name
    if part == "full":
        results[part].setdefault(name, {})
        for method in options.method or METHODS:
            store(results, part, name, results[part][name] | {method: alone(compare, folder, method)})
    elif part == "calibration":
        store(results, part, name, alone(calibrate, folder))
    elif name in FEW:
        stored: dict[str, Any] = results[part].get(name, {}) if options.method else {}
        found: dict[str, dict[str, list[float]]] = {}
        for size in SIZES[name]:
            for seed in range(options.seeds):
                for method, value in alone(compare_few, folder, size, seed, options.method or FEW_METHODS).items():
                    found.setdefault(method, {}).setdefault(str(size), []).append(value)
        store(results, part, name, stored | found)


def alone(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Do some work in a fresh process."""
    print(work.__name__, *arguments, file=sys.stderr, flush=True)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work_and_end, work, *arguments).result()


def work_and_end(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Do some work and end the processes that it started, for which this one would wait five minutes."""
    from joblib.externals.loky import get_reusable_executor  # noqa: PLC0415 - for the fresh process alone

    try:
        return work(*arguments)
    finally:
        get_reusable_executor().shutdown()


def store(results: dict[str, Any], part: str, name: str, value: dict[str, Any]) -> None:
    """Put a value into the results and write them."""
    results[part][name] = value
    results["versions"] = dict(versions())
    results["budget"] = BUDGET
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def compare(folder: Path, method: str) -> dict[str, Any]:
    """Train one method on a whole set and measure it once on the test split."""
    for library in LIBRARIES:
        importlib.import_module(library)
    train, test = read_split(folder, "train"), read_split(folder, "test")
    rival = METHODS[method]
    with tempfile.TemporaryDirectory() as model:
        start = time.perf_counter()
        rival.train(train, Path(model))
        seconds = time.perf_counter() - start
        size = sum(path.stat().st_size for path in Path(model).rglob("*") if path.is_file())
        predicted = rival.load(Path(model))([example.text for example in test])
    return judge([e.labels for e in test], predicted) | {
        "seconds": round(seconds, 1),
        "megabytes": round(size / 1e6, 1),
    }


def compare_few(folder: Path, size: int, seed: int, methods: Sequence[str]) -> dict[str, Any]:
    """Train methods on the same few examples; micro-F1 of each on a part of the test split, the same for all."""
    drawn, pool = draw(read_split(folder, "train"), size, seed)
    test = draw(read_split(folder, "test"), JUDGED, 0)[0][:JUDGED]

    def score(train: Callable[[Path], object], method: str) -> float:
        with tempfile.TemporaryDirectory() as model:
            train(Path(model))
            predicted = METHODS[method].load(Path(model))([example.text for example in test])
        true = sum(len({*a} & {*b.labels}) for a, b in zip(predicted, test, strict=True))
        return round(2 * true / (sum(map(len, predicted)) + sum(len(e.labels) for e in test)), 4)

    found = {}
    for method in methods:
        found[method] = score(partial(METHODS[method].train, drawn), method)
    if "tagger" in methods:
        found["unlabelled"] = score(partial(train_with_pool, drawn, pool), "tagger")
    return found


def calibrate(folder: Path) -> dict[str, Any]:
    """Measure calibration out of fold and on the test split, and what thresholds for a precision of .95 deliver."""
    from tagger.dataset import read_dataset, read_held_out  # noqa: PLC0415 - scikit-learn takes a second
    from tagger.evaluation import cross_validate, evaluate_tagger  # noqa: PLC0415
    from tagger.training import train_dataset  # noqa: PLC0415

    train = read_dataset(folder / "train.jsonl", topics=(), keep_conflicts=True)
    test = read_held_out(folder / "test.jsonl", topics=train.topics)
    model = train_dataset(train, tagger.Settings(), jobs=-1)
    careful = evaluate_tagger(model.with_thresholds("precision=0.95"), test).micro
    return {
        "out of fold": round(cross_validate(train, tagger.Settings(), jobs=-1).calibration_error, 4),
        "test": round(evaluate_tagger(model, test).calibration_error, 4),
        "delivered": careful.precision.value and round(careful.precision.value, 4),
        "kept": careful.recall.value and round(careful.recall.value, 4),
    }


def versions() -> Any:
    """Name what the figures depend on, and what of it is installed."""
    yield "python", platform.python_version()
    for package in PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            yield package, "missing"


if __name__ == "__main__":
    main()
