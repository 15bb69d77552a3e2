"""Small courtesies of the command line: words in place of files, lines, thresholds, slips of the finger, help."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import Result
from command_line import invoke
from rich.cells import cell_len
from terminal import run_on_a_terminal

import tagger
from tagger import messages
from tagger.batch import Fields
from tagger.cli import main
from tagger.cli.model_pages import print_model
from tagger.cli.words import are_words
from tagger.model import model_hash

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    return lambda *arguments, stdin=None: invoke(main, arguments, stdin=stdin)


@pytest.fixture
def tag(model: Path) -> Run:
    return lambda *arguments, stdin=None: invoke(main, ["tag", "--model", model, *arguments], stdin=stdin)


def records(result: Result) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in result.stdout_bytes.split(b"\n") if line]


def test_words_that_are_no_file_are_tagged_themselves(tag: Run) -> None:
    result = tag("苹果和香蕉", "火车晚点了。\n下雨")
    assert [(r["text"], r["topics"]) for r in records(result)] == [
        ("苹果和香蕉", ["fruit"]),
        ("火车晚点了。\n下雨", ["train"]),
    ]
    assert (result.exit_code, result.stderr) == (0, "no file has this name, so the words themselves are tagged\n")
    quiet = tag("苹果", "-q", "--text-field", "body")
    assert (records(quiet)[0]["body"], quiet.stderr) == ("苹果", "")


@pytest.mark.parametrize("name", ["苹果.txt", "文章/苹果", "苹果*", "articles", "苹果.jsonl.gz"])
def test_a_name_that_is_meant_as_a_file_is_an_error(tag: Run, name: str) -> None:
    result = tag(name)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no such file" in result.stderr or "matches no file" in result.stderr


def test_what_exists_is_no_words(tag: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("苹果").write_text("火车", encoding="utf-8")
    assert records(tag("苹果"))[0]["topics"] == ["train"]
    assert tag("苹果", "香蕉").exit_code == 1
    assert are_words(["香蕉?", "hello world", "长" * 5000])
    assert not are_words(["苹?"])
    assert not are_words(["-"])
    assert not are_words([])


@pytest.mark.full
def test_a_page_of_words_is_headed_so(model: Path) -> None:
    page = run_on_a_terminal("tag", "--model", model, "苹果和香蕉").text
    assert "these words ───" in page
    assert "fruit 9" in page


def test_each_line_may_be_a_text(tag: Run, tmp_path: Path) -> None:
    lines = "\ufeff苹果\r\n\r\n火车\n下雨".encode()
    result = tag("--lines", stdin=lines)
    assert [(r["text"], r["topics"]) for r in records(result)] == [
        ("苹果", ["fruit"]),
        ("火车", ["train"]),
        ("下雨", []),
    ]
    (tmp_path / "a.txt").write_bytes("苹果\n\n火车\n".encode("gb18030"))
    result = tag("--lines", tmp_path / "a.txt", "--topics-only")
    assert [r["text"] for r in records(result)] == ["苹果", "火车"]
    assert "a text on each line, GB18030" in result.stderr
    bad = tag("--lines", stdin=b"\xe8\x8b\n\xe8\x8b\xb9\xe6\x9e\x9c\n")
    assert (bad.exit_code, len(records(bad))) == (1, 1)
    assert "-:1: not UTF-8" in bad.stderr
    assert tag("--lines", "--form", "csv", stdin=lines).exit_code == 2


@pytest.mark.full
def test_lines_are_tagged_as_they_come(model: Path) -> None:
    command = [sys.executable, "-m", "tagger", "tag", "--model", str(model), "--lines", "--topics-only"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("苹果\n".encode())
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["topics"] == ["fruit"]
    process.communicate("火车\n".encode(), timeout=60)
    assert process.returncode == 0


def test_thresholds_and_the_number_of_topics_are_chosen_at_tagging(tag: Run) -> None:
    text = "苹果和火车"
    assert set(records(tag(text, "--threshold", "0"))[0]["topics"]) == {"fruit", "train"}  # type: ignore[call-overload]
    assert records(tag(text, "--threshold", "1"))[0]["topics"] == []
    assert records(tag(text, "--threshold", "0", "--threshold", "fruit=1"))[0]["topics"] == ["train"]
    everything = tag(text, "--threshold", "0", "--top", "1", "--paragraphs")
    (record,) = records(everything)
    paragraphs = record["paragraphs"]
    assert isinstance(paragraphs, list)
    assert len(record["topics"]) == len(paragraphs[0]["topics"]) == 1  # type: ignore[arg-type]
    assert len(record["probabilities"]) == 2  # type: ignore[arg-type]
    assert records(tag(text, "--threshold", "0", "--top", "1"))[0]["topics"] == record["topics"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--threshold", "much"], "'much' is no threshold: write 0.5, or TOPIC=0.5"),
        (["--threshold", "2"], "the threshold is 2.0: it must be a probability from 0 to 1"),
        (["--threshold", "fruit=2"], "the threshold of 'fruit' is 2.0"),
        (["--threshold", "sky=0.5"], "unknown topic 'sky': known are fruit, train"),
        (["--top", "0"], "0 is not in the range"),
    ],
)
def test_thresholds_that_cannot_be_are_bad_usage(tag: Run, arguments: list[str], message: str) -> None:
    result = tag("苹果", *arguments)
    assert (result.exit_code, message in " ".join(result.stderr.split())) == (2, True)


@pytest.mark.full
def test_workers_have_the_thresholds_of_the_run(tag: Run, tmp_path: Path) -> None:
    lines = b"".join(orjson.dumps({"text": "苹果和火车"}) + b"\n" for _ in range(400))
    (tmp_path / "in.jsonl").write_bytes(lines)
    arguments = ["--threshold", "0", "--threshold", "fruit=1", "--chunk-bytes", "500", "--jobs", "2"]
    assert {tuple(r["topics"]) for r in records(tag(tmp_path / "in.jsonl", *arguments))} == {("train",)}  # type: ignore[arg-type]


def test_a_title_names_a_topic_in_thresholds_too(shipped: tagger.Tagger) -> None:
    changed = shipped.with_thresholds({"反诈": 0.9, "team_building": 0.2})
    assert (changed.thresholds["anti_fraud"], changed.thresholds["team_building"]) == (0.9, 0.2)
    with pytest.raises(tagger.SettingsError, match=r"unknown topic '反炸': known are 政务服务 \(admin_service\), 反诈"):
        shipped.with_thresholds({"反炸": 0.9})


@pytest.mark.parametrize(
    ("slip", "told"),
    [("tga", "did you mean tag?"), ("evalute", "did you mean evaluate?"), ("xyz", "there are tag, train, evaluate")],
)
def test_a_slip_of_the_finger_is_told_with_what_was_meant(run: Run, slip: str, told: str) -> None:
    result = run(slip, "x")
    assert (result.exit_code, f"no such command '{slip}': {told}" in result.stderr) == (2, True)
    assert "No such option" in run("--tga").stderr


def test_help_puts_commands_and_options_of_every_day_first(run: Run) -> None:
    text = run("--help").stdout
    assert text.index("Every day:") < text.index("  tag ") < text.index("To look inside:") < text.index("  explain ")
    assert "and save it as a model folder." in " ".join(text.split())
    for command in ("train", "evaluate"):
        text = run(command, "--help").stdout
        assert text.index("--threshold ") < text.index("How files are read:") < text.index("--encoding ")
        assert text.index("How it is trained and decides, for experts:") < text.index("--class-weight")
        assert "[LABELS]..." not in text.partition("\n\n")[2]
    assert "What is added to each record:" in run("tag", "--help").stdout


def test_train_refuses_a_budget_without_tuning_and_no_processes(run: Run, tiny_labels: Path, tmp_path: Path) -> None:
    budget = run("train", tiny_labels, "-o", tmp_path / "m", "--budget", "1m")
    assert (budget.exit_code, "--budget is the time for --tune: give both" in budget.stderr) == (2, True)
    for jobs in ("0", "-2"):
        refused = run("train", tiny_labels, "-o", tmp_path / "m", "--jobs", jobs)
        assert (refused.exit_code, "processes can do nothing: give 1 or more" in refused.stderr) == (2, True)
    for command in (("check", tiny_labels), ("suggest", tiny_labels, "--labels", tiny_labels)):
        refused = run(*command, "--jobs", "0")
        assert (refused.exit_code, "processes can do nothing: give 1 or more" in refused.stderr) == (2, True)


def test_train_warns_of_a_topic_that_can_never_be_tagged(run: Run, tiny_labels: Path, tmp_path: Path) -> None:
    one = ["--jobs", "1"]
    result = run("train", tiny_labels, "-o", tmp_path / "m", "--threshold", "1.0", "--no-evaluate", *one)
    assert "Warning: nothing will be tagged with 'fruit': no text reaches its threshold" in result.stderr
    settings = ["--threshold", "1.0", "--always-assign", "--no-evaluate", *one]
    assert "nothing will be" not in run("train", tiny_labels, "-o", tmp_path / "m", *settings).stderr


def test_several_label_files_train_one_model(run: Run, tmp_path: Path) -> None:
    for name, rows in (("a.csv", "苹果甜,fruit\n苹果红,fruit\n下雨,\n"), ("b.csv", "火车慢,train\n车站,train\n")):
        (tmp_path / name).write_text(f"text,topics\n{rows}", encoding="utf-8")
    command = [
        "train",
        tmp_path / "a.csv",
        tmp_path / "b.csv",
        "-o",
        tmp_path / "m",
        "--without-topic",
        "keep",
        "--jobs",
        "1",
    ]
    result = run(*command, "--no-evaluate")
    assert result.exit_code == 0
    assert f"{tmp_path / 'b.csv'}: table, parted by comma" in result.stderr
    assert "5 examples of 5 rows in 2 files; 2 topics: fruit 2, train 2; without a topic 1" in result.stderr
    assert "read: b.csv: table" in (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    (tmp_path / "b.csv").write_text("text,topics\n火车慢,train\n车站,train,x\n", encoding="utf-8")
    result = run(*command, "--no-evaluate")
    assert (result.exit_code, f"{tmp_path / 'b.csv'}:3: has 3 cells" in result.stderr) == (1, True)


def test_a_model_is_shown_as_a_page_on_a_terminal(shipped: tagger.Tagger, tiny: tagger.Tagger) -> None:
    for model, topic, width in ((tiny, "fruit", 60), (shipped, "反诈 anti_fraud", 140)):
        file = io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdout", file)
            patch.setenv("COLUMNS", str(width))
            print_model(model.model, "abc")
        page = file.getvalue()
        assert "| topic |" not in page
        assert topic in page
        (header,) = (line for line in page.splitlines() if line.startswith("topic "))
        assert ("precision" in header) == (width == 140)
        assert "SHA-256 abc" in page


@pytest.mark.full
@pytest.mark.parametrize("width", [60, 80, 140])
def test_no_figure_of_a_model_is_cut(shipped: tagger.Tagger, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setenv("COLUMNS", str(width))
    with messages.used("zh"):
        print_model(shipped.model, "abc")
    assert isinstance(sys.stdout, io.StringIO)
    page = sys.stdout.getvalue()
    assert max(map(cell_len, page.splitlines())) <= width
    assert re.search(r"\d…", page) is None
    tables_with_intervals = [line for line in page.splitlines() if "–" in line and "•" not in line]
    # At 80 columns it depends on the version of rich.
    assert width == 80 or bool(tables_with_intervals) == (width > 80)


@pytest.mark.full
def test_show_is_a_page_on_a_terminal_and_a_card_elsewhere(run: Run, model: Path, tiny: tagger.Tagger) -> None:
    page = run_on_a_terminal("show", model).text
    assert f"hash of the model: SHA-256 {model_hash(model)}" in " ".join(page.split())
    assert "# Model card" not in page
    assert run("show", model).stdout.startswith("# Model card")
    assert tiny.topics == ("fruit", "train")


@pytest.mark.full
def test_the_most_probable_topic_is_explained_last_on_a_terminal(model: Path) -> None:
    page = run_on_a_terminal("explain", "--model", model, "苹果苹果").text
    assert page.index("train  probability") < page.index("fruit  probability")


@pytest.mark.full
def test_the_shell_can_complete_commands() -> None:
    environment = os.environ | {"_TAGGER_COMPLETE": "bash_complete", "COMP_WORDS": "tagger ev", "COMP_CWORD": "1"}
    code = "from tagger.cli import main; main(prog_name='tagger')"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "plain,evaluate\n"


def test_the_summary_of_a_run_names_topics_by_their_titles(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(orjson.dumps({"text": "民警在银行柜台劝住了正要给“客服”转账的老人。"}) + b"\n")
    result = run("tag", tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl")
    assert [line.split() for line in result.stderr.splitlines()[1:]] == [["1", "反诈"]]


def test_no_topic_at_all_is_no_number_of_topics() -> None:
    with pytest.raises(tagger.SettingsError, match="top is 0: it must be a number of topics from 1 up"):
        Fields(top=0)
