"""An option of reading that would do nothing for what is read is refused, by every command that has it."""

import io
import os
import sys
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import click
import pytest
from command_line import invoke

from tagger.batch import Fields, RunOptions, Stream, tag_files
from tagger.cli import main
from tagger.errors import DataError
from tagger.formats import FileOptions
from tagger.formats.fitting import check_fitting
from tagger.messages import used

FILES = {
    "a.csv": "text,label\n苹果,水果\n".encode(),
    "a.jsonl": '{"text": "苹果"}\n'.encode(),
    "a.txt": "苹果".encode(),
    "a.parquet": b"PAR1",
    "a.xls": b"\xd0\xcf\x11\xe0",
    "a.png": b"\x89PNG",
    "folder/a.txt": "苹果".encode(),
}
# Option → the files for which it does something.
USE = {
    "sheet": {"a.xls"},
    "fill_merged": {"a.xls"},
    "delimiter": {"a.csv"},
    "encoding": {"a.csv", "a.jsonl", "a.txt", "folder"},
    "errors": {"a.csv", "a.jsonl", "a.txt", "folder"},
}
GIVEN = {"sheet": "2", "fill_merged": True, "delimiter": ";", "encoding": "gb18030", "errors": "replace"}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("option", USE)
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.txt", "a.parquet", "a.xls", "folder"])
def test_an_option_is_refused_where_it_does_nothing(name: str, option: str) -> None:
    options = FileOptions(**{option: GIVEN[option]})  # type: ignore[arg-type]
    if name in USE[option]:
        check_fitting([name], options, articles=True)
    else:
        flag = {"errors": "encoding-errors"}.get(option, option.replace("_", "-"))
        with pytest.raises(DataError, match=f"^{name}: is .*, and --{flag} is for .*: leave --{flag} out"):
            check_fitting([name], options, articles=True)


@pytest.mark.usefixtures("files")
def test_it_is_enough_that_it_does_something_for_one_file_of_several() -> None:
    sheet = FileOptions(sheet="2")
    check_fitting(["a.csv", "a.xls"], sheet)
    check_fitting(["a.csv"], FileOptions())
    for unknown in (["-"], ["a.csv", "-"], ["a.png"], ["there is none"], []):
        check_fitting(unknown, sheet)
    with pytest.raises(DataError, match=r"^a\.csv: .*, --sheet is for workbooks, and none of the 3 inputs is such"):
        check_fitting(["a.png", "a.csv", "a.txt"], sheet)
    with pytest.raises(DataError, match="--sheet is for workbooks, and none of the 2 inputs"):
        check_fitting(["a.csv", "a.txt"], FileOptions(sheet="2", delimiter=";", encoding="gb18030"), articles=True)
    with used("zh"), pytest.raises(DataError, match=r"a\.csv: 是文本表格，而 --sheet 只用于工作簿"):
        check_fitting(["a.csv"], sheet)


COMMANDS = {
    "tag": ["a.csv"],
    "report": ["a.csv", "-o", "a.html"],
    "train": ["a.csv", "--unlabelled", "a.jsonl", "-o", "m"],
    "evaluate": ["a.csv", "a.jsonl"],
    "check": ["a.csv"],
    "apply": ["findings.xlsx", "a.csv"],
    "label": ["a.jsonl", "a.csv"],
    "suggest": ["a.jsonl", "--labels", "a.csv"],
    "keywords": ["a.jsonl", "--labels", "a.csv"],
    "convert": ["a.csv", "b.jsonl"],
}


def test_every_command_that_has_the_options_refuses_them(files: Path) -> None:
    context = click.Context(main)
    commands = {name: main.get_command(context, name) for name in main.list_commands(context)}
    having = {name for name, found in commands.items() if found and "sheet" in {p.name for p in found.params}}
    assert having == set(COMMANDS)
    for name, arguments in COMMANDS.items():
        result = invoke(main, [name, *arguments, "--sheet", "2"])
        assert result.exit_code == 1
        lacks = name == "report" and find_spec("jinja2") is None  # which it asks for first
        assert ("pip install 'tagger-zh[" if lacks else "--sheet is for workbooks") in result.stderr
    assert {path.name for path in files.iterdir()} == {name.partition("/")[0] for name in FILES}


@pytest.mark.usefixtures("files")
def test_standard_input_and_words_are_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke(main, ["tag", "-", "--sheet", "2"], stdin=FILES["a.csv"])
    assert "Error: -: is a table of text, and --sheet is for workbooks" in result.stderr
    for options in (["--encoding", "gb18030"], ["--form", "csv"], ["--title-field", "title"]):
        result = invoke(main, ["tag", "苹果很甜", *options])
        assert f"Error: 苹果很甜: is text itself, no file, and {options[0]} is for" in result.stderr
    assert invoke(main, ["tag", "苹果很甜", "--lines"]).exit_code == 0
    # Beside a file it is not asked, as nobody knows what it is before it is read.
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FILES["a.csv"])))
    tag_files(["-", "a.txt"], Stream(io.BytesIO(), print), options=RunOptions(sheet="2", jobs=1))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_read_once(files: Path) -> None:
    os.mkfifo(files / "pipe")
    for options, message in (({"encoding": "utf-8"}, ""), ({"sheet": "2"}, "is a table of text, and --sheet is for")):
        writer = Thread(target=(files / "pipe").write_bytes, args=(FILES["a.csv"],))
        writer.start()
        out = io.BytesIO()
        with pytest.raises(DataError, match=message) if message else nullcontext():
            tag_files(["pipe"], Stream(out, print), options=RunOptions(jobs=1, form="csv", **options))  # type: ignore[arg-type]
        writer.join()
        assert bool(out.getvalue()) == (not message)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("flag", "fields"), [("--title-field", Fields(title="t")), ("--text-field", Fields(text="t"))])
def test_a_text_has_no_fields(flag: str, fields: Fields) -> None:
    with pytest.raises(DataError, match=f"is a text, and {flag} is for records: leave {flag} out, or say by --form"):
        tag_files(["a.txt"], Stream(io.BytesIO(), print), fields=fields)
