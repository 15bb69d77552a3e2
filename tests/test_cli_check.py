"""tagger check: what it prints and writes."""

import json
from pathlib import Path

import pytest
from command_line import invoke

from tagger.cli import main

LONG = "警方提醒广大市民不要轻信陌生来电不要向陌生账户转账"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(f"text,label\n{LONG},反诈\n{LONG}!,宣传\n球队赢了比赛,体育\n,体育\n", encoding="utf-8")
    return path


def test_a_summary_is_printed_and_the_findings_are_written(labels: Path) -> None:
    labels.write_text(f"{labels.read_text(encoding='utf-8')}花开了,花|草\n", encoding="utf-8")  # two rare topics
    output = labels.with_name("findings.csv")
    result = invoke(main, ("check", labels, "-o", output, "--lang", "en", "--jobs", "1"))
    assert result.exit_code == 0
    assert "4 examples of 4 documents" in result.stdout
    assert "5  are topics with too few examples to learn from  (lines 2, 3, 4, 6)" in result.stdout
    assert "2  stand among equal texts with other topics  (lines 2, 3)" in result.stdout
    assert "too little to learn from: no label was judged" in result.stdout
    assert "findings.csv: 8 rows" in result.stderr
    assert output.read_text(encoding="utf-8-sig").startswith("line,document,paragraph,problem,")


def test_json_holds_every_finding(labels: Path) -> None:
    result = invoke(main, ("check", labels, "--json", "--jobs", "1"))
    found = json.loads(result.stdout)
    assert [finding["line"] for finding in found["findings"] if finding["kind"] == "conflict"] == [2, 3]


def test_what_cannot_be_read_or_written_is_said(labels: Path) -> None:
    assert invoke(main, ("check", labels.with_name("nothing.csv"))).exit_code == 1
    assert "another file" in invoke(main, ("check", labels, "-o", labels)).stderr
    assert invoke(main, ("check", labels, "-o", "findings.doc")).exit_code == 1


@pytest.mark.full
def test_labels_that_look_wrong_are_shown_with_what_is_expected(tmp_path: Path) -> None:
    """Enough for one planting; the topics' words could hardly be told better."""
    words = {"天气": "气温阵雨台风降雪预报寒潮", "体育": "球队比赛进球冠军教练射门"}
    rows = [
        f"{''.join(text[(place * step) % 12] for step in (1, 5, 7, 11, 13, 17, 19, 23))}{place},{name}"
        for place in range(60)
        for name, text in words.items()
    ]
    rows[10] = rows[10].replace("天气", "体育")
    path = tmp_path / "labels.csv"
    path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    result = invoke(main, ("check", path, "--jobs", "1"))
    assert result.exit_code == 0
    assert "1  look as if another topic were right" in result.stdout
    assert "of the first 100 that look wrong about" in result.stdout
    assert "often confused: 体育 is likelier 天气, 1 time" in result.stdout
    assert "line 12: " in result.stdout.splitlines()[-1]
    few = tmp_path / "few.csv"
    few.write_text("text,label\n" + "\n".join(rows[:24]) + "\n", encoding="utf-8")
    result = invoke(main, ("check", few, "--jobs", "1"))
    assert "too few examples to tell how many of these are wrong" in result.stdout
