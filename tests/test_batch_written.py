"""No file that is read is written, and none is written twice, whatever its name and whoever asks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import invoke

from tagger.batch import RunOptions, tag_files
from tagger.cli import main
from tagger.errors import DataError

LINE = '{"text": "苹果和火车"}\n'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "out.jsonl.partial", "out.jsonl.journal", "out.jsonl.rejects.jsonl.partial"):
        Path(name).write_text(LINE, encoding="utf-8")
    Path("link.jsonl").symlink_to("a.jsonl")
    os.link("a.jsonl", "hard.jsonl")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "arguments",
    [
        "a.jsonl -o b.jsonl --summary a.jsonl",
        "a.jsonl -o b.jsonl --summary ./link.jsonl",
        "a.jsonl -o b.jsonl --summary b.jsonl",
        "a.jsonl -o b.jsonl --summary b.jsonl.partial",
        "a.jsonl -o b.jsonl --summary b.jsonl.rejects.jsonl",
        "a.jsonl -o b.jsonl --summary b.jsonl.journal",
        "a.jsonl --summary a.jsonl",
        "a.jsonl -o a.jsonl",
        "a.jsonl -o link.jsonl",
        "a.jsonl -o hard.jsonl",
        "out.jsonl.partial.jsonl out.jsonl.partial -o out.jsonl",
        "out.jsonl.journal -o out.jsonl",
        "out.jsonl.rejects.jsonl.partial -o out.jsonl",
        "a.jsonl -o model/weights.npy",
        "a.jsonl -o b.jsonl --summary model/manifest.json",
    ],
)
def test_what_would_be_destroyed_is_refused_before_anything_is_opened(place: Path, model: Path, arguments: str) -> None:
    shutil.copytree(model, "model")
    shutil.copy("a.jsonl", "out.jsonl.partial.jsonl")
    before = contents(place)
    result = invoke(main, ["tag", *arguments.split(), "--model", "model"])
    assert result.exit_code == 1, result.output
    assert "name another file to write" in result.stderr
    assert contents(place) == before


def test_the_library_refuses_too(place: Path, model: Path) -> None:
    before = contents(place)
    for source, options in (
        ("out.jsonl.partial", RunOptions()),
        ("a.jsonl", RunOptions(also_written=("out.jsonl.table",))),
    ):
        with pytest.raises(DataError, match="name another file to write; it "):
            tag_files([source], "out.jsonl", model=model, options=options)
    assert contents(place) == before


@pytest.mark.full
@pytest.mark.parametrize("to", ["-o b.jsonl --summary a.jsonl", "-o a.jsonl", "-o hard.jsonl"])
def test_standard_input_may_be_a_file_that_is_not_to_be_written(place: Path, model: Path, to: str) -> None:
    before = contents(place)
    with Path("a.jsonl").open("rb") as file:
        command = [sys.executable, "-m", "tagger", "tag", "-", *to.split(), "--model", str(model)]
        done = subprocess.run(command, stdin=file, capture_output=True, text=True, check=False)
    assert (done.returncode, contents(place)) == (1, before), done.stderr
    assert "is read and written at once" in done.stderr


def test_a_summary_has_the_mode_of_other_files(place: Path, model: Path) -> None:
    before = os.umask(0o027)
    try:
        result = invoke(main, ["tag", "a.jsonl", "-o", "b.jsonl", "--summary", "s.json", "--model", model])
    finally:
        os.umask(before)
    assert result.exit_code == 0, result.output
    assert {(place / name).stat().st_mode & 0o777 for name in ("b.jsonl", "s.json")} == {0o640}
