"""How far training is: told from the beginning, with the time that is left."""

import sys
import time
from pathlib import Path

import pytest
from terminal import run_on_a_terminal

import tagger
from tagger.cli.progress import progress_bar
from tagger.dataset import read_dataset
from tagger.evaluation import train_and_measure
from tagger.training import train_dataset
from tagger.training.course import ignore, part, thousandths


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What time it is, in seconds."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_away_from_a_terminal_training_tells_a_line_a_minute(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_bar("training") as tell:
        for seconds, done in ((1, 10), (61, 100), (100, 200), (190, 900)):
            clock[0] = 100.0 + seconds
            tell(done, 1000)
    assert capsys.readouterr().err == (
        "training: 10% after 61 s, about 9 min left\ntraining: 90% after 3 min, about 21 s left\n"
    )


def test_on_a_terminal_training_has_a_bar_from_the_beginning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with progress_bar("training") as tell:
        assert "training" in capsys.readouterr().err
        tell(500, 1000)
    shown = capsys.readouterr().err
    assert "50%" in shown
    assert "0 s left" in shown


def rising(seen: list[tuple[int, int]]) -> bool:
    done = [number for number, _ in seen]
    return done == sorted(done) and seen[-1] == (1000, 1000) and {total for _, total in seen} == {1000}


@pytest.mark.full
def test_what_is_said_meanwhile_stands_above_the_bar(tiny_labels: Path) -> None:
    told = run_on_a_terminal("check", tiny_labels, "--jobs", "1", columns=200, term="xterm").text
    assert "judging" in told
    assert any(line.startswith(f"{tiny_labels}: JSON lines, UTF-8; text from") for line in told.splitlines())


@pytest.mark.full
def test_training_tells_how_far_it_is_while_it_counts_and_after_every_fold() -> None:
    examples = [
        tagger.Example(f"{word}{number}", (topic,), None)
        for topic, word in (("fruit", "苹果香蕉"), ("train", "火车晚点"))
        for number in range(8)
    ]
    dataset = read_dataset(examples, topics=())
    seen: list[tuple[int, int]] = []
    train_dataset(dataset, tagger.Settings(folds=2), progress=lambda done, total: seen.append((done, total)))
    assert rising(seen)
    assert [done for done, _ in seen if 150 < done <= 700] == [425, 700]
    assert sum(done < 150 for done, _ in seen) >= 3
    seen.clear()
    train_and_measure(dataset, tagger.Settings(folds=2), progress=lambda done, total: seen.append((done, total)))
    assert rising(seen)
    assert (200, 1000) in seen


def test_shares_of_parts_become_one_share() -> None:
    seen: list[float] = []
    inner = part(part(seen.append, 0.5, 1.0), 0.0, 0.5)
    inner(0.0)
    inner(1.0)
    assert seen == [0.5, 0.75]
    told: list[tuple[int, int]] = []
    thousandths(lambda done, total: told.append((done, total)))(0.1234)
    assert told == [(123, 1000)]
    assert thousandths(None) is ignore
    ignore(0.5)
