"""Runs over files: what is written, for any input form, number of processes and break."""

import base64
import gzip
import io
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

import tagger
from tagger.batch import (
    Checkpoint,
    Chunk,
    Compression,
    Done,
    Progress,
    RunHeader,
    RunOptions,
    Stop,
    Stream,
    Summary,
    article_fields,
    tag_files,
)
from tagger.batch.chunks import Work
from tagger.batch.inputs import read_chunks
from tagger.batch.options import usable_cores
from tagger.batch.workers import _signals_held, _tag_in_worker, open_expected
from tagger.dataset import Dataset
from tagger.errors import DataError, RunError, SettingsError
from tagger.formats.opening import zstandard

WORDS = ["苹果", "香蕉", "火车", "下雨了", "秋天的水果", "车站里", "。", ",", "\n", "abc"]
BAD = [b"{", b"[]", b'{"text": 1}', b'{"x": "\xff"}', b"", b"  ", b'{"text": "\\ud800"}']


def make_lines(number: int, *, seed: int = 0, bad: float = 0.1) -> bytes:
    draw = random.Random(seed)  # noqa: S311 - the same lines on every run
    lines = [
        draw.choice(BAD)
        if draw.random() < bad
        else orjson.dumps({"id": n, "text": "".join(draw.choices(WORDS, k=draw.randrange(30)))})
        for n in range(number)
    ]
    return b"\n".join(lines) + b"\n"


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_bytes(make_lines(300))
    return path


@pytest.fixture
def run(model: Path, tmp_path: Path) -> Callable[..., Summary]:
    """Tag a file into out.jsonl, in small chunks with a checkpoint after each."""

    def tag(source: Path, **options: Any) -> Summary:
        rest = {name: options.pop(name) for name in ("stop", "progress") if name in options}
        given = {"jobs": 1, "chunk_bytes": 1000, "checkpoint_seconds": 0} | options
        return tag_files([str(source)], tmp_path / "out.jsonl", model=model, options=RunOptions(**given), **rest)

    return tag


def written(folder: Path) -> tuple[bytes, bytes]:
    return (folder / "out.jsonl").read_bytes(), (folder / "out.jsonl.rejects.jsonl").read_bytes()


def stop_after(chunks: int) -> dict[str, Any]:
    stop = Stop()
    seen: list[Progress] = []

    def progress(now: Progress) -> None:
        seen.append(now)
        if len(seen) == chunks:
            stop.request()

    return {"stop": stop, "progress": progress}


def test_every_line_is_tagged_rejected_or_blank(run: Callable[..., Summary], lines: Path, tmp_path: Path) -> None:
    summary = run(lines)
    counts = summary.counts
    output, rejects = written(tmp_path)
    blank = sum(not line.strip() for line in lines.read_bytes().splitlines())
    assert (counts.tagged, counts.rejected) == (output.count(b"\n"), rejects.count(b"\n"))
    assert (counts.blank, counts.lines) == (blank, 300)
    assert counts.tagged + counts.rejected + counts.blank == counts.lines
    assert sum(counts.reasons.values()) == counts.rejected > 10
    records = [orjson.loads(line) for line in output.splitlines()]
    assert dict(counts.topics) == {t: sum(t in r["topics"] for r in records) for t in ("fruit", "train")}
    assert [r["id"] for r in records] == sorted(r["id"] for r in records)
    assert summary.finished
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl", "out.jsonl.rejects.jsonl"]


@pytest.mark.full
@pytest.mark.parametrize("chunk_bytes", [1, 7, 100, 10**6])
def test_the_size_of_a_chunk_changes_nothing(
    run: Callable[..., Summary], lines: Path, tmp_path: Path, chunk_bytes: int
) -> None:
    run(lines)
    expected = written(tmp_path)
    run(lines, chunk_bytes=chunk_bytes, checkpoint_seconds=1)
    assert written(tmp_path) == expected


