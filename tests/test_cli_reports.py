"""What a person reads of a report: the verdict, tables that fit, and examples that were wrong."""

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from command_line import invoke
from rich.cells import cell_len
from rich.console import Console

import tagger
from tagger import messages
from tagger.cli import main
from tagger.cli.reports import _print_confusion, _print_topics
from tagger.cli.verdicts import print_errors, print_terms, print_verdict
from tagger.evaluation import Report, WrongExample, WrongTopic, resampling
from tagger.evaluation.report import measure
from tagger.evaluation.resampling import Predictions
from tagger.messages import _

Run = Callable[..., Result]


@pytest.fixture(scope="module", autouse=True)
def fewer_resamples() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resampling, "RESAMPLES", 50)
        yield


@pytest.fixture
def run() -> Run:
    return lambda *arguments: invoke(main, arguments)


def report(topics: int, *, wrong: float = 0.3, title: str = "主题") -> Report:
    """Give a report of so many exclusive topics, each with this title and a number."""
    random = np.random.default_rng(0)
    target = np.zeros((40 * topics, topics), dtype=bool)
    target[np.arange(len(target)), np.arange(len(target)) % topics] = True
    assigned = np.where(random.random((len(target), 1)) < wrong, np.roll(target, 1, axis=1), target)
    return measure(
        Predictions(
            topics=tuple(f"topic_{n}" for n in range(topics)),
            groups=np.arange(len(target)),
            target=target,
            assigned=assigned,
            probability=assigned * 0.9,
            exclusive=True,
            titles=tuple(f"{title}{n:03}" for n in range(topics)),
        ),
        method="by hand",
        signature="",
    )


def shown(show: Callable[[Console], object], width: int) -> str:
    file = io.StringIO()
    show(Console(width=width, file=file, highlight=False))
    text = file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert "[" not in text
    return text


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("topics", [4, 24])
def test_the_table_of_topics_has_the_figures_that_fit(width: int, topics: int) -> None:
    found = report(topics)
    text = shown(lambda console: _print_topics(console, found), width)
    assert text.count("主题") == topics
    assert "…" not in text
    intervals = text.splitlines()[1].count("–")
    assert intervals == {60: 0, 80: 1, 140: 4}[width]


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("topics", [4, 24])
def test_columns_of_chinese_stand_under_each_other(width: int, topics: int) -> None:
    with messages.used("zh"):
        text = shown(lambda console: _print_topics(console, report(topics)), width)
        headings = [_("examples"), _("AP"), _("precision"), _("recall"), _("F1")]
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[0].split()[1:] == " ".join(headings).split()
    # Each column is flush right, so that the end of a heading is where its figures end.
    assert len({cell_len(line) for line in lines}) == 1
    ends = [{cell_len(line[: found.end()]) for found in re.finditer(r"\S+(?: \(.*?\))?", line)} for line in lines[1:]]
    assert all(len(of_line & ends[0]) >= len(headings) for of_line in ends)


@pytest.mark.parametrize("width", [60, 140])
def test_in_chinese_all_that_is_said_of_a_report_fits(width: int) -> None:
    with messages.used("zh"):
        for part in (
            lambda console: print_verdict(console, report(4).verdict),
            lambda console: _print_confusion(console, report(4)),
            lambda console: _print_confusion(console, report(24)),
            print_terms,
        ):
            assert max(map(cell_len, shown(part, width).splitlines())) <= width


def test_a_long_title_is_cut_and_no_figure_is() -> None:
    found = report(3, title="很长的主题名称又长又长又长")
    text = shown(lambda console: _print_topics(console, found), 60)
    rows = [line.split() for line in text.splitlines() if line.startswith("很长")]
    assert [("…" in row[-6], row[-5], len(row[-1])) for row in rows] == [(True, "40", 5)] * 3
    assert shown(lambda console: _print_topics(console, found), 30)  # where nothing fits, something is shown


