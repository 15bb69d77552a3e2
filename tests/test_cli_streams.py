"""What is closed, full or may not be looked into is told in a line."""

import io
import os
import shlex
import subprocess
import sys
from pathlib import Path

import click
import orjson
import pytest
from command_line import invoke
from terminal import run_on_a_terminal

from tagger.batch import tag_files
from tagger.cli import main
from tagger.cli.streams import forgive_characters

CLOSED = "Error: standard output cannot be written: it is closed"


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = f"{shlex.quote(sys.executable)} -m tagger {line}"
    return subprocess.run(
        ["/bin/bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.full
@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("show >&-", 1, CLOSED),
        ("show --json >&-", 1, CLOSED),
        ("explain 民警 >&-", 1, CLOSED),
        ("show > /dev/full", 1, "Error: standard output cannot be written: No space left on device"),
        ("tag in.jsonl >&-", 1, "Error: the output cannot be written: it is closed"),
        ("tag in.jsonl > /dev/full", 1, "Error: the output cannot be written: No space left on device"),
        ("tag <&-", 0, ""),
        ("explain - <&-", 0, ""),
        ("show 2>&-", 0, ""),
        ("tag none.jsonl 2>&-", 1, ""),
        ("tag in.jsonl -o out.jsonl --jobs 2 --chunk-bytes 1000 <&- >&- 2>&-", 0, ""),
    ],
)
def test_closed_and_full_streams_end_in_a_line(tmp_path: Path, line: str, code: int, told: str) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "民警劝阻了转账"}\n' * 300, encoding="utf-8")
    done = shell(line, tmp_path)
    assert (done.returncode, done.stderr.strip()) == (code, told)
    if "out.jsonl" in line:
        written = (tmp_path / "out.jsonl").read_bytes().splitlines()
        assert [orjson.loads(each)["topics"] for each in written] == [["anti_fraud"]] * 300


def test_an_error_of_a_file_is_not_taken_for_one_of_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    from tagger.cli import show  # noqa: PLC0415 - shadows the function of that name

    def broken(*_: object) -> str:
        raise FileNotFoundError(2, "No such file", "some file")

    monkeypatch.setattr(show, "model_hash", broken)
    assert isinstance(invoke(main, ["show"]).exception, FileNotFoundError)


def test_folders_that_are_not_looked_into_are_told(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("texts/deep", "texts/closed.pdf", "elsewhere.jsonl"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.txt").write_text("苹果", encoding="utf-8")
    (tmp_path / "texts" / "link.jsonl").symlink_to(tmp_path / "elsewhere.jsonl", target_is_directory=True)
    scandir = os.scandir

    def closed(path: str) -> object:
        if str(path).endswith("closed.pdf"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    out = tmp_path / "out.jsonl"
    counts = tag_files([str(tmp_path / "texts")], out, model=model).counts
    assert (counts.tagged, counts.rejected) == (1, 2)
    rejects = [orjson.loads(line) for line in Path(f"{out}.rejects.jsonl").read_bytes().splitlines()]
    assert [Path(reject["file"]).name for reject in rejects] == ["closed.pdf", "link.jsonl"]
    assert all("is a link to a folder, or one that may not be read" in reject["reason"] for reject in rejects)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("gbk", "#*·–…→反诈\\U0001f600"),
        ("latin-1", "¶*·-...->\\u53cd\\u8bc8\\U0001f600"),
        ("utf-8", "¶•·–…→反诈😀"),
    ],
)
def test_what_an_encoding_lacks_is_shown_in_another_way(
    monkeypatch: pytest.MonkeyPatch, encoding: str, shown: str
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    forgive_characters()
    click.echo("¶•·–…→反诈😀", nl=False)
    assert written.getvalue().decode(encoding) == shown
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    forgive_characters()


def test_a_page_on_a_terminal_in_gbk_is_whole(model: Path) -> None:
    page = run_on_a_terminal("tag", "--model", model, "这个苹果很甜😀", encoding="gbk")
    assert page.exit_code == 0
    assert page.text.splitlines()[-2] == "0 of 1 paragraphs have no topic"
    assert " #  topics " in page.text
    assert "\\U0001f600" in page.text