@pytest.mark.full
def test_what_is_written_is_what_the_library_says_for_any_number_of_jobs(
    shipped: tagger.Tagger, dataset: Dataset, tmp_path: Path
) -> None:
    texts = [example.text for example in dataset.examples[::6]]
    (tmp_path / "in.jsonl").write_bytes(b"".join(orjson.dumps({"text": text}) + b"\n" for text in texts))
    expected = [article_fields(shipped.tag(text)) for text in texts]
    for jobs in (1, 2):
        out = tmp_path / f"{jobs}.jsonl"
        tag_files([str(tmp_path / "in.jsonl")], out, options=RunOptions(jobs=jobs, chunk_bytes=20_000))
        records = [orjson.loads(line) for line in out.read_bytes().splitlines()]
        assert [record.pop("text") for record in records] == texts
        assert records == expected


def test_several_processes_write_what_one_does(run: Callable[..., Summary], lines: Path, tmp_path: Path) -> None:
    one = run(lines).counts
    expected = written(tmp_path)
    assert run(lines, jobs=2).counts == one
    assert written(tmp_path) == expected


def test_the_user_dictionary_is_alive_in_every_process(tmp_path: Path) -> None:
    word = "量子纠缠态"
    topics = [
        tagger.Topic("physics", "物理", "", (word, "夸克胶子场")),
        tagger.Topic("rest", "其他", "", ("苹果", "香蕉")),
    ]
    made = tagger.train([], topics=topics, settings=tagger.Settings(characters=False))
    made.save(tmp_path / "model")
    (tmp_path / "in.jsonl").write_bytes(orjson.dumps({"text": word}) + b"\n")
    # Without the dictionary the word would be cut, and none of its parts is a feature.
    assert word in {feature.text for feature in made.model.features()}
    (tmp_path / "in.jsonl").write_bytes((orjson.dumps({"text": f"研究{word}的人"}) + b"\n") * 400)
    summary = tag_files(
        [str(tmp_path / "in.jsonl")],
        tmp_path / "out.jsonl",
        model=tmp_path / "model",
        options=RunOptions(jobs=2, chunk_bytes=1000),
    )
    assert dict(summary.counts.topics) == {"physics": 400}


def compressed(data: bytes, ending: str) -> bytes:
    if ending == ".gz":
        half = len(data) // 2
        return gzip.compress(data[:half]) + gzip.compress(data[half:])  # members, as `cat a.gz b.gz` makes
    return bytes(zstandard().compress(data)) if ending == ".zst" else data


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_compressed_files_are_read_and_written(
    model: Path, lines: Path, run: Callable[..., Summary], tmp_path: Path, ending: str
) -> None:
    run(lines)
    expected = written(tmp_path)[0]
    source, out = tmp_path / f"x.ndjson{ending}", tmp_path / f"y.jsonl{ending}"
    source.write_bytes(compressed(lines.read_bytes(), ending))
    seen: list[Progress] = []
    tag_files([str(source)], out, model=model, options=RunOptions(jobs=1, chunk_bytes=1000), progress=seen.append)
    data = out.read_bytes()
    assert {"": bytes, ".gz": gzip.decompress, ".zst": zstandard().decompress}[ending](data) == expected
    assert seen[-1].position == seen[-1].total == source.stat().st_size


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_an_empty_input_gives_an_empty_output_that_can_be_read(model: Path, tmp_path: Path, ending: str) -> None:
    (tmp_path / "in.jsonl").touch()
    out = tmp_path / f"out.jsonl{ending}"
    assert tag_files([str(tmp_path / "in.jsonl")], out, model=model).counts.lines == 0
    tag_files([str(out.rename(tmp_path / f"again.jsonl{ending}"))], tmp_path / "last.jsonl", model=model)
    assert (tmp_path / "last.jsonl").read_bytes() == b""


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("how", ["cut", "spoiled"])
def test_damaged_data_end_the_run_and_what_came_before_is_kept(
    run: Callable[..., Summary], tmp_path: Path, ending: str, how: str
) -> None:
    draw = random.Random(1)  # noqa: S311
    noise = b"".join(b'{"text": "%x"}\n' % draw.getrandbits(400) for _ in range(5000))
    data = compressed(noise, ending)
    source = tmp_path / f"in.jsonl{ending}"
    source.write_bytes(data[:-1000] if how == "cut" else data[:-50000] + b"\x07" * 50000)
    with pytest.raises(DataError, match=r"cannot be read to its end \(.*\): restore the file") as caught:
        run(source, chunk_bytes=50_000)
    assert caught.value.__notes__ == ["What was done is kept: to go on, give the same command with --resume."]
    assert (tmp_path / "out.jsonl.partial").stat().st_size > 0


