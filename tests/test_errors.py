import errno
import os
from pathlib import Path

import tagger
from tagger.errors import SHOWN_PROBLEMS, reason, said_once
from tagger.messages import _


def test_every_error_stands_under_one_base() -> None:
    for error in (tagger.DataError, tagger.DecodeError, tagger.ModelError, tagger.FormatError, tagger.SettingsError):
        assert issubclass(error, tagger.TaggerError)


def test_a_data_error_names_each_place() -> None:
    error = tagger.DataError("labels.csv", tagger.Problem("the text is empty", 17), tagger.Problem("no topic"))
    assert str(error) == "labels.csv:17: the text is empty\nlabels.csv: no topic"
    assert [problem.line for problem in error.problems] == [17, None]


def test_a_thousand_problems_are_counted_and_the_first_shown() -> None:
    error = tagger.DataError("labels.csv", *(tagger.Problem(f"bad {line}", line) for line in range(1000)))
    lines = str(error).split("\n")
    assert len(lines) == SHOWN_PROBLEMS + 1
    assert lines[-1] == f"… and {1000 - SHOWN_PROBLEMS} more problems in labels.csv"


def test_what_many_places_have_alike_is_said_once() -> None:
    bytes_ = [(f"a:{n}", _("byte {byte:#04x} is no {encoding}", byte=n, encoding="ASCII")) for n in range(14)]
    others = [("b", "bad"), ("c", _("byte {byte:#04x} is no {encoding}", byte=1, encoding="UTF-8")), ("d", "bad")]
    assert [*said_once([others[0], *bytes_, *others[1:]])] == [
        "b: bad",
        "a:0: byte 0x00 is no ASCII",
        "the same: a:1, a:2, a:3, a:4, a:5, a:6, a:7, a:8, a:9, a:10",
        "the same: a:11, a:12, a:13",
        "c: byte 0x01 is no UTF-8",
        "d: bad",
    ]
    assert [*said_once(bytes_[:3])] == [f"{place}: {what}" for place, what in bytes_[:3]]
    named = [(f"a:{n}", _("{name} is no topic", name=_("topic {letter}", letter="xyz"[n % 3]))) for n in range(9)]
    assert [*said_once(named)] == [f"{place}: {what}" for place, what in named]
    error = tagger.DataError("a", *(tagger.Problem("bad", line) for line in range(4)))
    assert str(error) == "a:0: bad\nthe same: a:1, a:2, a:3"


def test_a_model_error_knows_its_path() -> None:
    error = tagger.ModelError(Path("models/mine"), "is damaged")
    assert (error.path, str(error)) == (Path("models/mine"), f"{Path('models/mine')}: is damaged")


def test_one_problem_more_is_no_plural() -> None:
    error = tagger.DataError("labels.csv", *(tagger.Problem("bad", line) for line in range(SHOWN_PROBLEMS + 1)))
    assert str(error).endswith("\n… and 1 more problem in labels.csv")


def test_what_systems_say_is_said_in_the_readers_language() -> None:
    for number, text in ((errno.ENOENT, "No such file or directory"), (errno.ENOSPC, "No space left on device")):
        said = reason(OSError(number, os.strerror(number)))
        assert (said, said.template) == (text, text)


def test_what_a_system_says_otherwise_stays_as_it_is() -> None:
    assert reason(OSError(errno.EXDEV, "Invalid {cross-device} link")) == "Invalid {cross-device} link"
    assert reason(OSError(errno.EIO, "it is torn")) == "it is torn"
    assert reason(OSError("no {data}")) == "no {data}"
    assert reason(OSError("12062 requested and 6112 written")) == "No space left on device"
    assert reason(OSError()) == "OSError"
