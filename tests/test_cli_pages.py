"""`tagger tag` on a terminal: a page for each article, and every option as anywhere else."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import orjson
import pytest
from rich.console import Console
from terminal import run_on_a_terminal

from tagger.cli.pages import _decided, _marked
from tagger.evidence import Evidence, Stretch

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


@pytest.mark.full
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


@pytest.mark.full
def test_what_decided_is_told_in_whole_words(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text(FRAUD, encoding="utf-8")
    for encoding in ("utf-8", "gbk"):
        page = run_on_a_terminal("tag", tmp_path / "in.txt", columns=200, term="xterm", encoding=encoding).text
        (line,) = [line for line in page.splitlines() if "民警" in line]
        _number, _topic, _sure, paragraph, *decided = line.split()
        assert paragraph == FRAUD
        assert decided == ["劝住", "转账", "正要给", "客服"]


def test_a_line_begins_where_what_decided_can_be_seen(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text(f"{'民警昨天在银行，' * 9}{FRAUD * 2}", encoding="utf-8")
    page = run_on_a_terminal("tag", tmp_path / "in.txt").text
    (line,) = [line for line in page.splitlines() if "劝住" in line]
    assert re.search(r"反诈 \d+%\s+… \S*劝住", line)


@pytest.mark.parametrize("no_color", [False, True])
def test_what_decided_is_marked_with_and_without_colours(*, no_color: bool) -> None:
    evidence = [
        Evidence("a", (Stretch(0, 2, 0.9), Stretch(3, 4, 0.1)), 0.0),
        Evidence("b", (Stretch(1, 4, 0.5),), 0.0),
        Evidence("c", (), 0.0),
    ]
    colours = {"a": "green", "b": "red", "c": "blue"}
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, color_system="standard", no_color=no_color, width=40)
    console.print(_marked("全国反诈，", evidence, colours, 40))
    style = "\x1b[1;4m" if no_color else "\x1b[1;4;32m"
    assert f"{style}全" in shown.getvalue()
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown.getvalue()) == "全国反诈，\n"
    assert [line.plain for line in _decided("全国反诈，", evidence, colours)] == ["全国 诈", "国反诈", ""]
    assert _marked("全国", [evidence[2]], colours, 2).plain == "全国"
    assert _marked("，" * 9 + "反诈，", [Evidence("a", (Stretch(9, 11, 0.5),), 0.0)], colours, 12).plain == "… ，反诈，"


@pytest.mark.skipif(find_spec("opencc") is None, reason="OpenCC is not installed: pip install 'tagger-zh[traditional]'")
def test_traditional_text_is_marked_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("民警在銀行櫃台勸住了正要給「客服」轉賬的老人。", encoding="utf-8")
    page = run_on_a_terminal("tag", tmp_path / "in.txt", "--simplify").text
    (line,) = [line for line in page.splitlines() if "民警" in line]
    assert "勸住" in line.split()[4:]


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


@pytest.mark.full
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


@pytest.mark.full
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
