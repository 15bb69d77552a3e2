import os
import pickle
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tagger import messages
from tagger.messages import N_, Message, _, _n, english, in_language


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue of a few messages, as it would be read from its file."""

    class Catalogue:
        def gettext(self, text: str) -> str:
            return {"{file}: saved": "{file}：已保存", "read {what}": "读了{what}"}.get(text, text)

        def ngettext(self, text: str, _: str, __: int) -> str:
            return {"{n} row": "{n} 行"}[text]

    real = messages._catalogue
    monkeypatch.setattr(messages, "_catalogue", lambda language: Catalogue() if language == "zh" else real(language))
    with messages.used("zh"):
        yield


@pytest.mark.usefixtures("chinese")
def test_messages_are_said_in_the_language_used() -> None:
    assert _("{file}: saved", file="m") == "m：已保存"
    assert _n("{n} row", "{n} rows", 2) == "2 行"
    assert _("not yet translated") == "not yet translated"
    with messages.used("en"):
        assert _("{file}: saved", file="m") == "m: saved"
        assert [_n("{n} row", "{n} rows", n) for n in (1, 2)] == ["1 row", "2 rows"]


@pytest.mark.usefixtures("chinese")
def test_a_message_can_be_said_in_the_other_language_with_the_messages_in_it() -> None:
    message = _("read {what}", what=_n("{n} row", "{n} rows", 2))
    assert message == "读了2 行"
    assert english(message) == "read 2 rows"
    assert in_language(english(message), "zh") == "read 2 rows"
    assert english(3) == 3


@pytest.mark.usefixtures("chinese")
def test_a_message_survives_a_pickle_with_its_languages() -> None:
    again = pickle.loads(pickle.dumps(_n("{n} row", "{n} rows", 2)))
    assert isinstance(again, Message)
    assert (again, english(again)) == ("2 行", "2 rows")


@pytest.mark.usefixtures("chinese")
def test_a_marked_text_stays_as_it_is() -> None:
    assert N_("{file}: saved") == "{file}: saved"


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"TAGGER_LANG": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        ({"TAGGER_LANG": "fr", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.GBK"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_decides_the_language(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TAGGER_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setitem(os.environ, name, value)
    assert messages.language_of(os.environ) == language


@pytest.mark.parametrize(("number", "language"), [(0x0804, "zh"), (0x0409, "en")])
def test_windows_is_asked_where_the_environment_says_nothing(
    number: int, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = SimpleNamespace(GetUserDefaultUILanguage=lambda: number)
    monkeypatch.setattr("ctypes.windll", SimpleNamespace(kernel32=kernel), raising=False)
    assert messages.language_of({}) == language
