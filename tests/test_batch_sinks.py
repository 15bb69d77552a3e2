"""What is said where a sink cannot write."""

import errno
from pathlib import Path

import pytest

from tagger.batch import Counts, Done, list_rejects, tell_rejects
from tagger.errors import RunError
from tagger.files import translate_write_errors


@pytest.mark.parametrize(
    ("error", "reason", "todo"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device", "make room"),
        (OSError(errno.EACCES, "Permission denied"), "Permission denied", "choose another folder"),
        (OSError("disk on fire"), "disk on fire", "choose another folder"),
        (OSError(), "OSError", "choose another folder"),
    ],
)
def test_the_reason_is_said_whether_the_system_has_a_word_for_it_or_not(error: OSError, reason: str, todo: str) -> None:
    path = Path("out.jsonl")
    with pytest.raises(RunError, match=rf"^{path}: cannot be written: {reason}; {todo}$"), translate_write_errors(path):
        raise error
    with pytest.raises(RunError, match=rf"^the output cannot be written: {reason}$"), translate_write_errors():
        raise error


def test_a_reader_that_went_away_is_no_error_of_the_output() -> None:
    with pytest.raises(BrokenPipeError), translate_write_errors():
        raise BrokenPipeError


def test_a_reason_that_is_no_message_is_said_as_it_is() -> None:
    done = Done(
        b"", b'{"file":"a.csv","line":3}\n{"file":"b.txt","line":null}\n', Counts(2, 0, 2), reasons=("odd", "bad")
    )
    assert [*list_rejects(done)] == [*tell_rejects(done)] == ["a.csv:3: odd", "b.txt: bad"]
