"""Runs that are killed at any moment, and lines of any kind: nothing is lost, nothing comes twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import hard_text

import tagger
from tagger.batch import Blank, Fields, Rejected, RunOptions, Tagged, tag_files, tag_lines
from tagger.dataset import Dataset


@pytest.fixture(scope="module")
def articles(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """A file of so many lines, bad and blank ones among them."""
    return lambda records: write_source(tmp_path_factory.mktemp("source") / "in.jsonl", dataset, records)


def write_source(path: Path, dataset: Dataset, records: int) -> Path:
    draw = random.Random(6)  # noqa: S311 - the same lines on every run
    with path.open("wb") as file:
        for number in range(records):
            text = draw.choice(dataset.examples).text
            line = orjson.dumps({"id": number, "text": text})
            file.write(draw.choices([line, line[:-3], b" "], weights=[18, 1, 1])[0] + b"\n")
    return path


@pytest.mark.full
def test_a_run_killed_at_any_of_a_few_moments_is_resumed_to_the_same_bytes(
    articles: Callable[[int], Path], tmp_path: Path
) -> None:
    kill_and_resume(articles(1000), tmp_path, jobs=1, times=6)


@pytest.mark.full
# With two processes a start costs as much as all else.
@pytest.mark.parametrize(("jobs", "times"), [(1, 180), (2, 20)])
def test_a_run_killed_at_any_of_200_moments_is_resumed_to_the_same_bytes(
    articles: Callable[[int], Path], tmp_path: Path, jobs: int, times: int
) -> None:
    kill_and_resume(articles(4000), tmp_path, jobs=jobs, times=times)


def kill_and_resume(source: Path, folder: Path, *, jobs: int, times: int) -> None:
    """Kill the command at seeded moments of its run, resume each time, and compare with a run left in peace.

    Half of the moments count from the start of the process, half from its first checkpoint: starting takes longer than
    all that comes after.
    """
    draw = random.Random(jobs)  # noqa: S311
    out, journal = folder / "out.jsonl", folder / "out.jsonl.journal"
    small = ["--chunk-bytes", "10000", "--checkpoint-seconds", "0.02"]
    command = [sys.executable, "-m", "tagger", "tag", str(source), "-o", str(out), "--jobs", str(jobs), *small]
    began = time.monotonic()
    process = start(command)
    wait_for_checkpoint(process, journal)
    tagging = time.monotonic()
    assert process.wait() == 1
    ended = time.monotonic()
    whole = out.read_bytes(), rejects_of(out).read_bytes()
    assert whole[1].count(b"\n") > 20
    broken = Counter[str]()
    for number in range(times):
        for path in (out, rejects_of(out)):
            path.unlink(missing_ok=True)
        process = start(command)
        if number % 2:
            wait_for_checkpoint(process, journal)
        try:
            process.wait(draw.uniform(0, ended - (tagging if number % 2 else began)))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.wait()
        broken["midway" if has_checkpoint(journal) else "before or after"] += 1
        resumed = subprocess.run([*command, "--resume"], capture_output=True, check=False, env=without_coverage())
        assert (resumed.returncode, journal.exists()) == (1, False), resumed.stderr
        assert (out.read_bytes(), rejects_of(out).read_bytes()) == whole
        assert {path.name for path in folder.iterdir()} == {out.name, rejects_of(out).name}
    # Kills that all came too early or too late would have shown nothing.
    assert broken["midway"] >= times // 5, broken


def start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=without_coverage())


def without_coverage() -> dict[str, str]:
    """Return the environment in which coverage, which a killed process does not write, is not measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}


def wait_for_checkpoint(process: subprocess.Popen[bytes], journal: Path) -> None:
    while process.poll() is None and not has_checkpoint(journal):
        time.sleep(0.001)


def has_checkpoint(journal: Path) -> bool:
    try:
        return journal.read_bytes().count(b"\n") > 1
    except FileNotFoundError:
        return False


def rejects_of(out: Path) -> Path:
    return Path(f"{out}.rejects.jsonl")


SEEDS = [
    orjson.dumps({"id": 1, "text": "苹果和香蕉"}),
    orjson.dumps({"text": "火车\n晚点", "title": "铁路", "deep": [[{"a": [1.5, None, True]}]]}),
    b'{"id": 12345678901234567890123, "text": "\\u82f9\\ud83c\\udf4e", "x": 1e400}',
    b'{"text": "", "topics": []}',
    b' {"text": "x"} \r',
    b'\xef\xbb\xbf{"text": "x"}',
    b'{"text": "x", "text": "y"}',
    b"{'text': 'x'}",
    b'{"text": NaN, "y": [Infinity, -Infinity]}',
    b'{"text": "\\ud800"}',
    b'{"text": "\xed\xa0\x80"}',
    "苹果".encode("gb18030"),
    "苹果".encode("utf-16"),
    b"[" * 2000,
    b'{"a":' * 1500,
    b'{"text": ' + b"[" * 500 + b"]" * 500 + b"}",
    b"\x00\x00",
    b"null",
    b"",
    b"   \t\r",
    "\u2028\u0085\x0b\x0c".encode(),
    b'{"text": "' + b"x" * 3000 + b'"}',
]
PIECES = [b'"', b"\\", b"{", b"}", b"[", b",", b":", b"\xff", b"\x00", b"\\u", b"\xe8", b"1e9", b"null", b'"text":']


