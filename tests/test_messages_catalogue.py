"""The catalogue: nothing that is said lacks its Chinese, and both have the same places for values."""

import ast
import gettext
import re
import sys
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import tagger

PACKAGE = Path(tagger.__file__).parent
FOLDER = PACKAGE / "locale" / "zh" / "LC_MESSAGES"


@pytest.fixture(scope="module")
def catalogue() -> dict[Any, str]:
    """What gettext reads: English → Chinese; of what depends on a number, (English of one, form) → Chinese."""
    with (FOLDER / "tagger.mo").open("rb") as file:
        found: dict[Any, str] = vars(gettext.GNUTranslations(file))["_catalog"]
    return {english: chinese for english, chinese in found.items() if english}


@pytest.fixture(scope="module")
def script(root: Path) -> Any:
    pytest.importorskip("babel", reason="Babel collects messages: pip install babel")
    sys.path.insert(0, str(root / "scripts"))
    try:
        import messages  # noqa: PLC0415 - a script of its own

        return messages
    finally:
        sys.path.remove(str(root / "scripts"))


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_everything_that_is_said_is_in_the_catalogue_in_chinese(script: Any) -> None:
    known = {message.id: message.string for message in script.read(FOLDER / "tagger.po") if message.id}
    collected = [message.id for message in script.collect() if message.id]
    assert [message for message in collected if not known.get(message) or not all(known[message])] == []
    assert sorted(set(known) - set(collected), key=str) == []


@pytest.mark.full
def test_every_text_that_the_code_says_is_in_the_compiled_catalogue(catalogue: dict[Any, str]) -> None:
    """Wherever it stands: Babel does not look into f-strings before Python 3.12."""
    said = {english if isinstance(english, str) else english[0] for english in catalogue}
    lacking = [
        f"{path.name}:{node.lineno}: {node.args[0].value!r}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "_n", "N_"}
        if node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value not in said
    ]
    assert lacking == []


def test_the_compiled_catalogue_is_that_of_the_written_one(script: Any) -> None:
    with (FOLDER / "tagger.mo").open("rb") as file:
        stored = vars(gettext.GNUTranslations(file))["_catalog"]
    written = {message.id: message.string for message in script.read(FOLDER / "tagger.po") if message.id}
    assert len(stored) - 1 == len(written)
    for english, chinese in written.items():
        if isinstance(english, tuple):
            assert stored[english[0], 0] == chinese[0]
        else:
            assert stored[english] == chinese


def test_values_have_places_in_both_languages(catalogue: dict[Any, str]) -> None:
    for english, chinese in catalogue.items():
        if isinstance(english, str):
            assert places(chinese) == places(english), english


def test_of_what_depends_on_a_number_the_chinese_has_places_of_either_form(script: Any) -> None:
    for message in script.read(FOLDER / "tagger.po"):
        if isinstance(message.id, tuple):
            one, several = map(places, message.id)
            assert one & several <= places(message.string[0]) <= one | several, message.id


def test_the_chinese_is_chinese(catalogue: dict[Any, str]) -> None:
    """But for what has no words of its own: names, signs, places for values."""
    words = re.compile(r"\{[^}]*\}|--?[a-z-]+|[A-Z][A-Za-z0-9.-]*|[a-z_]+\.[a-z]+")
    left = {english: chinese for english, chinese in catalogue.items() if not re.search("[\u3400-\u9fff]", chinese)}
    assert [chinese for chinese in left.values() if re.search("[a-z]{2}", words.sub("", chinese))] == []


@pytest.mark.parametrize("word", ["您", "类别", "词项"])
def test_words_that_the_glossary_rules_out_are_not_there(catalogue: dict[Any, str], word: str) -> None:
    assert [chinese for chinese in catalogue.values() if word in chinese] == []
