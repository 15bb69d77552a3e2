import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click import Context
from click.testing import Result
from command_line import invoke
from terminal import run_on_a_terminal

import tagger
from tagger.cli import main
from tagger.cli.reading import describe_mode, print_reading
from tagger.dataset import Dataset
from tagger.model import model_hash
from tagger.records import Example, Topic

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    return lambda *arguments, stdin=None: invoke(main, arguments, stdin=stdin)


@pytest.fixture
def folder(tiny: tagger.Tagger, tmp_path: Path) -> Path:
    tiny.save(tmp_path / "model")
    return tmp_path / "model"


def records(result: Result) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in result.stdout_bytes.split(b"\n") if line]


def on_a_terminal(*arguments: str | Path, columns: int = 100, term: str = "dumb") -> str:
    return run_on_a_terminal(*arguments, columns=columns, term=term).text


def test_text_files_become_one_json_line_each(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("苹果和香蕉。\n下雨了。", encoding="gb18030")
    (tmp_path / "b.txt").write_text("", encoding="utf-8")
    result = run("tag", "--model", folder, tmp_path / "a.txt", tmp_path / "b.txt")
    first, second = records(result)
    assert (first["file"], first["topics"], first["titles"]) == (str(tmp_path / "a.txt"), ["fruit"], ["fruit"])
    assert "paragraphs" not in first
    assert second["topics"] == []
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_folder_stands_for_its_text_files(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "texts" / "deep").mkdir(parents=True)
    for name in ("b.txt", "deep/a.txt", "note.md"):
        (tmp_path / "texts" / name).write_text("苹果", encoding="utf-8")
    result = run("tag", "--model", folder, "--paragraphs", tmp_path / "texts")
    assert [Path(str(r["file"])).name for r in records(result)] == ["b.txt", "a.txt"]
    assert records(result)[0]["paragraphs"]


def test_a_folder_without_texts_is_said(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.png").write_bytes(b"\x89PNG")
    result = run("tag", "--model", folder, tmp_path / "photos")
    assert result.exit_code == 1
    assert "photos: holds no " in result.stderr


def test_standard_input_may_be_a_text_or_json_lines(run: Run, folder: Path) -> None:
    text = run("tag", "--model", folder, stdin="苹果".encode())
    lines = run("tag", "--model", folder, "-", stdin='{"text": "苹果", "id": 1}\n'.encode())
    assert records(text)[0]["file"] == "-"
    assert records(lines)[0]["id"] == 1
    assert records(text)[0]["topics"] == records(lines)[0]["topics"] == ["fruit"]


def test_json_lines_are_tagged_and_what_cannot_be_is_kept_apart(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes('{"text": "苹果"}\n{"text": 5}\n\n{"text": "火车"}\n'.encode() + b"\xff\n")
    out = tmp_path / "out.jsonl"
    result = run("tag", "--model", folder, tmp_path / "in.jsonl", "-o", out)
    assert result.exit_code == 1
    told = result.stderr.splitlines()
    assert told[0].startswith(f"{out}: 2 of 5 lines tagged, 1 blank; in ")
    assert [line.split() for line in told[1:3]] == [["1", "fruit"], ["1", "train"]]
    assert told[3] == (
        f"2 could not be tagged (not UTF-8 1, text is not a string 1): {out}.rejects.jsonl; "
        f"the first: {tmp_path / 'in.jsonl'}:2: field 'text' is not a string"
    )
    assert [orjson.loads(line)["topics"] for line in out.read_bytes().splitlines()] == [["fruit"], ["train"]]
    rejects = [orjson.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_bytes().splitlines()]
    assert [(r["line"], r.get("raw"), r.get("raw_base64")) for r in rejects] == [
        (2, '{"text": 5}', None),
        (5, None, "/w=="),
    ]


def test_without_rejects_there_is_no_rejects_file(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "苹果"}\n', encoding="utf-8")
    assert run("tag", "--model", folder, tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "model", "out.jsonl"]


def test_bad_lines_are_named_on_standard_error_where_there_is_no_file(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": 5}\n{"text": "苹果"}\n', encoding="utf-8")
    result = run("tag", "--model", folder, tmp_path / "in.jsonl")
    assert result.exit_code == 1
    assert len(records(result)) == 1
    assert result.stderr == (
        f"Error: {tmp_path / 'in.jsonl'}:1: field 'text' is not a string\n"
        "1 could not be tagged (text is not a string 1)\n"
    )


def test_a_file_that_is_no_text_does_not_stop_the_others(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "b.txt").write_text("苹果", encoding="utf-8")
    result = run("tag", "--model", folder, tmp_path / "a.txt", tmp_path / "b.txt")
    assert len(records(result)) == 1
    assert result.exit_code == 1
    assert "a.txt: byte" in result.stderr
    run("tag", "--model", folder, tmp_path / "a.txt", "-o", tmp_path / "out.jsonl")
    assert orjson.loads((tmp_path / "out.jsonl.rejects.jsonl").read_bytes())["line"] is None


def test_a_path_that_does_not_exist_is_said_before_anything_is_written(run: Run, folder: Path, tmp_path: Path) -> None:
    result = run("tag", "--model", folder, tmp_path / "none.txt", "-o", tmp_path / "out.jsonl")
    assert (result.exit_code, (tmp_path / "out.jsonl").exists()) == (1, False)
    assert "none.txt: there is no such file or folder" in result.stderr
    result = run("tag", "--model", folder, folder / "README.md", "-o", tmp_path / "no" / "out.jsonl")
    assert "cannot be written" in result.stderr


def test_a_folder_that_is_no_model_is_said(run: Run, tmp_path: Path) -> None:
    result = run("tag", "--model", tmp_path, "-", stdin=b"x")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is not a model" in result.stderr


def test_an_option_that_does_not_exist_is_bad_usage(run: Run) -> None:
    assert run("tag", "--topix").exit_code == 2
    assert run("tig").exit_code == 2
    assert run("explain", "x", "--topic", "sky").exit_code == 2


def test_a_closed_pipe_ends_the_run_quietly(root: Path) -> None:
    command = f'"{sys.executable}" -m tagger tag seeds seeds seeds --paragraphs | head -c 10'
    done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=root, check=False)  # noqa: S607
    assert (len(done.stdout), done.stderr) == (10, b"seeds: passed over: 1 .csv, 2 .md\n")


def test_a_terminal_without_input_asks_for_files() -> None:
    assert "name files to tag" in on_a_terminal("tag")


@pytest.mark.full
def test_a_terminal_gets_an_explanation_it_can_read() -> None:
    page = on_a_terminal("explain", "民警在银行柜台劝住了汇款的老人", "--top", "3")
    assert "反诈 anti_fraud  probability" in page
    assert "more features" in page
    short = on_a_terminal("explain", "劝阻", "--topic", "anti_fraud", "--top", "50")
    assert "more features" not in short


def test_explain_gives_json_lines_that_add_up(run: Run, folder: Path) -> None:
    result = run("explain", "--model", folder, "苹果和火车")
    for found in records(result):
        contributions = found["contributions"]
        assert isinstance(contributions, list)
        assert sum(c["value"] for c in contributions) + found["bias"] == pytest.approx(found["score"])
    only = run("explain", "--model", folder, "-", "--topic", "train", stdin="苹果和火车\n".encode())
    assert [found["topic"] for found in records(only)] == ["train"]


def test_train_writes_a_model_that_tags(run: Run, tiny_labels: Path, tmp_path: Path) -> None:
    result = run("train", tiny_labels, "-o", tmp_path / "mine")
    assert result.exit_code == 0
    said = result.stderr.splitlines()
    assert said[0].endswith(
        "tiny.jsonl: JSON lines, UTF-8; text from 'text', topics from 'topics', document from 'document'"
    )
    assert said[1].startswith("12 examples of 12 rows; 2 topics: ")
    assert any(line.startswith("a text may have no topic, one or several, because ") for line in said)
    assert result.stdout.startswith("leave one document out, 12 examples of 4 documents\n")
    assert tagger.load(tmp_path / "mine").model.quality is not None
    assert records(run("tag", "--model", tmp_path / "mine", stdin="苹果".encode()))[0]["topics"] == ["fruit"]


@pytest.mark.full
def test_a_training_that_is_terminated_while_it_saves_leaves_nothing_behind(tiny_labels: Path, tmp_path: Path) -> None:
    code = (
        "import os, signal, numpy\nfrom tagger.cli import main\n"
        "numpy.save = lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM)\n"
        f"main(['train', {str(tiny_labels)!r}, '-o', {str(tmp_path / 'mine')!r}, '--no-evaluate'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (128 + signal.SIGTERM, []), done.stderr


def test_a_trained_model_is_kept_where_its_folder_has_become_unusable(
    run: Run, tiny_labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tagger.cli import train  # noqa: PLC0415 - shadows the function of that name

    (tmp_path / "spare").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "spare"))
    check = train.check_target  # type: ignore[attr-defined]

    def then_littered(target: Path) -> None:
        check(target)
        target.mkdir()
        (target / "note.txt").touch()

    monkeypatch.setattr(train, "check_target", then_littered)
    result = run("train", tiny_labels, "-o", tmp_path / "model", "--no-evaluate")
    assert result.exit_code == 1
    assert "holds 'note.txt', which is not a part of a model" in result.stderr
    (spare,) = (tmp_path / "spare").iterdir()
    assert f"the trained model is kept in {spare}: move it" in result.stderr
    assert tagger.load(spare).topics == ("fruit", "train")


def test_train_can_do_without_evaluation_and_speak_json(run: Run, tiny_labels: Path, tmp_path: Path) -> None:
    result = run("train", tiny_labels, "-o", tmp_path / "mine", "--no-evaluate", "--json", "--cost", "0.5")
    assert records(result)[0]["quality"] is None
    model = tagger.load(tmp_path / "mine").model
    assert (model.quality, model.settings.cost) == (None, 0.5)
    told = run("train", tiny_labels, "-o", tmp_path / "mine", "--no-evaluate", "--no-html").stderr
    assert told.endswith("FILE\n")
    assert "Not measured." in (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")


def test_a_topic_without_a_measure_is_shown_as_such(run: Run, tmp_path: Path) -> None:
    rows = ["text,topics,document", *(f"苹果{n},fruit,one" for n in range(3)), *(f"下雨{n},,b{n}" for n in range(3))]
    (tmp_path / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    result = run("train", tmp_path / "labels.csv", "-o", tmp_path / "mine")
    assert "–" in result.stdout
    assert "| – |" in (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")


def test_train_names_the_line_that_is_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("text,topics\n苹果,fruit\n香蕉,黄,fruit\n", encoding="utf-8")
    result = run("train", tmp_path / "labels.csv", "-o", tmp_path / "mine")
    assert result.exit_code == 1
    assert "labels.csv:3: has 3 cells where the header has 2" in result.stderr
    assert not (tmp_path / "mine").exists()


def test_evaluate_measures_by_leaving_documents_out(run: Run, tiny_labels: Path) -> None:
    result = run("evaluate", tiny_labels, "--curve", "--jobs", "1")
    assert result.exit_code == 0
    for part in (
        "leave one document out",
        "exact match",
        "Precision against coverage",
        "Learning curve",
        "resamples",
    ):
        assert part in result.stdout


@pytest.mark.full
def test_evaluate_gives_the_same_json_for_any_number_of_processes(run: Run, tiny_labels: Path) -> None:
    one, two = (run("evaluate", tiny_labels, "--json", "--folds", "3", "--jobs", jobs).stdout for jobs in ("1", "2"))
    assert one == two
    assert set(json.loads(one)["topics"]) == {"fruit", "train"}


def test_evaluate_measures_a_model_on_held_out_labels(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("text,topics\n苹果甜,fruit\n下雨,\n", encoding="utf-8")
    result = run("evaluate", tmp_path / "test.csv", "--model", folder, "--json")
    assert json.loads(result.stdout)["method"] == "held-out, 2 examples of 2 documents"
    (tmp_path / "test.csv").write_text("text,topics\n苹果甜,friut\n", encoding="utf-8")
    result = run("evaluate", tmp_path / "test.csv", "--model", folder)
    assert (result.exit_code, "test.csv:2: unknown topic 'friut'; did you mean 'fruit'" in result.stderr) == (1, True)


def test_evaluate_says_what_makes_figures_doubtful(run: Run, folder: Path, tiny_labels: Path) -> None:
    result = run("evaluate", tiny_labels, "--model", folder)
    assert "Warning: these are texts the tagger was trained on: there the figures say nothing" in result.stderr


@pytest.mark.full
def test_a_terminal_sees_how_far_an_evaluation_is(tiny_labels: Path) -> None:
    assert "training" in on_a_terminal("evaluate", tiny_labels, "--jobs", "1", term="xterm")


@pytest.mark.full
def test_train_can_tune_first_and_says_what_it_tried(run: Run, tiny_labels: Path, tmp_path: Path) -> None:
    result = run("train", tiny_labels, "-o", tmp_path / "m", "--tune", "--budget", "0s", "--jobs", "1")
    assert "chosen: mode open; the time budget cut off" in result.stderr
    assert "settings chosen by mean average precision" in (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    result = run("train", tiny_labels, "-o", tmp_path / "m", "--tune", "--budget", "1m", "--jobs", "1", "--no-evaluate")
    assert "cut off" not in result.stderr
    assert run("train", tiny_labels, "-o", tmp_path / "m", "--tune", "--budget", "soon").exit_code == 2


@pytest.mark.parametrize(
    ("flag", "mode"),
    [
        ("--exclusive", "exactly one topic, because every example has exactly one"),
        ("--multi-label", "one topic or several, because every example has"),
    ],
)
def test_train_says_where_every_text_will_get_a_topic_and_why(
    run: Run, root: Path, tmp_path: Path, flag: str, mode: str
) -> None:
    result = run("train", root / "tests/cases/exclusive.csv", "-o", tmp_path / "m", flag, "--no-evaluate")
    assert f"every text gets {mode}" in result.stderr


def test_thresholds_for_a_purpose_are_chosen_at_training(run: Run, tiny_labels: Path, tmp_path: Path) -> None:
    run("train", tiny_labels, "-o", tmp_path / "m", "--threshold", "recall=0.9", "--no-evaluate")
    assert "Thresholds are chosen for `recall=0.9`" in run("show", tmp_path / "m").stdout
    assert run("train", tiny_labels, "-o", tmp_path / "m", "--threshold", "much").exit_code == 2


@pytest.mark.parametrize("name", ["page.pdf", "letter.docx", "old.doc", "slides.pptx"])
def test_what_only_other_programs_can_read_is_refused(run: Run, folder: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("text\n苹果\n", encoding="utf-8")
    result = run("tag", "--model", folder, tmp_path / name)
    assert (result.exit_code, "is neither text, JSON lines nor a table" in result.stderr) == (1, True)


def test_nothing_of_the_user_s_is_overwritten(run: Run, folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl.rejects.jsonl"
    source.write_text('{"text": "苹果"}\n', encoding="utf-8")
    for output, message in [
        (source, "is read and written at once"),
        (tmp_path / "in.jsonl", "in.jsonl.rejects.jsonl: is read and written at once"),
        (tmp_path / "out.csv.gz", "tables are not compressed: name it .csv, or .jsonl.gz"),
        (tmp_path, "is a folder: name a file"),
        (tmp_path / "out.xls", "what is written is JSON lines or a table"),
    ]:
        result = run("tag", "--model", folder, source, "-o", output)
        assert (result.exit_code, message in result.stderr) == (1, True)
    assert source.read_text(encoding="utf-8") == '{"text": "苹果"}\n'


def test_pipes_are_read_and_written_like_files(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "in")
    os.mkfifo(tmp_path / "out")
    command = (
        f"printf 苹果 > {tmp_path}/in & cat {tmp_path}/out > {tmp_path}/seen & "
        f'"{sys.executable}" -m tagger tag --model {folder} {tmp_path}/in -o {tmp_path}/out; wait'
    )
    subprocess.run(["bash", "-c", command], check=True, capture_output=True)  # noqa: S607
    assert orjson.loads((tmp_path / "seen").read_bytes())["topics"] == ["fruit"]
    assert (tmp_path / "out").is_fifo()


def test_a_minus_as_output_is_standard_output(run: Run, folder: Path) -> None:
    result = run("tag", "--model", folder, "-o", "-", stdin='\ufeff\n {"text": "苹果"}\n'.encode())
    (found,) = records(result)
    assert (found["topics"], result.stderr) == (["fruit"], "")


def test_a_name_that_is_no_utf8_is_written_as_well_as_can_be(run: Run, folder: Path, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.txt")
    Path(path).write_text("苹果", encoding="utf-8")
    (found,) = records(run("tag", "--model", folder, path))
    assert str(found["file"]).endswith("bad\ufffd.txt")
    assert run("tag", "--model", folder, path, "-o", tmp_path / "out.jsonl").exit_code == 0


def test_what_is_no_file_in_a_folder_is_passed_over(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "texts" / "x.txt").mkdir(parents=True)
    (tmp_path / "texts" / "lost.txt").symlink_to(tmp_path / "none")
    (tmp_path / "texts" / "A.TXT").write_text("苹果", encoding="utf-8")
    assert len(records(run("tag", "--model", folder, tmp_path / "texts"))) == 1


def test_rejects_of_an_earlier_run_do_not_outlive_it(run: Run, folder: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("{\n", encoding="utf-8")
    run("tag", "--model", folder, source, "-o", out)
    assert (tmp_path / "out.jsonl.rejects.jsonl").exists()
    source.write_bytes(b'\xef\xbb\xbf{"text": "x"}\n')
    assert run("tag", "--model", folder, source, "-o", out).exit_code == 0
    assert not (tmp_path / "out.jsonl.rejects.jsonl").exists()
    assert out.stat().st_mode == source.stat().st_mode


def test_show_prints_the_model_card(run: Run, folder: Path) -> None:
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert run("show", folder).stdout == f"{card}- hash of the model: SHA-256 `{model_hash(folder)}`\n"


def test_show_gives_json_for_programs(run: Run) -> None:
    (shown,) = records(run("show", "--json"))
    assert set(shown) == {
        "digest",
        "topics",
        "thresholds",
        "settings",
        "provenance",
        "quality",
        "strongest_features",
    }
    assert tagger.load(digest=str(shown["digest"])).topics


def test_the_card_of_an_exclusive_and_of_an_always_assigning_model_say_so(
    run: Run, exclusive: tagger.Tagger, root: Path, tmp_path: Path
) -> None:
    exclusive.save(tmp_path / "one")
    assert "one topic for each paragraph, the best one even below" in run("show", tmp_path / "one").stdout
    settings = tagger.Settings(exclusive=False)
    tagger.train(root / "tests/cases/exclusive.csv", settings=settings).save(tmp_path / "some")
    assert "any number of topics for each paragraph, the best one even below" in run("show", tmp_path / "some").stdout


@pytest.mark.parametrize("command", [[], *([name] for name in main.list_commands(Context(main)))])
def test_every_command_has_help_that_ends_in_an_example(run: Run, command: list[str]) -> None:
    text = run(*command, "--help").stdout
    assert text.startswith("Usage: ")
    if command:
        assert text.strip().splitlines()[-1].strip().startswith("Example: tagger ")


def test_the_version_is_that_of_the_distribution(run: Run) -> None:
    from importlib.metadata import version  # noqa: PLC0415

    assert run("--version").stdout == f"tagger, version {version('tagger-zh')}\n"


@pytest.mark.parametrize("options", [["--separator", ""], ["--text-field", "a", "--topics-field", "a"]])
def test_options_of_reading_that_cannot_be_are_wrong_use(run: Run, tiny_labels: Path, options: list[str]) -> None:
    result = run("evaluate", tiny_labels, *options)
    assert result.exit_code == 2
    assert (
        "Error: --separator is empty" in result.stderr or "Error: --text-field and --topics-field are" in result.stderr
    )


def test_train_needs_labels_or_topics(run: Run, tmp_path: Path) -> None:
    result = run("train", "-o", tmp_path / "m")
    assert result.exit_code == 2
    lacking = run("train", "labels.csv")
    assert lacking.exit_code == 2
    assert lacking.stderr.endswith(
        "Missing option '-o' / '--output'.\nExample: tagger train labels.csv -o models/mine\n"
    )
    assert "name LABELS, or --topics with keywords to start without any label" in result.stderr


def test_train_goes_by_keywords_alone_where_there_are_no_labels(run: Run, tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text(
        '[fruit]\nkeywords = ["苹果", "香蕉"]\n[train]\nkeywords = ["火车", "高铁"]\n', encoding="utf-8"
    )
    result = run("train", "--topics", tmp_path / "topics.toml", "-o", tmp_path / "m", "--jobs", "1", "--no-evaluate")
    assert (result.exit_code, "nothing is learnt from keywords alone: a text gets" in result.stderr) == (0, True)


@pytest.mark.parametrize(
    ("always_assign", "exclusive", "topics", "mode"),
    [
        (False, True, ("a",), "a text gets one topic, or none where none is sure"),
        (True, True, ("a",), "every text gets exactly one topic, because every example has exactly one"),
        (True, False, ("a",), "every text gets one topic or several, because every example has"),
        (False, False, (), "a text may have no topic, one or several, because some examples have none"),
        (False, False, ("a",), "a text may have no topic, one or several"),
    ],
)
def test_how_many_topics_a_text_gets_is_said(
    always_assign: bool, exclusive: bool, topics: tuple[str, ...], mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = Dataset("", (Example("苹果", topics),), (Topic("a", "a"),))
    settings = tagger.Settings(always_assign=always_assign, exclusive=exclusive)
    assert describe_mode(dataset, settings) == mode
    print_reading(dataset)
    assert capsys.readouterr() == ("", "")
