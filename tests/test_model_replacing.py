"""Saving: a folder is replaced whole, in one step, and what a killed process left is brought back or removed."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from command_line import invoke

import tagger
from tagger import files
from tagger.cli.group import main
from tagger.model import check_target, model_hash, replacing

LEFT = ".model.abcdefgh"


@pytest.fixture
def folder(tiny: tagger.Tagger, tmp_path: Path) -> Path:
    tiny.save(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture(params=["exchanged", "renamed twice"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "renamed twice":
        monkeypatch.setattr(replacing, "_exchange", lambda *_: False)
    return str(request.param)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("way")
def test_another_model_takes_the_place_of_the_one_before(tiny: tagger.Tagger, folder: Path) -> None:
    tiny.with_thresholds("0.5").save(folder)
    assert tagger.load(folder).thresholds == {"fruit": 0.5, "train": 0.5}
    assert names(folder.parent) == ["model"]


@pytest.mark.skipif(sys.platform != "linux", reason="others rename twice")
def test_folders_are_exchanged_in_one_step_here(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert replacing._exchange(tmp_path / "a", tmp_path / "b")
    assert (names(tmp_path / "a"), names(tmp_path / "b")) == (["b"], ["a"])
    with pytest.raises(FileNotFoundError):
        replacing._exchange(tmp_path / "a", tmp_path / "none")


def test_a_system_or_a_file_system_that_cannot_exchange_is_no_obstacle(
    tiny: tagger.Tagger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ctypes  # noqa: PLC0415 - one test's business

    class Old:
        """A C library without the call, and one whose file system does not know it."""

    for system in (Old(), type("New", (), {"renameat2": lambda *_: -1})()):
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, system=system, **__: system)
        monkeypatch.setattr(ctypes, "get_errno", lambda: 22)
        for saved in (tiny.with_thresholds("0.5"), tiny):
            saved.save(folder)
            assert tagger.load(folder).thresholds == saved.thresholds
        assert names(folder.parent) == ["model"]


@pytest.mark.parametrize("suffix", ["", ".tmp"])  # of the model before, and of the draft
def test_an_error_in_or_between_two_renames_leaves_the_model(
    tiny: tagger.Tagger, folder: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    before = model_hash(folder)
    rename = Path.rename

    def broken(self: Path, target: Path) -> Path:
        if self.suffix == suffix:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(replacing, "_exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", broken)
    with pytest.raises(KeyboardInterrupt):
        tiny.with_thresholds("0.5").save(folder)
    monkeypatch.undo()
    assert model_hash(folder) == before
    assert names(folder.parent) == ["model"]


@pytest.mark.parametrize("read", [tagger.load, model_hash])
def test_what_was_left_between_two_renames_is_brought_back_by_a_reader(
    folder: Path, read: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "_PAUSE", 0.001)
    before = model_hash(folder)
    folder.rename(folder.with_name(f"{LEFT}.old"))
    read(folder)
    assert model_hash(folder) == before
    assert names(folder.parent) == ["model"]


@pytest.mark.parametrize("newest", ["abcdefgh", "bcdefghi"])
def test_of_several_that_were_left_the_last_is_brought_back(
    tiny: tagger.Tagger, folder: Path, monkeypatch: pytest.MonkeyPatch, newest: str
) -> None:
    monkeypatch.setattr(replacing, "_PAUSE", 0.001)
    (other,) = {"abcdefgh", "bcdefghi"} - {newest}
    older = folder.with_name(f".model.{other}.old")
    tiny.with_thresholds("0.5").save(folder.with_name("other"))
    folder.with_name("other").rename(older)
    os.utime(older, (1, 1))
    folder.rename(folder.with_name(f".model.{newest}.old"))
    assert tagger.load(folder).thresholds == tiny.thresholds


def test_what_was_left_between_two_renames_is_brought_back_or_replaced_by_a_writer(
    tiny: tagger.Tagger, folder: Path
) -> None:
    folder.rename(folder.with_name(f"{LEFT}.old"))
    tiny.with_thresholds("0.5").save(folder)
    assert tagger.load(folder).thresholds == {"fruit": 0.5, "train": 0.5}
    assert names(folder.parent) == ["model"]


def test_what_dead_processes_left_is_removed_and_nothing_else(tiny: tagger.Tagger, folder: Path) -> None:
    beside = [f"{LEFT}.old", f"{LEFT}.tmp", ".model.hidden", ".other.abcdefgh.tmp", ".model.abcdefgh.old.txt"]
    for name in beside:
        folder.with_name(name).mkdir()
    living = replacing._lock(folder.with_name(f"{LEFT}.tmp"))
    assert living is not None
    tiny.save(folder)
    assert names(folder.parent) == sorted(["model", *beside[1:]])
    os.close(living)
    tiny.save(folder)
    assert names(folder.parent) == sorted(["model", *beside[2:]])


def test_a_reader_waits_for_the_second_rename(folder: Path) -> None:
    left = folder.with_name(f"{LEFT}.old")
    folder.rename(left)
    threading.Timer(0.2, lambda: left.rename(folder)).start()
    assert tagger.load(folder).topics == ("fruit", "train")


def test_a_reader_whose_folder_is_replaced_reads_again(tmp_path: Path, folder: Path) -> None:
    asked = []

    def read() -> str:
        asked.append(folder.exists())
        if len(asked) == 1:
            folder.rename(tmp_path / "away")
            raise tagger.ModelError(folder, "is gone")
        if len(asked) == 2:
            (tmp_path / "away").rename(folder)
            raise tagger.ModelError(folder, "was gone")
        return "read"

    assert replacing.read_whole(folder, read) == "read"
    assert asked == [True, False, True]


def test_others_that_write_all_the_time_are_said(
    tiny: tagger.Tagger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: Path) -> bool:
        raise OSError(39, "Directory not empty")

    monkeypatch.setattr(replacing, "_exchange", taken)
    with pytest.raises(tagger.ModelError, match="others are writing there"):
        tiny.save(folder)
    assert names(folder.parent) == ["model"]


def test_a_folder_that_may_not_be_replaced_is_said(
    tiny: tagger.Tagger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(replacing, "_exchange", forbidden)
    with pytest.raises(tagger.ModelError, match="cannot be written: Permission denied"):
        tiny.save(folder)
    assert names(folder.parent) == ["model"]


def test_a_file_system_without_locks_is_no_obstacle(
    tiny: tagger.Tagger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "_lock", lambda _: None)
    tiny.save(folder)
    assert names(folder.parent) == ["model"]


def test_a_model_in_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(tagger.ModelError, match="there is no such model folder"):
        tagger.load(tmp_path / "none" / "model")


def test_what_file_managers_leave_is_no_obstacle(tiny: tagger.Tagger, folder: Path) -> None:
    litter = (".DS_Store", "._manifest.json", "Thumbs.db", "desktop.ini", ".directory")
    for name in litter:
        (folder / name).touch()
    tagger.load(folder)
    tiny.save(folder)
    assert not set(names(folder)) & set(litter)


def test_a_target_that_cannot_be_used_is_refused_before(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path).name == "disk")
    for target, reason in (
        (tmp_path / "file" / "model", "Not a directory"),
        (tmp_path / "disk", "where a file system is mounted"),
        (folder / "weights.npy", "is a file"),
    ):
        with pytest.raises(tagger.ModelError, match=reason):
            check_target(target)
    check_target(tmp_path / "new" / "deep" / "model")
    assert names(tmp_path) == ["disk", "file", "model"]


def test_everything_is_on_the_disk_before_its_name_is(
    tiny: tagger.Tagger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = []
    sync, replace = files.sync_file, replacing._replace

    def watched_sync(path: Path) -> None:
        order.append(path.name)
        sync(path)

    def watched_replace(target: Path, draft: Path) -> None:
        order.append("replaced")
        replace(target, draft)

    monkeypatch.setattr(replacing, "sync_file", watched_sync)
    monkeypatch.setattr(replacing, "_replace", watched_replace)
    tiny.save(folder)
    at = order.index("replaced")
    assert set(names(folder)) <= set(order[:at])
    assert order[at + 1 :] == [folder.parent.name]


SAVER = """
import sys, tagger
one = tagger.load(sys.argv[2])
two = one.with_thresholds("0.5")
print("ready", flush=True)
if sys.argv[3] == "renamed":
    from tagger.model import replacing
    replacing._exchange = lambda *_: False
