"""Print what tagging on Spark costs: python benchmarks/spark.py.

The records are all authored articles (seeds/authored), over and over, as Parquet and as JSON lines. Spark runs as
local-cluster: a driver, and workers with one core each, all of them processes of their own. Measured:

- whether the records come out equal, one for one, to those of `tagger tag`;
- records per second from Parquet to Parquet with one worker and with two, in turns, each in a fresh session after a
  short run to warm up; and records per second of processor time of all executors, which other work on the machine
  disturbs less;
- the memory of the driver (its Python, its Java, and what its heap holds after collection) at few and at many records,
  and the peak of each executor's Java and of each Python worker.

Results go to benchmarks/results/spark.json too. Options: --repeats N, --records N, --show.
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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import orjson

import tagger

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "spark.json"
FEW, MANY = 10_000, 100_000
TASKS = 16
ROWS = 1000  # in an Arrow batch, as `python -m tagger.spark` has it
BILLION = 1_000_000_000


def main() -> None:
    """Measure, print a table and write the results; or with --run do one run and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--records", type=int, default=MANY)
    parser.add_argument("--show", action="store_true", help="print the stored results again, and run nothing")
    parser.add_argument("--run", nargs=4, metavar=("FOLDER", "INPUT", "OUTPUT", "WORKERS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        folder, source, target, workers = options.run
        print(json.dumps(run(Path(folder), source, target, int(workers))))
        return
    if not options.show:
        with tempfile.TemporaryDirectory() as folder:
            stored = measure(Path(folder), options.records, options.repeats)
        RESULTS.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(*table(json.loads(RESULTS.read_text(encoding="utf-8"))), sep="\n")


def measure(folder: Path, records: int, repeats: int) -> dict[str, Any]:
    """Do all runs, each in a fresh process."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds" / "authored").glob("*.txt"))]
    paragraphs = [len(tagger.split_paragraphs(text)) for text in texts]
    lines = write_records(folder, texts, records)
    write_records(folder, texts, FEW)
    runs: dict[str, list[dict[str, Any]]] = {"1": [], "2": []}
    few = fresh_run(folder, FEW, 2)
    for _ in range(repeats):
        for workers, found in runs.items():
            found.append(fresh_run(folder, records, int(workers)))
    best = {workers: max(run["records_per_second"] for run in found) for workers, found in runs.items()}
    per_cpu = [run["records_per_cpu_second"] for found in runs.values() for run in found]
    per_paragraph = sum(islice(cycle(paragraphs), records)) / records
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, shared with other work",
        "versions": {name: version(name) for name in ("tagger-zh", "pyspark", "pyarrow", "numpy")}
        | {"python": platform.python_version()},
        "records": records,
        "bytes": lines.stat().st_size,
        "paragraphs_per_record": round(per_paragraph, 2),
        "equal": compare(folder, lines),
        "runs": runs,
        "two_workers_of_one": round(best["2"] / best["1"], 2),
        "records_per_core_second": round(statistics.median(per_cpu)),
        "paragraphs_per_core_second": round(statistics.median(per_cpu) * per_paragraph),
        "core_hours_for_a_billion_paragraphs": round(BILLION / (statistics.median(per_cpu) * per_paragraph) / 3600),
        "memory": {str(FEW): few["memory"], str(records): runs["2"][0]["memory"]},
    }


def write_records(folder: Path, texts: list[str], records: int) -> Path:
    """Write articles as Parquet, in as many files as there are tasks, and as JSON lines; give the latter."""
    import pyarrow as pa  # noqa: PLC0415 - without it, what is stored can be shown
    from pyarrow import parquet  # noqa: PLC0415

    place = folder / f"{records}.parquet"
    place.mkdir()
    rows = list(enumerate(islice(cycle(texts), records)))
    step = -(-records // TASKS)
    for start in range(0, records, step):
        part = [{"id": number, "text": text} for number, text in rows[start : start + step]]
        parquet.write_table(pa.Table.from_pylist(part), place / f"{start:09}.parquet")
    lines = folder / f"{records}.jsonl"
    with lines.open("wb") as file:
        file.writelines(orjson.dumps({"id": number, "text": text}) + b"\n" for number, text in rows)
    return lines


def fresh_run(folder: Path, records: int, workers: int) -> dict[str, Any]:
    """Do a run in a process of its own."""
    source, target = str(folder / f"{records}.parquet"), str(folder / "tagged.parquet")
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, __file__, "--run", place, source, target, str(workers)]
        found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    print(records, "records,", workers, "workers:", found, file=sys.stderr)
    return found


def run(folder: Path, source: str, target: str, workers: int) -> dict[str, Any]:
    """Start a cluster, tag once for practice and once in earnest, and give rates and memory."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    from spark_cluster import cluster  # noqa: PLC0415 - from there

    import tagger.spark  # noqa: PLC0415

    with cluster(folder, workers=workers) as session:
        session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(ROWS))
        session.conf.set("spark.sql.files.minPartitionNum", str(TASKS))
        session.conf.set("spark.sql.files.openCostInBytes", "0")
        df = session.read.parquet(source)
        tagger.spark.tag(df.limit(2000).repartition(2 * workers)).write.format("noop").mode("overwrite").save()
        before = processes()
        began = time.perf_counter()
        with ThreadPoolExecutor(1) as beside:
            watching = beside.submit(watch, done := [])
            tagger.spark.tag(df).write.mode("overwrite").parquet(target)
            seconds = time.perf_counter() - began
            after = processes()
            done.append(True)
            peaks = watching.result()
        cpu = sum(p["cpu"] - before.get(name, {"cpu": 0})["cpu"] for name, p in after.items() if p["kind"] in EXECUTORS)
        records = session.read.parquet(target).count()
        machine = session.sparkContext._jvm.java.lang  # noqa: SLF001 - Spark has no other door to its memory
        machine.System.gc()
        heap = machine.Runtime.getRuntime().totalMemory() - machine.Runtime.getRuntime().freeMemory()
    return {
        "records_per_second": round(records / seconds),
        "records_per_cpu_second": round(records / cpu),
        "memory": peaks | {"driver heap after collection": round(heap / 2**20)},
    }


EXECUTORS = ("executor Java", "Python worker")


def watch(done: list[bool]) -> dict[str, int]:
    """Give the peak resident memory in MB of the largest process of each kind, until it is done."""
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
        "| workers | records per second, best | all turns | per second of processor time |",
        "|---|---|---|---|",
    ]
    for workers, runs in results["runs"].items():
        rates = [run["records_per_second"] for run in runs]
        cpu = ", ".join(str(run["records_per_cpu_second"]) for run in runs)
        rows.append(f"| {workers} | {max(rates)} | {', '.join(map(str, rates))} | {cpu} |")
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
        f"Two workers do {results['two_workers_of_one']} times what one does.",
        f"A core tags {rates['records']} articles a second, {rates['paragraphs']} paragraphs.",
        f"A billion paragraphs take {results['core_hours_for_a_billion_paragraphs']} core-hours.",
        f"An article has {results['paragraphs_per_record']} paragraphs and {size:.1f} kB.",
    ]


if __name__ == "__main__":
    main()