def test_of_hundreds_of_topics_the_worst_are_shown() -> None:
    found = report(40)
    text = shown(lambda console: _print_topics(console, found), 80)
    assert text.count("主题") == 30
    assert "the 30 worst topics; 10 more are in --json" in text
    said = shown(lambda console: print_verdict(console, found.verdict), 80)
    assert "28 more topics are no worse; --json tells of all." in said


def test_confusion_is_a_table_where_it_fits_and_else_the_worst_pairs() -> None:
    few, many = report(4), report(24)
    table = shown(lambda console: _print_confusion(console, few), 80)
    assert "a row adds up to its" in table
    assert [line.split()[-1] for line in table.splitlines() if line.startswith("主题")] == ["40"] * 4
    pairs = shown(lambda console: _print_confusion(console, many), 80)
    assert "what was most often taken for what" in pairs
    rows = [line.split() for line in pairs.splitlines() if line.startswith("主题")]
    assert len(rows) == 12
    assert [int(row[2]) for row in rows] == sorted((int(row[2]) for row in rows), reverse=True)
    assert {row[3] for row in rows} == {"40"}


def test_confusion_without_any_is_a_sentence() -> None:
    text = shown(lambda console: _print_confusion(console, report(24, wrong=0.0)), 80)
    assert text.startswith("Confusion: no topic was taken for another")


def test_what_was_given_besides_others_has_a_row() -> None:
    target = np.array([[True, False], [False, False]])
    assigned = np.array([[True, True], [False, False]])
    p = Predictions(("a", "b"), np.arange(2), target, assigned, assigned * 0.9, exclusive=False)
    found = measure(p, method="", signature="")
    text = shown(lambda console: _print_confusion(console, found), 80)
    (row,) = (line.split() for line in text.splitlines() if line.startswith("besides"))
    assert row == ["besides", "others", "·", "1"]
    narrow = shown(lambda console: _print_confusion(console, found), 30)
    assert "no topic was taken for another" in " ".join(narrow.split())


def test_none_among_the_pairs_is_called_none() -> None:
    target = np.array([[True], [False]])
    p = Predictions(("主题" * 20,), np.arange(2), target, ~target, np.full((2, 1), 0.5), exclusive=False)
    found = measure(p, method="", signature="")
    text = shown(lambda console: _print_confusion(console, found), 60)
    assert [line.split()[-2:] for line in text.splitlines() if "none" in line] == [["1", "1"]] * 2


def test_the_worst_examples_are_shown_with_their_lines_and_a_line_of_their_text() -> None:
    topic = WrongTopic("fraud", "反诈", labelled=True, probability=0.031)
    errors = [
        WrongExample("labels.csv", n, None, None, ("fraud",), ("反诈",), (), (), (topic,), "很长的文字。" * 40)
        for n in range(2, 14)
    ]
    text = shown(lambda console: print_errors(console, errors), 60)
    assert "the worst 10 of 12" in text
    assert "labels.csv:2  labelled 反诈, tagged no topic" in text
    assert "  反诈 3%\n" in text
    assert "labels.csv:12" not in text
    assert "--errors FILE.csv writes all of them" in text
    assert "all of them are in e.csv" in shown(lambda console: print_errors(console, errors, all_in="e.csv"), 60)
    assert shown(lambda console: print_errors(console, errors[:1]), 60).count("很长") == 60 // 12
    with pytest.raises(ValueError, match="empty"):
        shown(lambda console: print_errors(console, []), 60)


def test_terms_are_explained(run: Run, tiny_labels: Path, model: Path) -> None:
    assert "recall: of the texts that have the topic" in shown(print_terms, 80)
    plain = run("evaluate", tiny_labels, "--model", model)
    asked = run("evaluate", tiny_labels, "--model", model, "--explain-terms")
    assert "What the terms mean: --explain-terms" in plain.stdout
    assert "recall: of the texts that have the topic" not in plain.stdout
    assert "recall: of the texts that have the topic" in asked.stdout


