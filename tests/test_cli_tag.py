"""`tagger tag` over JSON lines: what it shows, how it stops, and how it goes on."""

import errno
import gzip
import io
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import Result
from command_line import invoke

from tagger.batch import Chunk, Counts, Done, Fields, Progress, Stream, gained_columns
from tagger.batch.chunks import Lines
from tagger.cli import main
from tagger.cli.progress import show_progress
from tagger.errors import RunError

LINE = '{"text": "苹果"}\n'.encode()


@pytest.fixture
def run(model: Path) -> Callable[..., Result]:
    return lambda *arguments, stdin=None: invoke(main, ["tag", "--model", model, *arguments], stdin=stdin)


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "tagger", "tag", *map(str, arguments)]


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_every_field_option_reaches_the_records(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(orjson.dumps({"body": "苹果", "head": "火车晚点", "tags": 1}) + b"\n")
    shape = ["--text-field", "body", "--title-field", "head", "--output-field", "tags", "--overwrite"]
    full = run(tmp_path / "in.jsonl", *shape, "--paragraphs", "--explain", "2", "--min-probability", "0.5")
    record = orjson.loads(full.stdout_bytes)
    assert list(record) == ["body", "head", "tags"]
    assert list(record["tags"]) == list(gained_columns(Fields(paragraphs=True, explain=2)))
    assert [p["field"] for p in record["tags"]["paragraphs"]] == ["head", "body"]
    assert all(p >= 0.5 for p in record["tags"]["probabilities"].values())
    short = run(tmp_path / "in.jsonl", *shape, "--topics-only")
    assert sorted(orjson.loads(short.stdout_bytes)["tags"]) == ["fruit", "train"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--topics-only", "--paragraphs"], "Error: --topics-only leaves no room"),
        (["--jobs", "0"], "Error: --jobs is 0: it must be 1 or more"),
        (["--min-probability", "2"], "Error: --min-probability is 2.0: it must be from 0 to 1"),
        (["--output-field", "text"], "'text' is read and written at once"),
        (["--resume"], "--resume goes on with a file: name it with -o"),
        (["--resume", "-o", "-"], "--resume goes on with a file: name it with -o"),
    ],
)
def test_options_that_contradict_each_other_are_bad_usage(
    run: Callable[..., Result], arguments: list[str], message: str
) -> None:
    result = run("-", *arguments, stdin=LINE)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.split())


def test_the_summary_adds_up_and_is_there_for_programs(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(LINE * 3 + b"\n{\n")
    out, summary = tmp_path / "out.jsonl", tmp_path / "summary.json"
    result = run(tmp_path / "in.jsonl", "-o", out, "--summary", summary, "--quiet")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"1 could not be tagged (broken JSON 1): {out}.rejects.jsonl; the first: ")
    found = orjson.loads(summary.read_bytes())
    assert found.pop("seconds") > 0
    assert found.pop("lines_per_second") > 0
    assert found.pop("bytes_per_second") > 0
    assert found == {
        "lines": 5,
        "tagged": 3,
        "rejected": 1,
        "blank": 1,
        "topics": {"fruit": 3},
        "reasons": {"broken JSON": 1},
        "finished": True,
        "resumed": 0,
    }
    result = run(tmp_path / "in.jsonl", "--summary", tmp_path / "no" / "summary.json")
    assert (result.stdout, "cannot be written: there is no such folder" in result.stderr) == ("", True)
    result = run(tmp_path / "in.jsonl", "--summary", tmp_path)
    assert "the summary cannot be written" in result.stderr