while True:
    for each in (two, one):
        each.save(sys.argv[1])
"""
TRAINER = """
import itertools, sys
import tagger.cli.reports, tagger.evaluation, tagger.training
from tagger.cli.group import main
print("ready", flush=True)
for threshold in itertools.cycle(("0.5", "f1")):
    main(["train", sys.argv[2], "-o", sys.argv[1], "--no-evaluate", "--jobs", "1", "--threshold", threshold],
         standalone_mode=False)
"""
READER = """
import sys, tagger
print("ready", flush=True)
while True:
    print(tagger.load(sys.argv[1]).thresholds["fruit"], flush=True)
"""


def kill_while_writing(
    folder: Path, command: Sequence[str | Path], expected: Sequence[Path], *, times: int, longest: float
) -> None:
    """Kill processes that write the expected models in turn, and see what a reader finds all the while."""
    draw = random.Random(times)  # noqa: S311 - the same moments on every run
    hashes = {model_hash(path) for path in expected}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment}
    reader: subprocess.Popen[str] = subprocess.Popen([sys.executable, "-c", READER, folder], **pipes)  # type: ignore[call-overload]
    lines: list[str] = []
    listening = threading.Thread(target=lambda: lines.extend(reader.stdout or ()))
    listening.start()
    for _ in range(times):
        saver: subprocess.Popen[str] = subprocess.Popen([sys.executable, "-c", *command], **pipes)  # type: ignore[call-overload]
        assert saver.stdout is not None
        assert saver.stdout.readline() == "ready\n"
        time.sleep(draw.uniform(0, longest))
        saver.send_signal(signal.SIGKILL)
        saver.communicate()
        assert model_hash(folder) in hashes
    assert reader.poll() is None, reader.stderr and reader.stderr.read()
    reader.kill()
    listening.join()
    reader.communicate()
    found = {json.loads(line) for line in lines[1:-1]}
    both = {tagger.load(path).thresholds["fruit"] for path in expected}
    assert len(both) == len(hashes) == 2
    assert found == both if times >= 100 else found <= both
    assert len(lines) > times
    tagger.load(expected[0]).save(folder)
    assert len(names(folder.parent)) == 1


@pytest.mark.parametrize(
    ("way", "times"),
    [
        ("exchanged", 3),
        pytest.param("exchanged", 200, marks=[pytest.mark.full, pytest.mark.long]),
        pytest.param("renamed", 200, marks=[pytest.mark.full, pytest.mark.long]),
    ],
)
@pytest.mark.full
def test_a_reader_finds_a_whole_model_whenever_a_saving_process_is_killed(
    tiny: tagger.Tagger, tmp_path: Path, way: str, times: int
) -> None:
    folder, copy = tmp_path / "models" / "model", tmp_path / "copies" / "model"
    tiny.save(folder)
    tiny.save(copy)
    tiny.with_thresholds("0.5").save(copy.with_name("other"))
    expected = [copy, copy.with_name("other")]
    kill_while_writing(folder, [SAVER, folder, copy, way], expected, times=times, longest=0.4)


@pytest.mark.full
@pytest.mark.parametrize("times", [3, pytest.param(200, marks=pytest.mark.long)])
def test_a_reader_finds_a_whole_model_whenever_a_training_process_is_killed(
    tiny_labels: Path, tmp_path: Path, times: int
) -> None:
    expected = [tmp_path / "copies" / threshold for threshold in ("f1", "0.5")]
    for path in expected:
        invoke(main, ["train", tiny_labels, "-o", path, "--no-evaluate", "--threshold", path.name])
    folder = tmp_path / "models" / "model"
    tagger.load(expected[0]).save(folder)
    # Some trainings long, as one takes half a second or less, with everything imported.
    kill_while_writing(folder, [TRAINER, folder, tiny_labels], expected, times=times, longest=1.0)