def mutate(draw: random.Random) -> bytes:
    """Spoil a line in up to four places; half of the time not at all."""
    line = bytearray(draw.choice(SEEDS))
    for _ in range(draw.choice([0, 0, 0, 0, 1, 2, 3, 4])):
        at = draw.randrange(len(line) + 1)
        match draw.randrange(4):
            case 0:
                line[at:at] = draw.choice(PIECES)
            case 1:
                del line[at : at + draw.randrange(6)]
            case 2:
                line[at : at + 1] = bytes([draw.randrange(256)])
            case _:
                line[at:] = draw.choice(SEEDS)[draw.randrange(9) :]
    return bytes(line).replace(b"\n", b"")


def check(lines: list[bytes], tiny: tagger.Tagger, fields: Fields) -> Counter[str]:
    """Tag lines and see that each is accounted for, as it should be by the standard library's reading."""
    seen = Counter[str]()
    for number, (line, item) in enumerate(
        zip(lines, tag_lines(lines, tagger=tiny, fields=fields, max_line_bytes=2500), strict=True), start=1
    ):
        assert item.line == number
        seen[type(item).__name__] += 1
        if isinstance(item, Tagged):
            written = item.to_json()
            assert written.count(b"\n") == 1
            before, after = json.loads(line.removeprefix(b"\xef\xbb\xbf")), orjson.loads(written)
            assert fields.gained <= after.keys()
            kept = {name: value for name, value in before.items() if name not in fields.gained}
            assert json.loads(written).items() >= kept.items()
        elif isinstance(item, Rejected):
            assert item.reason
            assert item.raw is not None
            assert item.raw in line
        else:
            assert isinstance(item, Blank)
            assert not line.removeprefix(b"\xef\xbb\xbf").strip()
    assert seen.total() == len(lines)
    return seen


MANNERS = [Fields(), Fields(overwrite=True, title="title"), Fields(output="tags", paragraphs=True)]


@pytest.mark.parametrize("number", [6000, pytest.param(90_000, marks=pytest.mark.full)])
def test_spoilt_lines_are_all_accounted_for(tiny: tagger.Tagger, number: int) -> None:
    draw = random.Random(0)  # noqa: S311
    seen = Counter[str]()
    for fields in MANNERS:
        seen += check([mutate(draw) for _ in range(number // len(MANNERS))], tiny, fields)
    assert min(seen["Tagged"], seen["Rejected"]) > number // 10
    assert seen["Blank"] > number // 50


LINES = st.lists(
    st.one_of(
        st.binary(max_size=50),
        hard_text.map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.dictionaries(st.sampled_from(["text", "title", "topics", "id"]), st.one_of(hard_text, st.none())).map(
            lambda record: json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
        ),
        st.recursive(
            st.one_of(st.floats(), st.text()), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
        ).map(lambda value: json.dumps({"text": "x", "y": value}).encode()),
    ).map(lambda line: line.replace(b"\n", b"")),
    min_size=5,
    max_size=20,
)


@given(lines=LINES, fields=st.sampled_from(MANNERS))
def test_any_lines_are_all_accounted_for(tiny: tagger.Tagger, lines: list[bytes], fields: Fields) -> None:
    check(lines, tiny, fields)


@pytest.mark.full
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    lines=st.lists(LINES, min_size=2, max_size=2).map(lambda two: [*two[0], *two[1]]), fields=st.sampled_from(MANNERS)
)
def test_very_many_lines_are_all_accounted_for(tiny: tagger.Tagger, lines: list[bytes], fields: Fields) -> None:
    check(lines, tiny, fields)


def test_a_file_of_spoilt_lines_is_accounted_for_to_the_end(tiny: tagger.Tagger, tmp_path: Path) -> None:
    draw = random.Random(1)  # noqa: S311
    lines = [mutate(draw) for _ in range(3000)]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    tiny.save(tmp_path / "model")
    options = RunOptions(jobs=1, chunk_bytes=5000, max_line_bytes=2500, checkpoint_seconds=60)
    out = tmp_path / "out.jsonl"
    counts = tag_files([str(tmp_path / "in.jsonl")], out, model=tmp_path / "model", options=options).counts
    assert counts.lines == 3000
    assert counts.tagged + counts.rejected + counts.blank == counts.lines
    assert (out.read_bytes().count(b"\n"), rejects_of(out).read_bytes().count(b"\n")) == (
        counts.tagged,
        counts.rejected,
    )
    numbers = [orjson.loads(line)["line"] for line in rejects_of(out).read_bytes().splitlines()]
    assert numbers == sorted(set(numbers))
