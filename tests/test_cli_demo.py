"""`tagger demo`: what it writes is small, clean and learnt from, and the commands that it prints work as they stand."""

import csv
import re
import shlex
from collections import Counter
from pathlib import Path

import pytest
from command_line import invoke

from tagger import messages
from tagger.cli import main
from tagger.dataset import read_dataset

# What texts of pool.csv are about, by their numbers there.
TRUTH = {
    "做饭": {2, 5, 6, 7, 15, 16, 17, 27, 28, 35, 46, 49, 53, 54, 56, 57, 60},
    "养花": {4, 9, 10, 12, 19, 21, 26, 28, 30, 32, 33, 45, 48, 51, 58, 59},
    "出行": {1, 3, 13, 18, 20, 22, 24, 29, 35, 36, 40, 41, 43, 44, 47, 50},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    result = invoke(main, ["demo", tmp_path / "new" / "a demo"])
    assert (result.exit_code, result.stderr) == (0, "")
    return tmp_path / "new" / "a demo"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_sheet_that_excel_opens_a_pool_and_topics_are_written(folder: Path) -> None:
    assert sorted(path.name for path in folder.parent.rglob("*")) == ["a demo", "labels.csv", "pool.csv", "topics.toml"]
    for name in ("labels.csv", "pool.csv"):
        assert (folder / name).read_bytes().startswith(b"\xef\xbb\xbf")
    dataset = read_dataset(folder / "labels.csv")
    assert [topic.name for topic in dataset.topics if topic.keywords] == ["做饭", "养花", "出行"]
    counts = Counter(len(example.topics) for example in dataset.examples)
    assert counts[0] > 10
    assert counts[2] > 3
    assert 80 < len(dataset.examples) < 100
    assert len(rows(folder / "pool.csv")) == 60


def test_no_two_of_its_texts_share_a_long_run_of_characters(folder: Path) -> None:
    texts = [row["文本"] for name in ("labels.csv", "pool.csv") for row in rows(folder / name)]
    runs = Counter(run for text in texts for run in {text[i : i + 16] for i in range(len(text) - 15)})
    assert [run for run, count in runs.items() if count > 1] == []


def test_a_folder_that_is_there_stays_as_it_is(folder: Path) -> None:
    (folder / "labels.csv").write_text("mine", encoding="utf-8")
    result = invoke(main, ["demo", folder])
    assert result.exit_code == 1
    assert f"{folder}: is there already, and stays as it is; name a new folder" in result.stderr
    assert (folder / "labels.csv").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_written_is_said_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = invoke(main, ["demo", tmp_path / "file" / "demo"])
    assert result.exit_code == 1
    assert "file/demo: cannot be written: " in result.stderr
    result = invoke(main, ["demo", tmp_path / ("long" * 100)])
    assert result.exit_code == 1
    assert "cannot be written: File name too long; choose another folder" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_it_prints_the_same_commands_in_every_language(tmp_path: Path) -> None:
    printed = []
    for language in messages.LANGUAGES:
        with messages.used(language):
            printed.append(
                re.findall(r"(?m)^    (?:cd|tagger) .+$", invoke(main, ["demo", tmp_path / language]).stdout)
            )
    assert [line.replace("en", "zh") for line in printed[0]] == printed[1]
    assert len(printed[1]) == 5


@pytest.mark.full
def test_the_commands_that_it_prints_work_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    printed = invoke(main, ["demo", "my demo"]).stdout
    commands = [shlex.split(line) for line in re.findall(r"(?m)^    ((?:cd|tagger) .+)$", printed)]
    assert [words[:2] for words in commands[:2]] == [["cd", "my demo"], ["tagger", "train"]]
    outputs = {}
    for program, *arguments in commands:
        if program == "cd":
            monkeypatch.chdir(arguments[0])
        else:
            result = invoke(main, arguments)
            assert result.exit_code == 0, result.stderr
            outputs[arguments[0]] = result
    assert list(outputs) == ["train", "evaluate", "tag", "explain"]
    (macro,) = re.findall(r"(?m)^macro +84 +.* (0\.\d+) \([^)]+\) *$", outputs["evaluate"].stdout)
    assert float(macro) > 0.75
    true = {number: {topic for topic in TRUTH if number in TRUTH[topic]} for number in range(1, 61)}
    found = {int(row["编号"]): set(filter(None, row["topics"].split("|"))) for row in rows(Path("tagged.csv"))}
    assert sum(found[number] == topics for number, topics in true.items()) >= 48
