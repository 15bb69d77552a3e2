"""Decisions in a sheet of findings go into the label file, and none that does not fit any more."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any

import orjson
import pytest
from command_line import invoke
from extras import needs_workbooks
from foreign import foreign

import tagger.curation
from tagger.cli.group import main
from tagger.curation import Applied, Changed, RefusedRow, apply_findings
from tagger.dataset import LabelOptions, read_labels
from tagger.dataset.keys import example_key
from tagger.errors import DataError, RunError
from tagger.formats.sheets import write_sheet

LABELS = "text,topics\r\n甲段,反诈\r\n乙段,\r\n丙段,反诈|政务服务\r\n丁段,政务服务\r\n"
TOPICS = '[anti_fraud]\ntitle = "反诈"\n[service]\ntitle = "政务服务"\n[law]\ntitle = "执法"\n'
HEADER = ["line", "document", "paragraph", "problem", "wrong", "topics", "suggestion", "decision", "text", "key"]
CHINESE = ["行", "文档", "段落", "问题", "把握", "现标", "建议", "决定", "文本", "键"]


class Desk:
    """A label file and a sheet of findings about its lines, with a decision and a suggestion for each."""

    def __init__(self, folder: Path) -> None:
        self.labels = folder / "labels.csv"
        self.labels.write_bytes(LABELS.encode("gb18030"))
        self.findings = folder / "findings.csv"
        self.topics = folder / "topics.toml"

    def keys(self) -> dict[int, tuple[str, str]]:
        read = read_labels(self.labels, LabelOptions(without_topic="keep"))
        return {example.line or 0: (example.text, example_key(example)) for example in read.examples}

    def find(
        self,
        *decided: tuple[int, str] | tuple[int, str, str],
        header: Sequence[str] = HEADER,
        name: str = "findings.csv",
    ) -> None:
        keys = self.keys()
        self.findings = self.labels.with_name(name)
        rows: list[list[str | float | None]] = []
        for line, decision, *suggestion in decided:
            text, key = keys.get(line, ("", "0" * 12))
            rows.append([line, "a.txt", 1, "x", 0.9, "", *(suggestion or [""]), decision, text, key])
        write_sheet(self.findings, header, rows, exact=["text", "key"])

    def apply(self, **options: Any) -> Applied:
        return apply_findings(self.findings, self.labels, **options)

    def read(self) -> str:
        return self.labels.read_bytes().decode("gb18030")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def reasons(applied: Applied) -> list[str]:
    return [row.reason for row in applied.refused]


def test_decisions_are_written_and_the_file_before_is_kept(desk: Desk) -> None:
    desk.find((2, "改", "政务服务"), (3, "反诈"), (4, "对", "反诈"), (5, "拿不准", "反诈"))
    applied = desk.apply()
    assert desk.read() == LABELS.replace("甲段,反诈", "甲段,政务服务").replace("乙段,", "乙段,反诈")
    assert applied == Applied(
        findings=str(desk.findings),
        labels=str(desk.labels),
        output=str(desk.labels),
        backup=f"{desk.labels}.bak",
        rows=4,
        changed=(Changed(2, "反诈", "政务服务"), Changed(3, "", "反诈")),
        refused=(),
        kept=1,
        already=0,
        undecided=1,
    )
    assert Path(f"{desk.labels}.bak").read_bytes() == LABELS.encode("gb18030")


@pytest.mark.parametrize("name", ["found.csv", "found.tsv", pytest.param("found.xlsx", marks=needs_workbooks)])
def test_the_sheet_may_be_chinese_and_of_any_form(desk: Desk, name: str) -> None:
    desk.find((2, "change", "政务服务|反诈"), (3, "政务服务、反诈"), (4, "都不是"), header=CHINESE, name=name)
    assert reasons(desk.apply()) == []
    assert [line.partition(",")[2] for line in desk.read().split("\r\n")[1:]] == [
        "反诈|政务服务", "政务服务|反诈", "", "政务服务", "",
    ]  # fmt: skip


def test_lines_of_json_may_have_lists(desk: Desk) -> None:
    desk.findings = desk.labels.with_name("f.jsonl")
    keys = desk.keys()
    rows: list[dict[str, Any]] = [
        {"line": 2, "decision": ["政务服务", "反诈"]},
        {"line": 3, "decision": "yes", "suggestion": ["反诈"]},
        {"line": 4, "decision": "yes", "suggestion": []},
        {"line": 5, "decision": None},
        {"line": 5, "decision": {"a": 1}},
    ]
    desk.findings.write_bytes(b"\n".join(orjson.dumps(row | {"key": keys[row["line"]][1]}) for row in rows))
    applied = desk.apply()
    assert [change.after for change in applied.changed] == ["反诈|政务服务", "反诈", ""]
    assert (applied.undecided, applied.refused[0].row) == (1, 5)


def test_topics_go_by_name_and_title_and_are_written_as_the_file_has_them(desk: Desk) -> None:
    desk.topics.write_text(TOPICS, "utf-8")
    desk.find((2, "law"), (3, "ANTI_FRAUD、执法"), (5, "service"))
    applied = desk.apply()
    # Nothing in the file is called 执法, but the others go by their titles.
    assert [change.after for change in applied.changed] == ["执法", "反诈|执法"]
    assert applied.already == 1


def test_a_file_of_names_gets_names(desk: Desk) -> None:
    desk.topics.write_text(TOPICS, "utf-8")
    desk.labels.write_bytes(b"text,topics\na,anti_fraud\nb,service\n")
    desk.find((2, "执法|反诈"))
    assert [change.after for change in desk.apply(topics=str(desk.topics)).changed] == ["anti_fraud|law"]
    assert desk.labels.read_bytes() == b"text,topics\na,anti_fraud|law\nb,service\n"


def test_keys_by_the_names_of_topics_fit_a_file_of_titles(desk: Desk) -> None:
    desk.topics.write_text(TOPICS, "utf-8")
    (example, *_) = read_labels(desk.labels).examples
    key = example_key(replace(example, topics=("anti_fraud",)))
    write_sheet(desk.findings, ["line", "decision", "key"], [[2, "none", key]])
    assert [change.after for change in desk.apply().changed] == [""]


def test_a_line_that_changed_since_is_refused_and_the_others_are_applied(desk: Desk) -> None:
    desk.find((2, "政务服务"), (3, "反诈"), (5, "反诈"), (99, "反诈"))
    desk.labels.write_bytes(LABELS.replace("甲段,反诈\r\n乙段,\r\n", "甲段,\r\n甲甲,反诈\r\n").encode("gb18030"))
    applied = desk.apply()
    changed = "has changed since it was looked at: check the labels again"
    assert applied.refused == (
        RefusedRow(2, 2, f"line 2 {changed}"),
        RefusedRow(3, 3, f"line 3 {changed}"),
        RefusedRow(5, 99, f"line 99 {changed}"),
    )
    assert [change.line for change in applied.changed] == [5]


def test_where_a_line_went_is_said(desk: Desk) -> None:
    desk.find((2, "政务服务"))
    desk.labels.write_bytes(LABELS.replace("甲段,反诈\r\n乙段,\r\n", "乙段,\r\n甲段,反诈\r\n").encode("gb18030"))
    assert reasons(desk.apply()) == [
        "line 2 has changed since it was looked at; what was looked at stands on line 3 now: check the labels again"
    ]


def test_without_keys_the_text_tells_and_without_either_nothing_is_done(desk: Desk) -> None:
    rows: list[list[str | float | None]] = [
        [2, "政务服务", " 甲段"],
        [3, "反诈", "别的"],
        [4, "", ""],
        ["一", "反诈", "甲段"],
        [5, "ok", "丁段"],
    ]
    write_sheet(desk.findings, ["line", "decision", "text"], rows)
    applied = desk.apply()
    assert [change.line for change in applied.changed] == [2]
    assert reasons(applied) == [
        "line 3 has changed since it was looked at: check the labels again",
        "names no line of the labels",
    ]
    write_sheet(desk.findings, ["line", "decision"], [[3, "反诈"]])
    assert reasons(desk.apply()) == ["has neither key nor text, by which to tell whether the line is what it was"]


def test_a_text_that_the_sheet_has_cut_is_known_by_its_beginning(desk: Desk) -> None:
    long = "一段很长的话。" * 300
    desk.labels.write_bytes(f"text,topics\n{long},反诈\n乙段,政务服务\n".encode())
    rows: list[list[str | float | None]] = [[2, "政务服务", f"{long[:2000]}…"], [3, "反诈", f"{long[:2000]}…"]]
    write_sheet(desk.findings, ["line", "decision", "text"], rows)
    applied = desk.apply()
    assert ([change.line for change in applied.changed], [row.line for row in applied.refused]) == ([2], [3])


def test_what_cannot_be_understood_is_refused(desk: Desk) -> None:
    desk.find((2, "改"), (3, "反炸"), (4, "反诈|别的"), (5, "改", "无"))
    applied = desk.apply()
    todo = "a new one goes into topics.toml first; other decisions are 改, 对, 无 and 拿不准"
    assert reasons(applied) == [
        "there is no suggestion to take: write the topics, or none",
        f"unknown topic '反炸'; did you mean '反诈'?; {todo}",
        f"unknown topic '别的'; known are 反诈, 政务服务; {todo}",
    ]
    assert [change.after for change in applied.changed] == [""]


def test_a_topic_that_is_called_as_a_decision_is_asked_for(desk: Desk) -> None:
    desk.labels.write_bytes("text,topics\n甲段,对\n乙段,错\n".encode())
    desk.find((3, "对"), (2, "改", "错|对"))
    assert reasons(desk.apply()) == ["'对' is a topic and a decision: write the topic's other name"]


def test_decisions_that_differ_about_a_line_are_refused(desk: Desk) -> None:
    desk.find((2, "政务服务"), (3, "反诈"), (2, "对"), (3, "反诈"))
    applied = desk.apply()
    assert [(row.row, row.reason) for row in applied.refused] == [
        (row, "the decisions about line 2 differ in rows 2, 4: settle on one") for row in (2, 4)
    ]
    assert [change.line for change in applied.changed] == [3]


def test_a_cell_that_cannot_be_changed_is_refused_with_its_row(desk: Desk) -> None:
    desk.labels = desk.labels.with_name("labels.txt")
    desk.labels.write_bytes("__label__x 甲段\n__label__y 乙段\n".encode())
    desk.topics.write_text('[x]\n[y]\n["a b"]\n', "utf-8")
    desk.find((2, "a b"), (1, "y"))
    applied = desk.apply()
    assert applied.refused == (RefusedRow(2, 2, "topic 'a b' has a space, which no label of fastText can have"),)
    assert [change.line for change in applied.changed] == [1]


def test_given_again_nothing_is_left_to_do(desk: Desk) -> None:
    desk.find((2, "政务服务"), (3, "对"))
    desk.apply()
    again = desk.apply()
    assert (again.changed, again.already, again.kept, again.output, again.backup) == ((), 1, 1, None, None)
    assert not Path(f"{desk.labels}.bak.2").exists()


def test_no_file_that_was_kept_is_written_over(desk: Desk) -> None:
    kept = desk.labels.with_name("labels.csv.bak")
    kept.write_bytes(b"mine")
    desk.labels.chmod(0o640)
    desk.find((2, "政务服务"))
    assert desk.apply().backup == f"{kept}.2"
    assert kept.read_bytes() == b"mine"
    assert Path(f"{kept}.2").read_bytes() == LABELS.encode("gb18030")
    assert {path.stat().st_mode & 0o777 for path in (desk.labels, Path(f"{kept}.2"))} == {0o640}
    # What a broken run has kept already is not kept twice.
    desk.labels.write_bytes(LABELS.encode("gb18030"))
    assert desk.apply().backup == f"{kept}.2"
    # A folder of that name is no file that was kept.
    Path(f"{kept}.2").unlink()
    Path(f"{kept}.2").mkdir()
    desk.labels.write_bytes(LABELS.encode("gb18030"))
    assert desk.apply().backup == f"{kept}.3"


def test_another_file_is_written_and_nothing_on_a_dry_run(desk: Desk) -> None:
    desk.find((2, "政务服务"))
    assert desk.apply(dry_run=True).output is None
    new = desk.labels.with_name("new.csv")
    applied = desk.apply(output=new)
    assert (applied.output, applied.backup) == (str(new), None)
    assert new.read_bytes() == LABELS.replace("甲段,反诈", "甲段,政务服务").encode("gb18030")
    assert desk.read() == LABELS
    assert desk.apply(output=desk.labels).backup == f"{desk.labels}.bak"


def test_outputs_that_would_destroy_something_are_refused(desk: Desk) -> None:
    desk.find((2, "政务服务"))
    with pytest.raises(DataError, match="is the sheet of findings: name another file"):
        desk.apply(output=desk.findings)
    with pytest.raises(DataError, match="is a folder: name a file to write"):
        desk.apply(output=desk.labels.parent)


def test_a_file_that_another_program_writes_meanwhile_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.find((2, "政务服务"))
    read = Path.read_bytes
    times: list[int] = []

    def changing(path: Path) -> bytes:
        data = read(path)
        if path == desk.labels and not times:
            times.append(1)
            desk.labels.write_bytes(b"text,topics\nother,x\n")
        return data

    monkeypatch.setattr(Path, "read_bytes", changing)
    with pytest.raises(RunError, match="was changed by another program meanwhile, and stays as it is"):
        desk.apply()
    assert desk.labels.read_bytes() == b"text,topics\nother,x\n"
    assert not list(desk.labels.parent.glob("*.bak"))


def test_sheets_that_are_none_of_findings_are_refused(desk: Desk) -> None:
    desk.findings.write_text("text,decision\na,b\n", "utf-8")
    with pytest.raises(DataError, match=r"has no column 'line' or '行'; found: 'text', 'decision'; give the sheet"):
        desk.apply()
    desk.findings.write_text("line,decision\n1,x,y\n", "utf-8")
    with pytest.raises(DataError, match=r"findings\.csv:2: has 3 cells where the header has 2"):
        desk.apply()


def test_an_empty_sheet_changes_nothing(desk: Desk) -> None:
    desk.find()
    assert (desk.apply().changed, desk.apply().rows) == ((), 4)


def test_on_the_command_line_what_changed_and_what_was_refused_is_said(desk: Desk) -> None:
    desk.find((2, "政务服务"), (3, "别的"), (4, "对"), (5, ""))
    command = ["apply", str(desk.findings), str(desk.labels)]
    dry = invoke(main, [*command, "--dry-run"])
    assert (dry.exit_code, dry.stdout) == (1, f"{desk.labels}:2: '反诈' → '政务服务'\n")
    assert f"{desk.labels}: 1 cell would change, 3 rows untouched\n" in dry.stderr
    done = invoke(main, [*command, "--json"])
    assert done.exit_code == 1
    assert orjson.loads(done.stdout)["changed"] == [{"line": 2, "before": "反诈", "after": "政务服务"}]
    assert f"{desk.findings}:3: unknown topic '别的'" in done.stderr
    assert f"1 cell changed, 3 rows untouched; before: {desk.labels}.bak" in done.stderr
    assert "1 found right, 1 undecided, 1 refused" in done.stderr
    desk.find((2, ""), (3, "拿不准"))
    undecided = invoke(main, command)
    assert (undecided.exit_code, "nothing is decided yet: fill in the column" in undecided.stderr) == (0, True)
    desk.find((2, "反诈"))
    new = invoke(main, [*command, "-o", f"{desk.labels}.new"])
    assert (new.exit_code, new.stderr) == (
        0,
        f"{desk.labels}: 1 cell changed in {desk.labels}.new, 3 rows untouched\n",
    )


@pytest.mark.full
def test_killed_at_any_moment_the_file_is_whole(desk: Desk) -> None:
    rows = "".join(f"第{number}段话,反诈\r\n" for number in range(4_000))
    old = f"text,topics\r\n{rows}".encode()
    desk.labels.write_bytes(old)
    desk.find(*((line, "政务服务") for line in range(2, 4_002, 2)), (3, "对"))
    desk.topics.write_text(TOPICS, "utf-8")
    command = [sys.executable, "-m", "tagger", "apply", str(desk.findings), str(desk.labels)]
    began = monotonic()
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    took = monotonic() - began
    new = desk.labels.read_bytes()
    assert new != old
    random, seen = Random(0), []  # noqa: S311 - moments, no secrets
    for number in range(20):
        for path in desk.labels.parent.glob("labels.csv.bak*"):
            path.unlink()
        desk.labels.write_bytes(old)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Half of them about the end, where it writes.
        sleep(took * (random.random() if number % 2 else random.uniform(0.8, 1.0)))
        process.kill()
        process.wait()
        now = desk.labels.read_bytes()
        assert now in (old, new)
        kept = list(desk.labels.parent.glob("labels.csv.bak*"))
        assert all(path.read_bytes() == old for path in kept)
        assert kept or now == old
        seen.append(now == new)
    assert False in seen


def test_deciding_loads_no_trainer() -> None:
    code = (
        "import sys, tagger.curation, tagger.exchange\n"
        "tagger.curation.apply_findings\n"
        "print([name for name in ('sklearn', 'scipy', 'joblib', 'pandas', 'xlsxwriter') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_room_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match=r"module 'tagger\.curation' has no attribute 'other'"):
        _ = tagger.curation.other


def test_reasons_are_in_the_language_used_and_english_for_programs(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.find((2, "反炸"), (3, "政务服务"), (3, "反诈"), (5, "改"))
    plain = desk.apply(dry_run=True)
    with foreign():
        applied = desk.apply(dry_run=True)
        assert applied.to_dict() == plain.to_dict()
    reasons = [row.reason for row in applied.refused]
    assert reasons[0].startswith("〔unknown topic '反炸'")
    assert reasons[1] == "〔the decisions about line 3 differ in rows 〔3, 4〕: settle on one〕"
    assert reasons[3] == "〔there is no suggestion to take: write the topics, or none〕"
