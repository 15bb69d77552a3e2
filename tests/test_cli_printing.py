"""Text from files on a terminal: it neither steers it nor is taken for markup."""

import io
import json
from pathlib import Path

import pytest
from command_line import invoke
from hypothesis import given
from hypothesis import strategies as st
from strategies import hard_text
from terminal import run_on_a_terminal

import tagger
from tagger.cli import main
from tagger.cli.printing import JsonTerminal, printable

EVIL = "\x1b[2J\x1b]0;gone\x07\x9b31m\u202e"
NAMES = ("[/b]x", "[red]team", f"a{EVIL}b")


@pytest.fixture(scope="module")
def evil_labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labels whose topics are named as nobody should name them."""
    words = ("苹果很甜", "火车晚点", "足球比赛")
    rows = [
        {"text": f"{word}{number}", "topics": [name], "document": str(number)}
        for number in range(8)
        for word, name in zip(words, NAMES, strict=True)
    ]
    path = tmp_path_factory.mktemp("labels") / "labels.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    titles = "".join(f"[{json.dumps(name)}]\ntitle = {json.dumps('标题' + name)}\n" for name in NAMES)
    (path.parent / "topics.toml").write_text(titles, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def evil(evil_labels: Path) -> Path:
    tagger.train(evil_labels).save(evil_labels.parent / "model")
    return evil_labels.parent / "model"


def steers(text: str) -> set[str]:
    return set(text) & set("\x1b\x07\x9b\u202e")


def test_names_of_topics_are_no_markup_and_steer_nothing(evil_labels: Path, tmp_path: Path) -> None:
    commands: tuple[list[str | Path], ...] = (
        ["evaluate", evil_labels, "--folds", "2"],
        ["train", evil_labels, "-o", tmp_path / "model"],
    )
    for command in commands:
        result = invoke(main, [*command, "--jobs", "1"])
        assert result.exit_code == 0, result.output
        assert not steers(result.output)
        for name in ("[/b]x", "[red]team", r"a\x1b[2J\x1b]0;gone\x07\x9b31m\u202eb"):
            assert name in result.stdout


def test_models_are_shown_and_explained_without_steering(evil: Path) -> None:
    shown = invoke(main, ["show", evil])
    assert not steers(shown.output)
    assert r"标题a\x1b[2J" in shown.stdout
    refused = invoke(main, ["explain", "苹果", "--model", evil, "--topic", "none"])
    assert refused.exit_code == 2
    assert not steers(refused.output)


@pytest.mark.full
@pytest.mark.parametrize("command", ["explain", "tag", "tag --json", "explain --json"])
def test_nothing_steers_a_terminal(evil: Path, tmp_path: Path, command: str) -> None:
    name, *options = command.split()
    line = {"text": f"苹果很甜1{EVIL}", "title": f"[bold]{EVIL}"}
    source = tmp_path / f"in{EVIL.replace('/', '')}.jsonl"
    source.write_text(json.dumps(line, ensure_ascii=False) + "\n{\n", encoding="utf-8")
    given = line["text"] if name == "explain" else source
    text = run_on_a_terminal(name, given, "--model", evil, *options, columns=200).text
    assert "标题" in text
    assert not steers(text)


def test_an_error_does_not_steer(tmp_path: Path) -> None:
    result = invoke(main, ["tag", tmp_path / f"none{EVIL}"])
    assert (result.exit_code, steers(result.output)) == (1, set())
    assert r"none\x1b[2J" in result.stderr


@given(hard_text)
def test_what_is_printable_has_nothing_that_steers_and_stays_so(text: str) -> None:
    shown = printable(text)
    assert all(character in "\t\n" or ord(character) >= 0x20 for character in shown)
    shown.encode("utf-8")
    assert printable(shown) == shown


@pytest.mark.full
@given(st.recursive(hard_text.map(lambda text: text.encode("utf-8", "replace").decode()), st.lists))
def test_json_on_a_terminal_means_the_same(value: object) -> None:
    file = io.BytesIO()
    JsonTerminal(file).write(json.dumps(value, ensure_ascii=False).encode("utf-8") + b"\n")
    assert json.loads(file.getvalue()) == value
    assert not steers(file.getvalue().decode("utf-8"))
