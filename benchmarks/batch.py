"""Print what batch tagging costs: python benchmarks/batch.py.

The records are the paragraphs of labels.csv, over and over. Measured, each in fresh processes:

- peak memory of `tagger tag in.jsonl -o out.jsonl` at 10,000 and 1,000,000 records, all of its processes together;
- records per second of `Tagger.tag_many` in memory, and from file to file with one and with two jobs, loading the model
  included; in turns, several times, because other work on the machine comes and goes: only ways of one turn are
  compared, and beside the seconds that passed stand those of the processor, starting Python included, which others
  disturb less;
- what starting costs: one short text, beside importing numpy, in turns; importing joblib or concurrent.futures; and how
  far joblib's ordered generator runs ahead of whoever fetches its results.

Results go to benchmarks/results/batch.json too. Options: --repeats N, --records N, --skip-memory, --show.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "batch.json"
FEW, MANY = 10_000, 1_000_000
# Smaller chunks than by default, or 10,000 records would be too few for a second process to be started.
SMALL = ["--chunk-bytes", "200000"]

WAYS = ("in_memory", "one_job", "two_jobs")
IN_MEMORY = """
import sys, time, orjson, tagger
texts = [orjson.loads(line)["text"] for line in open(sys.argv[1], "rb")]
model = tagger.load()
began, used = time.perf_counter(), time.process_time()
for article in model.tag_many(texts):
    pass
print(len(texts), time.perf_counter() - began, time.process_time() - used)
"""
IMPORT = "import time; began = time.perf_counter(); import {0}; print(time.perf_counter() - began)"
RUNS_AHEAD = """
import time
from joblib import Parallel, delayed
taken = []
def chunks():
    for number in range(500):
        taken.append(number)
        yield delayed(abs)(number)
if __name__ == "__main__":
    results = Parallel(n_jobs=2, pre_dispatch=4, batch_size=1, return_as="generator")(chunks())
    next(results)
    time.sleep(5)
    print(len(taken))
    for _ in results:
        pass
"""


def main() -> None:
    """Measure, print a table and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--records", type=int, default=500_000, help="for the throughput")
    parser.add_argument("--skip-memory", action="store_true", help="keep the memory figures that are stored")
    parser.add_argument("--show", action="store_true", help="print the stored results again, and run nothing")
    options = parser.parse_args()
    stored = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if not options.show:
        with tempfile.TemporaryDirectory() as folder:
            memory = stored["memory"] if options.skip_memory else measure_memory(Path(folder))
            throughput = measure_throughput(Path(folder), options.records, options.repeats)
            stored = {
                "machine": f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores",
                "versions": {
                    "python": platform.python_version(),
                    "numpy": version("numpy"),
                    "joblib": version("joblib"),
                },
                "memory": memory,
                "throughput": throughput,
                "start": measure_start(Path(folder), options.repeats),
            }
        RESULTS.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(*table(stored), sep="\n")