def test_inputs_may_be_files_folders_and_patterns(model: Path, tmp_path: Path) -> None:
    (tmp_path / "texts" / "deep").mkdir(parents=True)
    (tmp_path / "texts" / "deep" / "b.TXT").write_text("苹果", encoding="gb18030")
    (tmp_path / "texts" / "a.txt.gz").write_bytes(gzip.compress("火车".encode()))
    for name in ("c1.jsonl", "c2.jsonl"):
        (tmp_path / name).write_bytes(orjson.dumps({"text": "香蕉", "from": name}) + b"\n")
    given = [str(tmp_path / "c2.jsonl"), str(tmp_path / "texts"), str(tmp_path / "c?.jsonl"), str(tmp_path / "t*")]
    summary = tag_files(given, tmp_path / "out.jsonl", model=model)
    records = [orjson.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert [Path(r.get("file", r.get("from"))).name for r in records] == ["c2.jsonl", "a.txt.gz", "b.TXT", "c1.jsonl"]
    assert [r["topics"] for r in records] == [["fruit"], ["train"], ["fruit"], ["fruit"]]
    assert summary.counts.lines == 4
    for wrong in ("none*.jsonl", "no.jsonl"):
        with pytest.raises(DataError, match=r"matches no file|there is no such file"):
            tag_files([str(tmp_path / wrong)], tmp_path / "out.jsonl", model=model)


def test_text_files_are_tagged_together_and_one_that_cannot_be_read_stops_none(model: Path, tmp_path: Path) -> None:
    for n in range(200):
        (tmp_path / f"{n:03}.txt").write_text(f"苹果{n}", encoding="utf-8")
    (tmp_path / "005.txt").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "006.txt").write_text("苹果" * 100, encoding="utf-8")
    (tmp_path / "007.txt").write_bytes(gzip.compress("苹果".encode())[:-4])
    summary = tag_files(
        [str(tmp_path)], tmp_path / "out.jsonl", model=model, options=RunOptions(max_line_bytes=500, chunk_bytes=300)
    )
    rejects = [orjson.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_bytes().splitlines()]
    assert (summary.counts.lines, summary.counts.tagged, summary.counts.rejected) == (200, 197, 3)
    assert dict(summary.counts.reasons) == {"file too long": 1, "unreadable file": 2}
    assert [Path(r["file"]).name for r in rejects] == ["005.txt", "006.txt", "007.txt"]
    assert all(r["line"] is None and r["file"] in r["reason"] for r in rejects)


@pytest.mark.parametrize("chunk_bytes", [10, 64, 4096])
def test_a_line_without_end_costs_no_memory_and_its_head_is_kept(
    run: Callable[..., Summary], tmp_path: Path, chunk_bytes: int
) -> None:
    good = b'{"text": "x"}\n'
    long = b'{"text": "' + "长".encode() * 1000 + b'"}\n'
    source = tmp_path / "in.jsonl"
    source.write_bytes(good + long + b"\xff" * 2000 + b"\n" + good + b"y" * 200)
    summary = run(source, max_line_bytes=100, chunk_bytes=chunk_bytes)
    output, rejects = written(tmp_path)
    first, second, last = (orjson.loads(line) for line in rejects.splitlines())
    assert (summary.counts.lines, output.count(b"\n")) == (5, 2)
    assert [(r["line"], r["bytes"]) for r in (first, second, last)] == [(2, len(long) - 1), (3, 2000), (5, 200)]
    assert long.decode().startswith(first["raw"])
    assert 990 < len(first["raw"].encode()) <= 1000
    assert base64.b64decode(second["raw_base64"]) == b"\xff" * 1000
    assert last["raw"] == "y" * 200


