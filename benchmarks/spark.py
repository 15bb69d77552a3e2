"""Print what tagging on Spark costs: python benchmarks/spark.py.

The records are all authored articles (seeds/authored), over and over, as Parquet and as JSON lines. Spark runs as
local-cluster: a driver, and workers with one core each, all of them processes of their own. Measured:

- whether the records come out equal, one for one, to those of `tagger tag`;
- records per second from Parquet to Parquet by one worker and by two, in turns in one session, each when the machine
  has been quiet for a moment or after a while of waiting, with how many cores other work took meanwhile; and records
  per second of processor time, which other work disturbs less: of both executors in a long run, of all in the turns;
- the memory of the driver (its Python, its Java, and what its heap holds after collection) at few and at many records,
  each in a fresh process, and the peak of an executor's Java and of a Python worker.

Results go to benchmarks/results/spark.json too. Options: --turns N, --records N, --skip-records (turns alone), --show.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

import tagger

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "spark.json"
FEW, MANY = 10_000, 100_000
RACED = 20_000
QUIET = 0.25  # cores that other work takes
WAIT = 30  # seconds for the machine to become quiet
TASKS = 16
ROWS = 1000  # in an Arrow batch, as `python -m tagger.spark` has it
BILLION = 1_000_000_000


def main() -> None:
    """Measure, print a table and write the results; or with --run do one run and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--records", type=int, default=MANY)
    parser.add_argument("--skip-records", action="store_true", help="take turns alone, and keep the other figures")
    parser.add_argument("--show", action="store_true", help="print the stored results again, and run nothing")
    parser.add_argument("--run", nargs=3, metavar=("FOLDER", "RECORDS", "TURNS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        folder, records, turns = options.run
        print(json.dumps(run(Path(folder), int(records), int(turns))))
        return
    if not options.show:
        with tempfile.TemporaryDirectory() as folder:
            if options.skip_records:
                stored = json.loads(RESULTS.read_text(encoding="utf-8")) | take_turns(Path(folder), options.turns)
            else:
                stored = measure(Path(folder), options.records) | take_turns(Path(folder), options.turns)
        RESULTS.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(*table(json.loads(RESULTS.read_text(encoding="utf-8"))), sep="\n")


def measure(folder: Path, records: int) -> dict[str, Any]:
    """Tag few records and many, each in a fresh process, and compare what came of the latter."""
    write_records(folder, FEW)
    lines = write_records(folder, records)
    few, many = (fresh_run(folder, number, 0) for number in (FEW, records))
    rate = many["records_per_cpu_second"]
    paragraphs = [len(tagger.split_paragraphs(text)) for text in articles()]
    per_record = sum(islice(cycle(paragraphs), records)) / records
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, shared with other work",
        "versions": {name: version(name) for name in ("tagger-zh", "pyspark", "pyarrow", "numpy")}
        | {"python": platform.python_version()},
        "settings": {"master": "local-cluster[2,1,2048]", "tasks": TASKS, "maxRecordsPerBatch": ROWS},
        "records": records,
        "bytes": lines.stat().st_size,
        "paragraphs_per_record": round(per_record, 2),
        "equal": compare(folder, lines),
        "records_per_second": many["records_per_second"],
        "records_per_core_second": rate,
        "paragraphs_per_core_second": round(rate * per_record),
        "core_hours_for_a_billion_paragraphs": round(BILLION / (rate * per_record) / 3600, 1),
        "memory": {str(FEW): few["memory"], str(records): many["memory"]},
    }


def take_turns(folder: Path, turns: int) -> dict[str, Any]:
    """Let one worker and two tag the same in turns, and take the median over those that other work disturbed least."""
    write_records(folder, RACED)
    found = fresh_run(folder, RACED, turns)["turns"]
    quiet = [turn for turn in found if max(turn["others"].values()) <= QUIET]
    ratio = statistics.median(turn["2"] / turn["1"] for turn in quiet or found)
    per_cpu = statistics.median(turn["2_per_cpu_second"] / turn["1_per_cpu_second"] for turn in found)
    return {
        "turns": found,
        "quiet_turns": len(quiet),
        "two_workers_of_one": round(ratio, 2),
        "two_workers_of_one_per_cpu_second": round(per_cpu, 2),
    }


def articles() -> list[str]:
    """Read all authored articles."""
    return [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds" / "authored").glob("*.txt"))]


def write_records(folder: Path, records: int) -> Path:
    """Write articles as Parquet, in as many files as there are tasks, and as JSON lines; give the latter."""
    import pyarrow as pa  # noqa: PLC0415 - without it, what is stored can be shown
    from pyarrow import parquet  # noqa: PLC0415

    place = folder / f"{records}.parquet"
    place.mkdir()
    rows = list(enumerate(islice(cycle(articles()), records)))
    step = -(-records // TASKS)
    for start in range(0, records, step):
        part = [{"id": number, "text": text} for number, text in rows[start : start + step]]
        parquet.write_table(pa.Table.from_pylist(part), place / f"{start:09}.parquet")
    lines = folder / f"{records}.jsonl"
    with lines.open("wb") as file:
        file.writelines(orjson.dumps({"id": number, "text": text}) + b"\n" for number, text in rows)
    return lines


def fresh_run(folder: Path, records: int, turns: int) -> dict[str, Any]:
    """Do a run in a process of its own."""
    command = [sys.executable, __file__, "--run", str(folder), str(records), str(turns)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    print(records, "records:", found, file=sys.stderr)
    return found


def run(folder: Path, records: int, turns: int) -> dict[str, Any]:
    """Start a cluster, tag for practice and then in earnest, give rates and memory, and let one worker and two race."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    from spark_cluster import cluster  # noqa: PLC0415 - from there

    with tempfile.TemporaryDirectory() as place, cluster(Path(place)) as session:
        session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(ROWS))
        session.conf.set("spark.sql.files.minPartitionNum", str(TASKS))
        session.conf.set("spark.sql.files.openCostInBytes", "0")
        many = session.read.parquet(str(folder / f"{records}.parquet"))
        tag(many.limit(2000).repartition(4), folder / "practice.parquet")
        before = processes()
        with ThreadPoolExecutor(1) as watcher:
            watching = watcher.submit(watch, done := [])
            seconds = tag(many, folder / "tagged.parquet")
            after = processes()
            done.append(True)
            peaks = watching.result()
        cpu = sum(p["cpu"] - before.get(name, {"cpu": 0})["cpu"] for name, p in after.items() if p["kind"] in EXECUTORS)
        jvm: Any = session.sparkContext._jvm  # noqa: SLF001 - Spark has no other door to its memory
        machine = jvm.java.lang
        machine.System.gc()
        heap = machine.Runtime.getRuntime().totalMemory() - machine.Runtime.getRuntime().freeMemory()
        raced = [race(many, records, folder / "raced.parquet", turn) for turn in range(turns)]
    return {
        "records_per_second": round(records / seconds),
        "records_per_cpu_second": round(records / cpu),
        "memory": peaks | {"driver heap after collection": round(heap / 2**20)},
        "turns": raced,
    }


def race(df: Any, records: int, target: Path, turn: int) -> dict[str, Any]:
    """Return records per second of one worker and of two, and how many cores other work took meanwhile."""
    found: dict[str, Any] = {"others": {}}
    for workers in ("1", "2") if turn % 2 else ("2", "1"):
        deadline = time.monotonic() + WAIT
        while beside(partial(time.sleep, 1)).others > QUIET / 2 and time.monotonic() < deadline:
            pass
        # A task for each worker that takes part, so that starting tasks weighs the same for both.
        done = beside(partial(tag, df.coalesce(int(workers)), target))
        found[workers] = round(records / done.seconds)
        found[f"{workers}_per_cpu_second"] = round(records / done.cpu)
        found["others"][workers] = round(done.others, 2)
    return found


class Beside(NamedTuple):
    """How long something took, its processor time, and how many cores other work took meanwhile."""

    seconds: float
    cpu: float
    others: float


def beside(work: Callable[[], object]) -> Beside:
    """Do something, and tell what it took."""
    began, busy, own = time.monotonic(), busy_seconds(), {name: p["cpu"] for name, p in processes().items()}
    work()
    cpu = sum(p["cpu"] - own.get(name, 0) for name, p in processes().items())
    seconds = time.monotonic() - began
    return Beside(seconds, cpu, (busy_seconds() - busy - cpu) / seconds)


def busy_seconds() -> float:
    """Return the processor time that the machine has spent on anything."""
    user, nice, system, _idle, _waiting, *more = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + sum(more)) / os.sysconf("SC_CLK_TCK")


def tag(df: Any, target: Path) -> float:
    """Tag from Parquet to Parquet, and give the seconds it took."""
    import tagger.spark  # noqa: PLC0415 - see above

    began = time.perf_counter()
    tagger.spark.tag(df).write.mode("overwrite").parquet(str(target))
    return time.perf_counter() - began


EXECUTORS = ("executor Java", "Python worker")


def watch(done: list[bool]) -> dict[str, int]:
    """Return the peak resident memory in MB of the largest process of each kind, until it is done."""
    peaks: dict[str, int] = {}
    while not done:
        for process in processes().values():
            peaks[process["kind"]] = max(peaks.get(process["kind"], 0), process["rss"])
        time.sleep(0.2)
    return peaks


def processes() -> dict[str, dict[str, Any]]:
    """Give kind, resident memory in MB and processor time in seconds of this process and all that came of it."""
    found = {}
    for identifier, depth in family(str(os.getpid())):
        try:
            words = Path(f"/proc/{identifier}/cmdline").read_bytes()
            stat = Path(f"/proc/{identifier}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        kind = "other"
        if depth == 0:
            kind = "driver Python"
        elif b"CoarseGrainedExecutorBackend" in words:
            kind = "executor Java"
        elif b"pyspark.daemon" in words:
            kind = "Python worker"
        elif b"org.apache.spark.deploy.SparkSubmit" in words:
            kind = "driver Java"
        ticks = os.sysconf("SC_CLK_TCK")
        found[identifier] = {
            "kind": kind,
            "rss": int(stat[21]) * os.sysconf("SC_PAGE_SIZE") // 2**20,
            "cpu": (int(stat[11]) + int(stat[12])) / ticks,
        }
    return found


def family(identifier: str, depth: int = 0) -> Iterator[tuple[str, int]]:
    """List a process and its descendants, with how far off they are."""
    yield identifier, depth
    try:
        children = [
            child
            for task in Path(f"/proc/{identifier}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children:
        yield from family(child, depth + 1)


def compare(folder: Path, lines: Path) -> int:
    """Count the records of the last run that are those of the command, all columns and digits."""
    from pyarrow import parquet  # noqa: PLC0415 - see above

    command = [sys.executable, "-m", "tagger", "tag", str(lines), "-o", str(folder / "out.jsonl"), "--quiet"]
    subprocess.run(command, check=True)
    tagged: dict[int, bytes] = {}
    for part in sorted((folder / "tagged.parquet").glob("*.parquet")):
        for batch in parquet.ParquetFile(part).iter_batches(ROWS):
            for row in batch.to_pylist(maps_as_pydicts="strict"):
                if row["id"] in tagged:
                    sys.exit(f"record {row['id']} came twice")
                tagged[row["id"]] = fingerprint(row)
    with (folder / "out.jsonl").open("rb") as file:
        records = map(orjson.loads, file)
        equal = sum(tagged.pop(record["id"], b"") == fingerprint(record) for record in records)
    return equal if not tagged else -1


def fingerprint(record: dict[str, Any]) -> bytes:
    """Give a digest of a record, whatever the order of its fields."""
    return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).digest()


def table(results: dict[str, Any]) -> list[str]:
    """Lay out the results as Markdown."""
    records, memory = results["records"], results["memory"]
    rows = [
        "| workers, turn | records per second | per second of processor time | other work, cores |",
        "|---|---|---|---|",
    ]
    for number, turn in enumerate(results["turns"], 1):
        rows += [
            f"| {way}, {number} | {turn[way]} | {turn[f'{way}_per_cpu_second']} | {turn['others'][way]} |"
            for way in ("1", "2")
        ]
    rows += ["", f"| process | peak memory, {FEW:,} records | {records:,} records |", "|---|---|---|"]
    few, many = memory[str(FEW)], memory[str(records)]
    for kind in ("driver Python", "driver Java", "driver heap after collection", *EXECUTORS):
        rows.append(f"| {kind} | {few[kind]} MB | {many[kind]} MB |")
    rates = {name: f"{results[f'{name}_per_core_second']:,}" for name in ("records", "paragraphs")}
    size = results["bytes"] / records / 1000
    return [
        *rows,
        "",
        f"{results['equal']:,} of {records:,} records are equal to those of the command.",
        f"In a second two workers do {results['two_workers_of_one']} times what one does, in one of processor time",
        f"{results['two_workers_of_one_per_cpu_second']} times what one does, as medians of the turns;",
        f"{results['quiet_turns']} of {len(results['turns'])} turns had the machine to themselves.",
        f"A core tags {rates['records']} articles a second, {rates['paragraphs']} paragraphs.",
        f"A billion paragraphs take {results['core_hours_for_a_billion_paragraphs']} core-hours.",
        f"An article has {results['paragraphs_per_record']} paragraphs and {size:.1f} kB.",
    ]


if __name__ == "__main__":
    main()