def write_records(path: Path, records: int) -> Path:
    """Write paragraphs of labels.csv as JSON lines, from the first again after the last."""
    with (ROOT / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    with path.open("wb") as out:
        for number, text in enumerate(islice(cycle(texts), records)):
            out.write(orjson.dumps({"id": number, "text": text}) + b"\n")
    return path


def command(source: Path, out: Path, jobs: int) -> list[str]:
    """Give the command that tags from file to file."""
    return [sys.executable, "-m", "tagger", "tag", str(source), "-o", str(out), "--jobs", str(jobs), "--quiet"]


def measure_memory(folder: Path) -> dict[str, Any]:
    """Give the peak memory in MB at few and at many records, for one job and for two."""
    found: dict[str, Any] = {}
    for jobs in (1, 2):
        few, many = (
            peak_memory([*command(write_records(folder / "in.jsonl", records), folder / "out.jsonl", jobs), *SMALL])
            for records in (FEW, MANY)
        )
        found[str(jobs)] = {
            str(FEW): round(sum(few), 1),
            str(MANY): round(sum(many), 1),
            "growth": round(sum(many) / sum(few) - 1, 4),
            "largest_process": round(max(many), 1),
        }
    return found


def peak_memory(arguments: list[str]) -> list[float]:
    """Run a command and give the peak resident memory of each of its processes, in MB; shared pages count in each."""
    process = subprocess.Popen(arguments)
    peaks: dict[str, int] = {}
    while process.poll() is None:
        for identifier in family(str(process.pid)):
            for line in read(f"/proc/{identifier}/status").splitlines():
                if line.startswith("VmHWM:"):
                    peaks[identifier] = int(line.split()[1])
        time.sleep(0.02)
    if process.returncode:
        sys.exit(f"{arguments} failed")
    return [peak / 1024 for peak in peaks.values()]


def family(identifier: str) -> list[str]:
    """List a process and its descendants."""
    children = read(f"/proc/{identifier}/task/{identifier}/children").split()
    return [identifier, *(found for child in children for found in family(child))]


def read(path: str) -> str:
    """Read a file of /proc; a process that is gone has none."""
    try:
        return Path(path).read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def measure_throughput(folder: Path, records: int, repeats: int) -> dict[str, Any]:
    """Give records per second in memory and from file to file; the ways take turns."""
    source = write_records(folder / "in.jsonl", records)
    turns = [
        {
            "in_memory": in_memory(source),
            "one_job": from_file_to_file(source, folder, 1),
            "two_jobs": from_file_to_file(source, folder, 2),
        }
        for _ in range(repeats)
    ]
    return {
        "records": records,
        "bytes": source.stat().st_size,
        "records_per_second": {name: [round(turn[name][0]) for turn in turns] for name in WAYS},
        "records_per_processor_second": {name: [round(turn[name][1]) for turn in turns] for name in WAYS},
        "one_job_of_in_memory": ratios(turns, "one_job", "in_memory"),
        "two_jobs_of_one": ratios(turns, "two_jobs", "one_job"),
    }


def ratios(turns: list[dict[str, tuple[float, float]]], way: str, other: str) -> dict[str, list[float]]:
    """Compare two ways in each turn: by the seconds that passed, and by those of the processor."""
    measures = enumerate(("passed", "processor"))
    return {name: sorted(round(turn[way][i] / turn[other][i], 3) for turn in turns) for i, name in measures}


def in_memory(source: Path) -> tuple[float, float]:
    """Give records per second of `tag_many`, and per second of the processor."""
    done = subprocess.run([sys.executable, "-c", IN_MEMORY, str(source)], capture_output=True, check=True, text=True)
    records, seconds, used = map(float, done.stdout.split())
    return records / seconds, records / used


def from_file_to_file(source: Path, folder: Path, jobs: int) -> tuple[float, float]:
    """Give records per second of the command, as its summary tells, and per second of the processor."""
    summary = folder / "summary.json"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command(source, folder / "out.jsonl", jobs), "--summary", str(summary)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = json.loads(summary.read_bytes())
    return told["lines_per_second"], told["lines"] / used


def measure_start(folder: Path, repeats: int) -> dict[str, Any]:
    """Give the seconds that starting takes, the best of several, and how far joblib runs ahead."""
    (folder / "one.txt").write_text("民警在银行柜台劝住了正要给“客服”转账的老人。", encoding="utf-8")
    one = [sys.executable, "-m", "tagger", "tag", str(folder / "one.txt")]
    turns = [(elapsed(one), elapsed([sys.executable, "-c", "import numpy"])) for _ in range(max(15, repeats))]
    (folder / "ahead.py").write_text(RUNS_AHEAD, encoding="utf-8")
    ahead = subprocess.run([sys.executable, str(folder / "ahead.py")], capture_output=True, check=True, text=True)
    return {
        "one_text": min(text for text, _ in turns),
        "one_text_of_importing_numpy": round(statistics.median(text / numpy for text, numpy in turns), 2),
        "import": {
            name: min(importing(name) for _ in range(repeats)) for name in ("joblib", "concurrent.futures.process")
        },
        "joblib_taken_of_500_with_4_wanted": int(ahead.stdout),
    }


def elapsed(arguments: list[str]) -> float:
    """Give the seconds that a command takes."""
    began = time.perf_counter()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    return round(time.perf_counter() - began, 3)


def importing(name: str) -> float:
    """Give the seconds that importing a module takes."""
    done = subprocess.run([sys.executable, "-c", IMPORT.format(name)], capture_output=True, check=True, text=True)
    return round(float(done.stdout), 3)


def table(results: dict[str, Any]) -> list[str]:
    """Lay out the results as Markdown."""
    throughput, start = results["throughput"], results["start"]
    rows = ["| jobs | peak memory, 10,000 records | 1,000,000 | growth | largest process |", "|---|---|---|---|---|"]
    for jobs, memory in results["memory"].items():
        few, many, largest = memory[str(FEW)], memory[str(MANY)], memory["largest_process"]
        rows.append(f"| {jobs} | {few} MB | {many} MB | {memory['growth']:.1%} | {largest} MB |")
    rows += ["", "| way | records per second, best | in each turn | of the processor, best |", "|---|---|---|---|"]
    for name, rates in throughput["records_per_second"].items():
        turns = ", ".join(f"{rate:.0f}" for rate in rates)
        used = max(throughput["records_per_processor_second"][name])
        rows.append(f"| {name.replace('_', ' ')} | {max(rates):.0f} | {turns} | {used:.0f} |")
    rows += ["", "| compared in each turn | best | median | all | by processor time, median |", "|---|---|---|---|---|"]
    for name, found in (
        ("one job / in memory", throughput["one_job_of_in_memory"]),
        ("two jobs / one job", throughput["two_jobs_of_one"]),
    ):
        passed, used = found["passed"], statistics.median(found["processor"])
        each = ", ".join(f"{ratio:.2f}" for ratio in passed)
        rows.append(f"| {name} | {passed[-1]:.2f} | {statistics.median(passed):.2f} | {each} | {used:.2f} |")
    joblib, futures = start["import"]["joblib"], start["import"]["concurrent.futures.process"]
    taken = start["joblib_taken_of_500_with_4_wanted"]
    rows += [
        "",
        f"Tagging one short text takes {start['one_text']} s, {start['one_text_of_importing_numpy']} times as long as",
        f"importing numpy. Importing joblib takes {joblib} s, concurrent.futures {futures} s. With four chunks wanted",
        f"and one result fetched, joblib's generator had taken {taken} of 500.",
    ]
    return rows


if __name__ == "__main__":
    main()