def test_a_strict_run_ends_at_the_first_bad_line_and_can_be_gone_on_with(
    run: Callable[..., Summary], lines: Path, tmp_path: Path
) -> None:
    run(lines)
    expected = written(tmp_path)
    first = orjson.loads(expected[1].splitlines()[0])
    with pytest.raises(DataError) as caught:
        run(lines, strict=True)
    assert str(caught.value) == f"{lines}:{first['line']}: {first['reason']}"
    assert run(lines, resume=True).finished
    assert written(tmp_path) == expected
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(DataError, match=r"^[^:]*bad\.txt: byte 0xff"):
        tag_files([str(tmp_path / "bad.txt")], tmp_path / "o.jsonl", options=RunOptions(strict=True))


def test_a_strict_run_into_a_stream_writes_what_came_before(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'{"text": "x"}\n{"text": "y"}\n{\n{"text": "z"}\n')
    out = io.BytesIO()
    with pytest.raises(DataError, match=r"in\.jsonl:3: not JSON"):
        tag_files(
            [str(tmp_path / "in.jsonl")], Stream(out, print), model=model, options=RunOptions(strict=True, jobs=1)
        )
    assert [orjson.loads(line)["text"] for line in out.getvalue().splitlines()] == ["x", "y"]


@pytest.mark.full
@pytest.mark.parametrize(("jobs", "chunks"), [(1, 1), (1, 4), (2, 5)])
def test_a_stopped_run_goes_on_where_it_ended(
    run: Callable[..., Summary], lines: Path, tmp_path: Path, jobs: int, chunks: int
) -> None:
    whole = run(lines).counts
    expected = written(tmp_path)
    (tmp_path / "out.jsonl").unlink()
    stopped = run(lines, jobs=jobs, **stop_after(chunks))
    assert (stopped.finished, (tmp_path / "out.jsonl").exists()) == (False, False)
    assert 0 < stopped.counts.lines < 300
    seen: list[Progress] = []
    resumed = run(lines, jobs=jobs, resume=True, progress=seen.append)
    assert (resumed.finished, resumed.resumed, resumed.counts) == (True, stopped.counts.lines, whole)
    assert seen[0].counts.lines > stopped.counts.lines
    assert written(tmp_path) == expected


def test_a_run_can_be_stopped_again_while_it_looks_for_its_place(
    run: Callable[..., Summary], lines: Path, tmp_path: Path
) -> None:
    run(lines)
    expected = written(tmp_path)
    stopped = run(lines, **stop_after(3)).counts
    stop = Stop()
    stop.request()
    assert run(lines, resume=True, stop=stop).counts == stopped
    run(lines, resume=True)
    assert written(tmp_path) == expected


def test_a_finished_run_without_rejects_takes_away_those_of_an_earlier_one(
    run: Callable[..., Summary], lines: Path, tmp_path: Path
) -> None:
    run(lines)
    lines.write_bytes(make_lines(50, bad=0))
    run(lines)
    assert not (tmp_path / "out.jsonl.rejects.jsonl").exists()


def test_what_was_left_is_not_overwritten_unasked(run: Callable[..., Summary], lines: Path, tmp_path: Path) -> None:
    run(lines, **stop_after(2))
    kept = (tmp_path / "out.jsonl.partial").read_bytes()
    with pytest.raises(RunError, match=r"out\.jsonl\.journal: is left from a run .* give --resume to go on, or delete"):
        run(lines)
    assert (tmp_path / "out.jsonl.partial").read_bytes() == kept
    (tmp_path / "out.jsonl.journal").unlink()
    assert run(lines).finished


def test_to_resume_what_was_never_begun_is_to_begin(run: Callable[..., Summary], lines: Path) -> None:
    assert run(lines, resume=True).finished


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"id":1,', b'"id":2,', 1))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (append, r"the input .*in\.jsonl had \d+ bytes and has \d+\. Use the same ones, or delete"),
        (change, r"the input has changed, in the part that is done"),
    ],
)
def test_another_input_is_refused(
    run: Callable[..., Summary], lines: Path, spoil: Callable[[Path], None], message: str
) -> None:
    run(lines, **stop_after(3))
    spoil(lines)
    with pytest.raises(RunError, match=message):
        run(lines, resume=True)