def test_strict_stops_at_the_first_bad_line(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(LINE + b"{\n" + LINE)
    result = run(tmp_path / "in.jsonl", "--strict")
    assert (result.exit_code, result.stdout.count("\n")) == (1, 1)
    assert "in.jsonl:2: not JSON" in result.stderr
    result = run(tmp_path / "in.jsonl", "--strict", "-o", tmp_path / "out.jsonl")
    assert result.stderr.endswith("Without --strict, what cannot be tagged is put aside and the run goes on.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]  # nothing was done, so that nothing is kept
    again = run(tmp_path / "in.jsonl", "--strict", "-o", tmp_path / "out.jsonl", "--chunk-bytes", "1")
    assert again.stderr.endswith("What was done is kept: to go on, give the same command with --resume.\n")
    assert (tmp_path / "out.jsonl.journal").exists()
    (tmp_path / "out.jsonl.journal").unlink()
    assert not (tmp_path / "out.jsonl").exists()
    assert run(tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl").exit_code == 1
    assert run(tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl", "--resume").exit_code == 1
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 2


def test_a_compressed_output_is_named_by_its_ending(run: Callable[..., Result], tmp_path: Path) -> None:
    run("-", "-o", tmp_path / "out.jsonl.gz", stdin=gzip.compress(LINE))
    assert orjson.loads(gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()))["topics"] == ["fruit"]


@pytest.mark.full
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_signal_ends_a_run_that_waits_and_nothing_that_came_is_lost(
    model: Path, tmp_path: Path, number: signal.Signals, jobs: str
) -> None:
    out = tmp_path / "out.jsonl"
    given = command("-", "-o", out, "--model", model, "--jobs", jobs, "--chunk-bytes", "100")
    given += ["--checkpoint-seconds", "0"]
    process = subprocess.Popen(given, stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stdin is not None
    process.stdin.write(LINE * 50)
    process.stdin.flush()
    journal = tmp_path / "out.jsonl.journal"
    wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 4)
    os.killpg(process.pid, number)  # as a terminal does, or a service manager
    _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    last = told.decode().splitlines()[-1]
    assert last.startswith("stopped after ")
    assert last.endswith(f"are kept in {out}.partial; to go on, give the same command with --resume")
    assert b"Traceback" not in told
    done = subprocess.run([*given, "--resume"], input=LINE * 60, capture_output=True, check=True)
    assert out.read_bytes().count(b"\n") == 60, done.stderr


def test_a_second_signal_ends_at_once() -> None:
    code = (
        "import signal, os\nfrom tagger.batch import Stop\nfrom tagger.cli.tag import heed_signals\n"
        "stop = Stop()\n"
        "with heed_signals(stop) as received:\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    assert stop.requested and received == [signal.SIGTERM]\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.stderr.splitlines()[-1] == b"KeyboardInterrupt"


def test_a_stopped_stream_says_how_far_it_came(model: Path) -> None:
    process = subprocess.Popen(
        command("-", "--model", model), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(LINE)
    process.stdin.flush()
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (130, b"stopped after 1 line\n")


@pytest.mark.full
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_comes_through_a_pipe_is_tagged_when_the_pipe_pauses(model: Path, jobs: str) -> None:
    process = subprocess.Popen(
        command("-", "--model", model, "--jobs", jobs, "--chunk-bytes", "1000"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for number in (1, 1, 500, 3):
        process.stdin.write(LINE * number)
        process.stdin.flush()
        for _ in range(number):
            assert b"fruit" in process.stdout.readline()
    process.stdin.write(LINE[:5])
    process.stdin.flush()
    time.sleep(0.3)
    rest, _ = process.communicate(LINE[5:].rstrip(), timeout=60)
    assert rest.count(b"\n") == 1


@pytest.mark.full
def test_a_closed_pipe_ends_several_processes_quietly(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(LINE * 20_000)
    given = command(tmp_path / "in.jsonl", "--model", model, "--jobs", "2", "--chunk-bytes", "20000")
    process = subprocess.Popen(given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert (process.wait(timeout=60), process.stderr.read()) == (1, b"")
    process.stderr.close()


# Coverage, where it is measured, writes a file too.
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}


def limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))


@pytest.mark.full
def test_a_full_disk_ends_the_run_and_it_can_be_gone_on_with(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(LINE * 2000)
    out = tmp_path / "out.jsonl"
    given = command(tmp_path / "in.jsonl", "-o", out, "--model", model, "--chunk-bytes", "1000", "--jobs", "1")
    given += ["--checkpoint-seconds", "0"]
    done = subprocess.run(given, capture_output=True, check=False, preexec_fn=limit_file_size, env=UNMEASURED)
    assert done.returncode == 1
    assert done.stderr.decode() == (
        f"Error: {out}.partial: cannot be written: {os.strerror(errno.EFBIG)}; make room\n"
        "What was done is kept: to go on, give the same command with --resume.\n"
    )
    subprocess.run([*given, "--resume"], check=True, capture_output=True)
    assert out.read_bytes().count(b"\n") == 2000


@pytest.mark.full
@pytest.mark.parametrize("arguments", [["-o", "/dev/full"], []])
def test_a_full_device_is_told_in_a_line(model: Path, tmp_path: Path, arguments: list[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / "in.jsonl").write_bytes(LINE)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command(tmp_path / "in.jsonl", "--model", model, *arguments),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"Error: the output cannot be written: No space left on device\n")


@pytest.mark.full
@pytest.mark.parametrize(
    ("mode", "data", "message"),
    [
        ("wb", b"", f"-: cannot be read: {os.strerror(errno.EBADF)}"),
        (
            "rb",
            b"\x1f\x8b\x07" + bytes(20),
            "-: cannot be read to its end (Unknown compression method): restore the file",
        ),
    ],
)
def test_standard_input_that_cannot_be_read_is_told(
    model: Path, tmp_path: Path, mode: str, data: bytes, message: str
) -> None:
    (tmp_path / "in").write_bytes(data)
    with (tmp_path / "in").open(mode) as stdin:
        done = subprocess.run(command("-", "--model", model), stdin=stdin, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode().startswith(f"Error: {message}")) == (1, True), done.stderr


CHUNK = Chunk(source="x", content=Lines(1, LINE), number=1, digest="", position=len(LINE))


class Broken(io.RawIOBase):
    def write(self, _: Any) -> int:
        raise OSError(errno.EIO, "it broke")


def test_an_output_that_breaks_is_told() -> None:
    with pytest.raises(RunError, match="the output cannot be written: it broke"):
        Stream(Broken(), print).write(CHUNK, Done(b"x", b"", Counts()))


def progress(seconds: float, total: int | None = 2_000_000) -> Progress:
    return Progress(Counts(lines=9, tagged=7, rejected=2), position=1_000_000, total=total, seconds=seconds)


def test_away_from_a_terminal_progress_is_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(silent=False) as tell:
        assert tell is not None
        for seconds in (1, 59, 61, 100, 122, 130):
            tell(progress(seconds))
        tell(progress(200, total=None))
    assert capsys.readouterr().err == (
        "1 min: 7 tagged, 2 rejected, 50% of the input, 0.0 MB/s\n"
        "2 min: 7 tagged, 2 rejected, 50% of the input, 0.0 MB/s\n"
        "3 min: 7 tagged, 2 rejected, 0.0 MB/s\n"
    )
    with show_progress(silent=True) as tell:
        assert tell is None


def test_on_a_terminal_a_bar_comes_when_there_is_something_to_wait_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with show_progress(silent=False) as tell:
        assert tell is not None
        tell(progress(0.5))
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with show_progress(silent=False) as tell:
        assert tell is not None
        tell(progress(1.5))
        tell(progress(2))
    shown = capsys.readouterr().err
    assert "7 tagged, 2 rejected" in shown
    assert "1.0/2.0 MB" in shown


SLOW = (
    "multiprocessing concurrent.futures.process joblib rich pyarrow backports.zstd sklearn scipy jieba "
    "importlib.metadata email tempfile shutil tagger.cli.train tagger.cli.evaluate"
)


def test_a_plain_run_loads_nothing_it_does_not_need(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(LINE)
    code = (
        "import sys\nfrom tagger.cli import main\n"
        f"try:\n    main(['tag', '--model', {str(model)!r}, {str(tmp_path / 'in.jsonl')!r}])\n"
        f"finally:\n    print(*sorted({{*{SLOW!r}.split()}} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=UNMEASURED)
    assert done.stderr == b"\n"
