"""Print what speed costs and gives, ours and rivals': python benchmarks/run_speed.py, after pip install '.[bench]'.

Throughput beside accuracy, cold start, imports, training, size, memory, and how cost grows. One run: every rival in a
fresh process, all pinned to one core; they are measured in turn, round after round, so that noise hits all alike. With
TAGGER_BENCH two public sets come besides (see benchmarks/README.md). Takes about ten minutes.

Results go to benchmarks/results/speed.json, the chart to benchmarks/results/speed.svg.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, astuple
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from speed.chart import chart
from speed.figures import accuracy, micro_f1
from speed.processes import Process, command_seconds, pin
from speed.rivals import OURS, RIVALS
from speed.sets import PRESS, LabelledSet, is_exclusive, read_sets
from speed.tables import tables

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "speed.json"
PACKAGES = ("tagger-zh", "numpy", "scikit-learn", "jieba", "rjieba", "fasttext-community", "vowpalwabbit")
IMPORTS = (
    "tagger",
    "tagger; tagger.load()",
    "numpy",
    "rjieba; rjieba.cut('反诈')",
    "jieba; jieba.initialize()",
    "sklearn.feature_extraction.text, sklearn.svm",
    "fasttext",
    "vowpalwabbit",
)


def main() -> None:
    """Measure everything, print the tables, write results and chart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of every measurement; below 6 no 95%% interval")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="the core to pin all to")
    parser.add_argument("--megabytes", type=float, default=0.5, help="of each text composed of the project's articles")
    parser.add_argument("--largest", type=int, default=1_000_000, help="paragraphs at which growth ends")
    parser.add_argument("--rival", action="append", choices=list(RIVALS), help="measure tagger and these only")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS, help="where results go; the chart beside them")
    parser.add_argument("--show", action="store_true", help="print the stored results again, and run nothing")
    parser.add_argument(
        "--draw", action="store_true", help="draw the chart of the stored results again, and run nothing"
    )
    options = parser.parse_args()
    if not (options.show or options.draw):
        pin(options.core)
        with tempfile.TemporaryDirectory() as folder:
            results = run(Path(folder), options)
        options.output.parent.mkdir(exist_ok=True)
        options.output.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    results = json.loads(options.output.read_text(encoding="utf-8"))
    if not options.show:
        options.output.with_suffix(".svg").write_text(chart(results), encoding="utf-8")
    if not options.draw:
        print(*tables(results), sep="\n")