def test_other_settings_models_and_inputs_are_refused(
    model: Path, run: Callable[..., Summary], lines: Path, tmp_path: Path
) -> None:
    run(lines, **stop_after(3))
    other = tmp_path / "other.jsonl"
    other.write_bytes(lines.read_bytes())
    out = tmp_path / "out.jsonl"
    given = RunOptions(jobs=1, chunk_bytes=1000, resume=True)
    for inputs, folder, options, fields, message in [
        ([other], model, given, {}, "the input was .*in.jsonl and is .*other.jsonl"),
        ([lines, other], model, given, {}, "there were 1 inputs and are 2"),
        ([lines], None, given, {}, "model was '[0-9a-f]{64}' and is '[0-9a-f]{64}'"),
        ([lines], model, given, {"paragraphs": True}, "fields.paragraphs was False and is True"),
        ([lines], model, RunOptions(chunk_bytes=99, resume=True), {}, "chunk_bytes was 1000 and is 99"),
    ]:
        with pytest.raises(RunError, match=message):
            tag_files(
                [str(path) for path in inputs],
                out,
                model=folder,
                options=options,
                fields=tagger.batch.Fields(**fields),  # type: ignore[arg-type]
            )
    assert run(lines, resume=True).finished


def test_a_pipe_can_be_resumed_if_it_gives_the_same_again(
    model: Path, run: Callable[..., Summary], lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(lines)
    expected = written(tmp_path)[0]

    def feed(data: bytes, **how: Any) -> Summary:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        resume = how.pop("resume", False)
        options = RunOptions(jobs=1, chunk_bytes=1000, resume=resume)
        return tag_files(["-"], tmp_path / "piped.jsonl", model=model, options=options, **how)

    data = lines.read_bytes()
    stopped = feed(data, **stop_after(4))
    assert not stopped.finished
    for wrong in (b'{"text": ""}\n' + data[13:], data[:1200]):
        with pytest.raises(RunError, match="the input has changed"):
            feed(wrong, resume=True)
    assert feed(data, resume=True).finished
    assert (tmp_path / "piped.jsonl").read_bytes() == expected


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"\n", b"nonsense\n", "is damaged, or not a journal: delete it to start again"),
        (b'"chunks":', b'"chanks":', "is damaged, or not a journal"),
        (b'"output":', b'"output":9', "is shorter than its journal says"),
    ],
)
def test_a_spoilt_journal_is_told(
    run: Callable[..., Summary], lines: Path, tmp_path: Path, old: bytes, new: bytes, message: str
) -> None:
    run(lines, **stop_after(3))
    journal = tmp_path / "out.jsonl.journal"
    journal.write_bytes(journal.read_bytes().replace(old, new))
    with pytest.raises(RunError, match=message):
        run(lines, resume=True)


def test_a_journal_whose_last_line_was_broken_off_is_good_up_to_there(
    run: Callable[..., Summary], lines: Path, tmp_path: Path
) -> None:
    run(lines)
    expected = written(tmp_path)
    journal = tmp_path / "out.jsonl.journal"
    for cut in (5, 500, 700):
        run(lines, **stop_after(4))
        whole = journal.read_bytes()
        assert len(whole) > 1000
        journal.write_bytes(whole[:-cut])
        assert run(lines, resume=True).finished
        assert written(tmp_path) == expected
    journal.write_bytes(b'{"version"')  # killed while it wrote the first line: nothing was done
    assert run(lines).finished