@pytest.fixture
def test_set(tmp_path: Path) -> Path:
    path = tmp_path / "test.csv"
    path.write_text("text,topics\n苹果甜,fruit\n火车慢,fruit\n下雨,\n", encoding="utf-8")
    return path


def test_evaluate_says_what_was_wrong_and_writes_it(run: Run, model: Path, test_set: Path, tmp_path: Path) -> None:
    result = run("evaluate", test_set, "--model", model, "--errors", tmp_path / "e.jsonl")
    assert result.exit_code == 0
    assert "67 of 100 texts get exactly the topics that they have." in result.stdout
    assert f"{test_set}:3  labelled fruit, tagged train" in result.stdout
    assert "against:" in result.stdout
    assert f"{tmp_path / 'e.jsonl'}: 1 example that was wrong" in result.stderr
    (line,) = (tmp_path / "e.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["line"] == 3
    assert run("evaluate", test_set, "--model", model, "--errors", test_set).exit_code == 1


@pytest.mark.full
def test_two_models_are_compared_on_one_test_set(
    run: Run, tiny: tagger.Tagger, model: Path, test_set: Path, tmp_path: Path
) -> None:
    tiny.with_thresholds("0.0").save(tmp_path / "other")
    result = run("evaluate", test_set, "--model", model, "--model", tmp_path / "other")
    assert result.exit_code == 0
    assert f"model 2: {tmp_path / 'other'}" in result.stdout
    assert "paired bootstrap by document" in result.stdout
    assert "F1 of fruit" in result.stdout
    full = tmp_path / "full.csv"
    full.write_text("text,topics\n苹果甜,fruit\n火车慢,train\n", encoding="utf-8")
    undefined = run("evaluate", full, "--model", model, "--model", model).stdout
    assert [line.split()[-3:] for line in undefined.splitlines() if line.startswith("false tag rate")] == [["–"] * 3]
    found = json.loads(run("evaluate", test_set, "--model", model, "--model", tmp_path / "other", "--json").stdout)
    assert found["comparison"]["names"] == [str(model), str(tmp_path / "other")]
    assert [part["method"] for part in found["reports"]] == ["held-out, 3 examples of 3 documents"] * 2


def test_models_of_other_topics_are_not_compared(
    run: Run, exclusive: tagger.Tagger, model: Path, test_set: Path, tmp_path: Path
) -> None:
    exclusive.save(tmp_path / "other")
    result = run("evaluate", test_set, "--model", model, "--model", tmp_path / "other")
    assert result.exit_code == 1
    assert f"other: has other topics than {model}: they differ in" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "a", "--model", "b", "--model", "c"], "--model is given more than twice"),
        (["--model", "a", "--curve"], "--curve and --folds are about training"),
        (["--model", "a", "--folds", "3"], "--curve and --folds are about training"),
        (["--model", "a", "--cost", "3"], "--cost is about training: leave it out, or --model"),
        (["--model", "a", "--topics", "t.toml"], "--topics is about training: leave it out, or --model"),
        (["--model", "a", "--model", "b", "--errors", "e.csv"], "--errors is about one model"),
        (["--jobs", "0"], "0 processes can do nothing"),
    ],
)
def test_options_of_evaluate_that_contradict_are_bad_usage(
    run: Run, test_set: Path, arguments: list[str], message: str
) -> None:
    result = run("evaluate", test_set, *arguments)
    assert (result.exit_code, message in " ".join(result.stderr.split())) == (2, True)


def test_the_warnings_of_both_models_are_told_with_their_names(run: Run, tiny_labels: Path, model: Path) -> None:
    result = run("evaluate", tiny_labels, "--model", model, "--model", model)
    assert result.stderr.count(f"Warning: {model}: ") == 2
    assert "Which is better cannot be told" in result.stdout
