"""The examples of docs/labelling-loop.md print what stands there."""

import re
import shlex
from pathlib import Path

import pytest
from command_line import invoke
from extras import needs_workbooks

from tagger.cli import main

LABELS = "text,topics\n甲段,反诈\n乙段,政务服务\n丙段,\n丁段,反诈|政务服务\n戊段,未标注\n"
FINDINGS = (
    "line,suggestion,decision,text\n2,政务服务,改,甲段\n3,反诈,对,乙段\n4,,反诈|政务服务,丙段\n5,反诈,拿不准,丁段\n"
)


@needs_workbooks
def test_the_examples_print_what_they_say(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = root / "docs" / "labelling-loop.md"
    if not document.is_file():
        pytest.skip("not beside these tests")
    monkeypatch.chdir(tmp_path)
    Path("labels.csv").write_text(LABELS, "utf-8")
    Path("findings.csv").write_text(FINDINGS, "utf-8")
    text = document.read_text("utf-8")
    tried = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for command, expected in re.findall(r"\$ tagger (.*)\n((?:(?!\$ ).*\n)*)", block):
            if command.split()[0] in ("apply", "convert"):
                result = invoke(main, shlex.split(command))
                assert result.stdout + result.stderr == expected
                tried.append(command)
    assert len(tried) == 4