def test_a_run_killed_between_its_last_renames_only_has_to_make_them(
    run: Callable[..., Summary], lines: Path, tmp_path: Path
) -> None:
    run(lines)
    expected = written(tmp_path)
    out, rejects, journal = (tmp_path / f"out.jsonl{ending}" for ending in ("", ".rejects.jsonl", ".journal"))
    run(lines, **stop_after(3))
    header = journal.read_bytes().splitlines()[0]
    run(lines, resume=True)
    done = orjson.dumps(
        {
            "chunks": 99,
            "digest": "",
            "output": len(expected[0]),
            "rejects": len(expected[1]),
            "done": True,
            "counts": {"lines": 300},
        }
    )
    for moved in ([], [rejects], [rejects, out]):
        for path in (out, rejects):
            path.write_bytes(expected[path == rejects])
            if path not in moved:
                path.rename(f"{path}.partial")
        journal.write_bytes(header + b"\n" + done + b"\n")
        summary = run(lines, resume=True)
        assert (summary.finished, summary.counts.lines) == (True, 300)
        assert written(tmp_path) == expected
        assert not journal.exists()
    journal.write_bytes(header + b"\n" + done + b"\n")
    out.unlink()
    with pytest.raises(RunError, match="cannot be written: No such file"):
        run(lines, resume=True)


def test_two_runs_do_not_write_one_output(run: Callable[..., Summary], lines: Path, tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl", reason="this system has no such locks")
    with (tmp_path / "out.jsonl.journal").open("ab") as journal:
        fcntl.flock(journal, fcntl.LOCK_EX)
        with pytest.raises(RunError, match="another run is writing it; name another output"):
            run(lines, resume=True)


def test_a_worker_that_dies_ends_the_run_and_it_can_be_gone_on_with(
    run: Callable[..., Summary], lines: Path, tmp_path: Path
) -> None:
    run(lines)
    expected = written(tmp_path)

    others = {*multiprocessing.active_children()}  # of trainings in this process

    def kill(progress: Progress) -> None:
        if progress.counts.lines > 100:
            for child in {*multiprocessing.active_children()} - others:
                child.kill()

    with pytest.raises(RunError, match="a worker process was killed or crashed") as caught:
        run(lines, jobs=2, progress=kill)
    assert caught.value.__notes__
    resumed = run(lines, resume=True)
    assert resumed.resumed > 100
    assert written(tmp_path) == expected


def test_a_worker_opens_the_model_of_the_run_or_none(model: Path) -> None:
    with pytest.raises(RunError, match="holds another model than the one that this run began with"):
        open_expected(model, "another")
    (chunk,) = read_chunks([str(model / "README.md")], RunOptions())
    assert isinstance(chunk, Chunk)
    with pytest.raises(RunError, match="there is no such model folder"):
        _tag_in_worker(chunk, model / "none", "", Work())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_a_worker_is_started_is_held_and_not_lost(number: signal.Signals) -> None:
    received: list[int] = []
    before = signal.signal(number, lambda number, _: received.append(number))
    try:
        with _signals_held():
            signal.raise_signal(number)
            assert received == []
        assert received == [number]
    finally:
        signal.signal(number, before)


@pytest.mark.full
def test_workers_do_not_outlive_a_run_that_is_killed(model: Path, tmp_path: Path) -> None:
    if not Path("/proc/self/task").exists():
        pytest.skip("this system does not list processes in /proc")
    endless = subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE)
    command = [sys.executable, "-m", "tagger", "tag", "-", "-o", tmp_path / "out.jsonl", "--model", model]
    run = subprocess.Popen([*map(str, command), "--jobs", "2", "--chunk-bytes", "1000"], stdin=endless.stdout)
    workers: set[int] = set()
    try:
        wait_until(lambda: len(workers | children_of(run.pid)) >= 3)  # and the resource tracker
        workers |= children_of(run.pid)
    finally:
        run.kill()
        endless.kill()
        run.wait()
        endless.communicate()
    wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))


ENDLESS = """
import sys
while True:
    sys.stdout.write('{"text": "x"}\\n' * 1000)
"""


def children_of(process: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        found |= {int(child) for child in task.read_text(encoding="ascii").split()}
    return found


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("max 100000", None), ("100000 100000", 1), ("150000 100000", 2), ("9900000 100000", None), ("?", None)],
)
def test_a_container_s_share_bounds_the_cores(tmp_path: Path, quota: str, cores: int | None) -> None:
    (tmp_path / "cpu.max").write_text(quota, encoding="ascii")
    bound = len(os.sched_getaffinity(0))
    assert usable_cores(tmp_path / "cpu.max") == min(bound, cores or bound)
    assert usable_cores(tmp_path / "none") == bound


