"""What Tagger says to people, in their language: English in the code, Chinese from a gettext catalogue.

A message is written where it is said, as `_("{file}: saved", file=path)`. `scripts/messages.py` collects messages into
`locale/zh/LC_MESSAGES/tagger.po`, where they are translated. A message knows its other languages, so that what is
stored or read by programs is English whoever made it: `english(message)`.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

__all__ = [
    "CATALOGUES",
    "LANGUAGES",
    "N_",
    "VARIABLE",
    "Message",
    "_",
    "_n",
    "current",
    "english",
    "in_language",
    "joined",
    "kind_of",
    "language_of",
    "look_again",
    "recognised",
    "translated",
    "use",
    "used",
]

LANGUAGES = ("en", "zh")
VARIABLE = "TAGGER_LANG"
"""The environment variable that names one of `LANGUAGES`; without it the locale decides."""

CATALOGUES = Path(__file__).with_name("locale")
"""Where gettext finds the catalogues, in the domain `tagger`."""
# As gettext has them: the first that is set decides.
_LOCALE = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Message(str):
    """A text in the language that was used when it was made, which can be said in the others.

    Attributes:
        template: the English text, with {…} where values stand.
        values: what stands there.
        plural: the English text for another number than 1, and that number; None where there is one text.
    """

    __slots__ = ("plural", "template", "values")
    template: str
    values: Mapping[str, Any]
    plural: tuple[str, int] | None

    def __new__(
        cls, text: str, template: str = "", values: Mapping[str, Any] = _NOTHING, plural: tuple[str, int] | None = None
    ) -> Self:
        """Make a message of its text in the language used, and what it was made from."""
        made = super().__new__(cls, text)
        made.template, made.values, made.plural = template, values, plural
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Message, (str(self), self.template, dict(self.values), self.plural)

    def in_language(self, language: str) -> str:
        """Return the text in one of `LANGUAGES`, messages among its values too."""
        values = {name: in_language(value, language) for name, value in self.values.items()}
        return _text(self.template, self.plural, language).format(**values)


def _(template: str, /, **values: Any) -> Message:
    """Return a message in the language used: a text, with values where it has their names in braces.

    >>> _("{file}: saved", file="m")
    'm: saved'
    """
    return Message(_text(template, None, current()).format(**values), template, values)


def _n(singular: str, plural: str, number: int, /, **values: Any) -> Message:
    """Return a message that depends on a number, which is its value `n` as well.

    >>> _n("{n} row", "{n} rows", 2)
    '2 rows'
    """
    values = {"n": number, **values}
    return Message(_text(singular, (plural, number), current()).format(**values), singular, values, (plural, number))


def N_(text: str) -> str:  # noqa: N802 - gettext's name for it
    """Mark a text as a message and return it as it is; it is translated by `_` where it is said."""
    return text


_LISTED = N_("{first}, {second}")


def joined(parts: Iterable[str], joint: str = _LISTED) -> str:
    """Return parts with what stands between them, as a message, so that other languages have their own signs there.

    >>> joined(["a", "b", "c"])
    'a, b, c'
    """
    parts = [*parts]
    if len(parts) < 2:
        return parts[0] if parts else ""
    # In halves, as a table may have thousands of columns, and Python not as many calls within each other.
    half = len(parts) // 2
    return _(joint, first=joined(parts[:half], joint), second=joined(parts[half:], joint))


def translated(text: str, language: str) -> str:
    """Return a marked text in a language as it is; where values stand in it, somebody else puts them in."""
    return _text(text, None, language)


def in_language(value: Any, language: str) -> Any:
    """Return a message in a language; anything else as it is."""
    return value.in_language(language) if isinstance(value, Message) else value


def kind_of(text: str) -> tuple[str, ...]:
    """Return what a message says but for its numbers: where it is equal, one message says it for all.

    >>> kind_of(_("byte {n} of {file}", n=1, file="a")) == kind_of(_("byte {n} of {file}", n=2, file="a"))
    True
    """
    if not isinstance(text, Message) or not text.template:
        return (text,)
    values = (
        kind_of(value) if isinstance(value, str) else (str(value),)
        for value in text.values.values()
        if not isinstance(value, int | float)
    )
    return (text.template, *(part for value in values for part in value))


def recognised(text: str, templates: Iterable[str]) -> Message | None:
    """Return an English text as the first message whose template it has, values put in; None where it has none.

    >>> recognised("Bad file a.csv", ["Bad file {name}"]).values
    {'name': 'a.csv'}
    """
    for template in templates:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(template))
        if (found := re.fullmatch(pattern, text, re.DOTALL)) is not None:
            return _(template, **found.groupdict())
    return None


def english(value: Any) -> Any:
    """Return a message in English, for what is stored and what programs read; anything else as it is."""
    return in_language(value, "en")


def current() -> str:
    """Return the language used: what `use` has set, or TAGGER_LANG, or that of the locale."""
    return _chosen or _of_process()


def use(language: str | None) -> None:
    """Use one of `LANGUAGES` from now on in this process; None is that of the environment again."""
    global _chosen  # noqa: PLW0603 - as a locale is
    _chosen = language


def look_again() -> None:
    """Ask the environment again; otherwise it is asked once, with the first message."""
    _of_process.cache_clear()


@contextmanager
def used(language: str) -> Iterator[None]:
    """Use a language for a while."""
    before = _chosen
    use(language)
    try:
        yield
    finally:
        use(before)


_chosen: str | None = None


def _text(template: str, plural: tuple[str, int] | None, language: str) -> str:
    catalogue = _catalogue(language)
    return catalogue.gettext(template) if plural is None else catalogue.ngettext(template, *plural)


@cache
def _of_process() -> str:
    # Looked up once: with every message it took most of the time of rejecting a line.
    return language_of(os.environ)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("tagger", CATALOGUES, languages=[language])


def language_of(variables: Mapping[str, str]) -> str:
    """Return the language that variables ask for, or that of the system where none does."""
    if (asked := variables.get(VARIABLE)) in LANGUAGES:
        return str(asked)
    for name in _LOCALE:
        if found := variables.get(name):
            return "zh" if found.startswith("zh") else "en"
    return _of_windows()


def _of_windows() -> str:
    """Return the language in which Windows speaks to the user; English where there is no Windows."""
    import ctypes  # noqa: PLC0415 - where the environment does not tell

    windll = getattr(ctypes, "windll", None)
    # The low ten bits are the language without its country; 4 is Chinese.
    return "zh" if windll is not None and windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 4 else "en"
