"""`tagger tag` on a terminal: a page for each article, and every option as anywhere else."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from terminal import run_on_a_terminal

FRAUD = "民警在银行柜台劝住了正要给“客服”转账的老人。"
GOOD = orjson.dumps({"text": FRAUD}) + b"\n"


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A good line, a broken one, a blank one and another good one."""
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(GOOD + b"{bad\n\n" + GOOD)
    return path


def test_a_terminal_gets_a_page_for_each_article(root: Path) -> None:
    page = run_on_a_terminal("tag", *sorted((root / "seeds").glob("004*.txt"))).text
    assert "反诈" in page
    assert "34 paragraphs have no topic" in page
    assert '{"file"' not in page


def test_a_terminal_gets_json_where_it_is_asked_for(root: Path) -> None:
    assert json.loads(run_on_a_terminal("tag", "--json", root / "seeds" / "README.md").text)["file"]


def test_pages_of_an_empty_article_and_of_one_without_topics(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    (tmp_path / "plain.txt").write_text("???", encoding="utf-8")
    assert "no text" in run_on_a_terminal("tag", tmp_path / "empty.txt").text
    assert "no topic" in run_on_a_terminal("tag", tmp_path / "plain.txt").text


def test_json_lines_get_pages_headed_by_file_line_and_title(tmp_path: Path) -> None:
    first = {"text": FRAUD, "headline": "劝阻\x1b转账", "topics": "of the record's own"}
    second = {"text": "今天下雨。\r\n" + FRAUD, "headline": None}
    lines = [orjson.dumps(first), b" ", orjson.dumps(second).replace(b'"headline"', b'\r"headline"')]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    code, page = run_on_a_terminal("tag", tmp_path / "in.jsonl", "--title-field", "headline", columns=200, term="xterm")
    one, two = page.split("paragraphs have no topic")[:2]
    assert code == 0
    assert f"{tmp_path / 'in.jsonl'}:1  劝阻 转账 ───" in one
    assert f"{tmp_path / 'in.jsonl'}:3 ───" in two
    assert ["反诈" in part and "劝" in part for part in (one, two)] == [True, True]


def test_rows_of_a_table_get_pages(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"id,text\n7,{FRAUD}\n8,今天下雨。\n", encoding="utf-8")
    page = run_on_a_terminal("tag", tmp_path / "in.csv", columns=200, term="xterm").text
    assert [f"in.csv:{row} ───" in page for row in (2, 3)] == [True, True]
    assert page.index("反诈") < page.index("no topic")


def test_what_cannot_be_tagged_is_reported_between_the_pages(mixed: Path, tmp_path: Path) -> None:
    (tmp_path / "no.txt").write_bytes(b"\xff\xfe\xff")
    code, shown = run_on_a_terminal("tag", mixed, tmp_path / "no.txt", columns=200, term="xterm")
    assert code == 1
    assert f"Error: {mixed}:2: not JSON" in shown
    assert f"Error: {tmp_path / 'no.txt'}: byte 0xff" in shown
    assert "2 could not be tagged (broken JSON 1, unreadable file 1)" in shown
    assert [f"mixed.jsonl:{line} ───" in shown for line in (1, 4)] == [True, True]


def test_strict_stops_on_a_terminal_too(mixed: Path) -> None:
    code, shown = run_on_a_terminal("tag", mixed, "--strict", columns=200, term="xterm")
    assert code == 1
    assert [f"mixed.jsonl:{line} ───" in shown for line in (1, 4)] == [True, False]
    assert f"Error: {mixed}:2: not JSON" in shown
    assert "Without --strict, what cannot be tagged is put aside" in shown


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize("name", ["mixed.jsonl", "t.txt"])
def test_the_summary_is_that_of_a_pipe(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.txt").write_text(FRAUD, encoding="utf-8")
    given = ["tag", str(tmp_path / name), "--summary"]
    shown = run_on_a_terminal(*given, tmp_path / "terminal.json")
    piped = subprocess.run(
        [sys.executable, "-m", "tagger", *given, tmp_path / "pipe.json"], capture_output=True, check=False
    )
    assert shown.exit_code == piped.returncode
    terminal, pipe = (json.loads((tmp_path / f"{where}.json").read_bytes()) for where in ("terminal", "pipe"))
    measured = {"seconds", "lines_per_second", "bytes_per_second"}
    assert {name: terminal[name] for name in terminal.keys() - measured} == {
        name: pipe[name] for name in pipe.keys() - measured
    }
    assert terminal["topics"] == {"anti_fraud": terminal["tagged"]}


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize("name", ["mixed.jsonl", "t.txt"])
def test_a_terminal_cannot_be_resumed(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.txt").write_text(FRAUD, encoding="utf-8")
    code, shown = run_on_a_terminal("tag", tmp_path / name, "--resume", columns=200, term="xterm")
    assert (code, "--resume goes on with a file: name it with -o" in shown, "───" in shown) == (2, True, False)


@pytest.mark.full
def test_options_that_shape_json_change_no_page(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(GOOD)
    plain = run_on_a_terminal("tag", tmp_path / "in.jsonl")
    for shape in (["--topics-only"], ["--output-field", "x"], ["--explain", "1", "--paragraphs"]):
        assert run_on_a_terminal("tag", tmp_path / "in.jsonl", *shape) == plain
    sure = run_on_a_terminal("tag", tmp_path / "in.jsonl", "--min-probability", "1")
    assert ("no topic" in sure.text, "反诈" in sure.text) == (True, False)


def test_a_signal_ends_the_pages_with_a_word() -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tagger", "tag", "-"], stdin=subprocess.PIPE, stdout=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    assert process.stdin is not None
    process.stdin.write(GOOD)
    process.stdin.flush()
    shown = b""
    while b"have no topic" not in shown:
        shown += os.read(ours, 4096)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    os.close(ours)
    assert (process.returncode, told) == (130, b"stopped after 1 line\n")