@pytest.mark.parametrize("name", ["jobs", "max_line_bytes", "chunk_bytes", "checkpoint_seconds"])
def test_an_option_outside_its_range_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is -1: it must be . or more"):
        RunOptions(**{name: -1})  # type: ignore[arg-type]  # by name


def test_an_input_that_is_gone_when_its_turn_comes_is_told(model: Path, lines: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(b'{"text": "x"}\n')
    with pytest.raises(DataError, match=r"other\.jsonl: cannot be read: No such file .*; check the path") as caught:
        tag_files(
            [str(lines), str(other)],
            tmp_path / "out.jsonl",
            model=model,
            options=RunOptions(jobs=1),
            progress=lambda _: other.unlink(),
        )
    assert caught.value.__notes__


def test_an_output_that_cannot_be_written_is_told(model: Path, lines: Path) -> None:
    with pytest.raises(
        RunError, match=r"no/out\.jsonl\.journal: cannot be written: there is no folder \S+/no; make it"
    ):
        tag_files([str(lines)], lines.parent / "no" / "out.jsonl", model=model)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.xls", "what is written is JSON lines or a table: name it .jsonl, .csv, .xlsx or .parquet"),
        ("out.txt", "what is written is JSON lines or a table"),
        ("out.txt.gz", "what is written is JSON lines or a table"),
        ("out.xlsx.gz", "tables are not compressed: name it .xlsx, or .jsonl.gz"),
        ("out.csv.gz", "tables are not compressed: name it .csv, or .jsonl.gz"),
        ("out.parquet.zst", "tables are not compressed: name it .parquet, or .jsonl.zst"),
        ("folder", "is a folder: name a file to write"),
        ("in.jsonl", "is read and written at once: name another file to write"),
    ],
)
def test_a_name_that_cannot_be_an_output_is_refused(
    model: Path, lines: Path, tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "folder").mkdir()
    before = {path: path.stat().st_size for path in tmp_path.iterdir()}
    for output in (tmp_path / name, str(tmp_path / name)):
        with pytest.raises(DataError, match=re.escape(f"{name}: {message}")):
            tag_files([str(lines)], output, model=model)
    assert {path: path.stat().st_size for path in tmp_path.iterdir()} == before


def test_a_stream_cannot_be_resumed(model: Path, lines: Path) -> None:
    out = io.BytesIO()
    with pytest.raises(SettingsError, match="--resume goes on with a file: name it with -o"):
        tag_files([str(lines)], Stream(out, print), model=model, options=RunOptions(resume=True))
    assert out.getvalue() == b""


def test_a_sink_of_one_s_own_gets_what_each_chunk_became(model: Path, lines: Path) -> None:
    class Collector:
        live = True
        compression: Compression = ""
        replaces = False
        abandoned = False

        def __init__(self) -> None:
            self.called: list[str] = []
            self.numbers: list[int | None] = []

        def begin(self, header: RunHeader) -> Checkpoint:
            self.called.append(f"begin {Path(header.inputs[0]).name}")
            return Checkpoint()

        def write(self, chunk: Chunk, done: Done) -> None:
            assert chunk.source == str(lines)
            assert len(done.numbers) == done.output.count(b"\n")
            self.numbers += done.numbers

        def flush(self) -> None:
            self.called.append("flush")

        def finish(self) -> None:
            self.called.append("finish")

        def abandon(self) -> None:
            self.called.append("abandon")

        def close(self) -> None:
            self.called.append("close")

    sink = Collector()
    options = RunOptions(jobs=2, chunk_bytes=500)
    counts = tag_files([str(lines)], sink, model=model, options=options).counts
    assert (sink.called, len(sink.numbers)) == (["begin in.jsonl", "flush", "finish", "close"], counts.tagged)
    given = lines.read_bytes().split(b"\n")
    assert all(number is not None and given[number - 1].startswith(b'{"id"') for number in sink.numbers)