def run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one thing after the other."""
    names = installed(options.rival)
    results: dict[str, Any] = {
        "machine": machine(),
        "versions": versions(),
        "rounds": options.rounds,
        "sets": {},
        "texts": {},
        "rivals": {
            name: {"title": RIVALS[name].title, "training": {}, "quality": {}, "seconds": {}, "busy": {}}
            for name in names
        },
    }
    for labelled in read_sets(megabytes=options.megabytes):
        place = folder / labelled.name
        place.mkdir()
        train(labelled, place, results)
        compete(labelled, place, results, rounds=options.rounds)
    measure_memory(folder, results)
    results |= {
        "cold_start": cold_start(folder, rounds=options.rounds),
        "imports": imports(rounds=options.rounds),
        "growth": growth(largest=options.largest),
    }
    return results


def installed(wanted: Sequence[str] | None) -> list[str]:
    """Name the rivals to measure, ours first; say which are left out for want of a package."""
    names = []
    for name, rival in RIVALS.items():
        if wanted and not name.startswith(OURS) and name not in wanted:
            continue
        if missing := rival.missing():
            note(f"{rival.title} is left out: {', '.join(missing)} not installed; pip install '.[bench]'")
        else:
            names.append(name)
    return names


def train(labelled: LabelledSet, folder: Path, results: dict[str, Any]) -> None:
    """Train every rival in a process of its own."""
    results["sets"][labelled.name] = {
        "train": len(labelled.train),
        "test": len(labelled.test),
        "measure": "accuracy" if is_exclusive(labelled.test) else "micro-F1",
    }
    examples = folder / "train.jsonl"
    examples.write_text("".join(json.dumps(asdict(example)) + "\n" for example in labelled.train), encoding="utf-8")
    for name, rival in results["rivals"].items():
        note(f"{labelled.name}: train {rival['title']}")
        (folder / name).mkdir()
        with Process(name) as process:
            trained = process.ask("train", str(examples), str(folder / name))
        rival["training"][labelled.name] = trained


def compete(labelled: LabelledSet, folder: Path, results: dict[str, Any], *, rounds: int) -> None:
    """Judge every rival on the held-out examples, then time all in turn; each round begins with another rival."""
    judge: Callable[..., Any] = accuracy if is_exclusive(labelled.test) else micro_f1
    rivals = results["rivals"]
    test = write(folder / "test.json", [example.text for example in labelled.test])
    with ExitStack() as stack:
        processes = {name: stack.enter_context(Process(name)) for name in rivals}
        for name, process in processes.items():
            process.ask("load", str(folder / name))
            given = process.ask("predict", test)
            rivals[name]["quality"][labelled.name] = astuple(
                judge(given, [example.labels for example in labelled.test])
            )
        for timed in labelled.timed:
            note(f"{labelled.name}: time {timed.name}")
            results["texts"][timed.name] = {"set": labelled.name, **timed.measures()}
            texts = write(folder / f"{timed.name}.json", timed.texts)
            for name, process in processes.items():
                process.ask("warm", timed.name, texts)
                for kind in ("seconds", "busy"):
                    rivals[name][kind][timed.name] = [0.0] * rounds
            for number in range(rounds):
                for name in rotated(list(processes), number):
                    for kind, value in processes[name].ask("time", timed.name).items():
                        rivals[name][kind][timed.name][number] = value


def measure_memory(folder: Path, results: dict[str, Any]) -> None:
    """Measure what a process holds at most that loads a model and labels the paragraphs once."""
    note("memory")
    texts = str(folder / PRESS / "paragraphs.json")
    for name, rival in results["rivals"].items():
        with Process(name) as process:
            process.ask("load", str(folder / PRESS / name))
            process.ask("predict", texts)
            rival["peak_memory"] = process.ask("memory")
    with Process(OURS) as process:
        process.ask("load_shipped")
        process.ask("predict", texts)
        results["shipped_memory"] = process.ask("memory")


def cold_start(folder: Path, *, rounds: int) -> dict[str, dict[str, Any]]:
    """Time whole commands that label one article, and the floor under them, in turn."""
    article = str(min((ROOT / "seeds" / "authored").glob("*.txt")))
    pipeline = folder / PRESS / "scikit_learn_jieba" / "pipeline.joblib"
    python = sys.executable
    commands = {"tagger tag, one article": [str(Path(python).with_name("tagger")), "tag", article]}
    if pipeline.is_file():
        commands["scikit-learn + jieba, one article"] = [python, "-m", "speed.cold_start", str(pipeline), article]
    commands['python -c "import numpy"'] = [python, "-c", "import numpy"]
    commands['python -c "pass"'] = [python, "-c", "pass"]
    note("cold start")
    seconds, peaks = in_turn(commands, rounds)
    return {name: {"seconds": seconds[name], "peak_memory": peaks[name]} for name in commands}


def imports(*, rounds: int) -> dict[str, list[float]]:
    """Time imports inside fresh processes, without the interpreter's own start."""
    note("imports")
    seconds: dict[str, list[float]] = {}
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as told:
        for number in range(-1, rounds):
            for name in IMPORTS:
                script = (
                    f"import time; start = time.perf_counter(); import {name}; "
                    f"seconds = time.perf_counter() - start; open({told.name!r}, 'w').write(str(seconds))"
                )
                try:
                    command_seconds([sys.executable, "-W", "ignore", "-c", script])
                except ChildProcessError:
                    note(f"import {name}: not installed")
                    continue
                told.seek(0)
                if number >= 0:  # the first only warms the page cache
                    seconds.setdefault(name, []).append(float(told.read()))
    return seconds


def growth(*, largest: int) -> dict[str, Any]:
    """Tag 1,000, 10,000, … paragraphs as a stream with the shipped model, each way in a fresh process."""
    counts = [10**power for power in range(3, 10) if 10**power <= largest]
    measured = {}
    for way in ("predict", "tag_many"):
        note(f"growth: {way}")
        with Process(OURS) as process:
            measured[way] = process.ask("grow", way, counts)
    return measured


def in_turn(commands: dict[str, list[str]], rounds: int) -> tuple[dict[str, list[float]], dict[str, int | None]]:
    """Run commands in turn, once to warm the page cache and then round after round."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    peaks: dict[str, int | None] = {}
    for number in range(-1, rounds):
        for name, command in commands.items():
            took, peaks[name] = command_seconds(command)
            if number >= 0:
                seconds[name].append(took)
    return seconds, peaks


def rotated(names: list[str], places: int) -> list[str]:
    """Begin with another one each round."""
    places %= len(names)
    return names[places:] + names[:places]


def write(path: Path, texts: Sequence[str]) -> str:
    """Write texts as a JSON list, and give the file's name."""
    path.write_text(json.dumps(texts), encoding="utf-8")
    return str(path)


def machine() -> str:
    """Name the processor and the system."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = models[0] if models else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}"


def versions() -> dict[str, str]:
    """Name what the figures depend on."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def note(text: str) -> None:
    """Tell how far the run is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
