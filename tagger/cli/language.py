"""In which language a command speaks: decided by --lang before anything is said, else by TAGGER_LANG or the locale."""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar, cast

import click
from click.core import ParameterSource

from tagger.messages import CATALOGUES, LANGUAGES, N_, VARIABLE, _, current, used

__all__ = ["language_option", "page_language", "speaking"]

_OPTION = "--lang"
_CHOICES = ("zh", "en")
_DOMAIN = "tagger"
# What click calls the types of values, in help and where a value is none, if not in English, in which it has its own.
_TYPES: dict[type[click.ParamType[Any]], str] = {
    type(click.INT): N_("whole number"),
    click.IntRange: N_("whole number"),
    type(click.FLOAT): N_("number"),
    click.FloatRange: N_("number"),
    type(click.STRING): N_("value"),
}

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _LanguageOption(click.Option):
    """An option whose value comes from the environment too, and which names the one that is wrong."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return what an error names."""
        if ctx is not None and ctx.get_parameter_source(str(self.name)) is ParameterSource.ENVIRONMENT:
            return f"'{VARIABLE}'"
        # click 8.1 declares that there is always a context.
        return super().get_error_hint(cast("click.Context", ctx))


def language_option() -> click.Option:
    """Return the option that every command has; what it does is done by `speaking`, before options are read."""
    return _LanguageOption(
        [_OPTION],
        type=click.Choice(_CHOICES),
        envvar=VARIABLE,
        expose_value=False,
        help="Language of messages and help.  [default: TAGGER_LANG, or the system's]",
    )


def page_language(noun: str, name: str = "language") -> Callable[[_Command], _Command]:
    """Add the option in its place where something is written in the language too: a page, a sheet.

    The command gets the language of that as `name`: Chinese where neither the option nor TAGGER_LANG asks for another,
    whatever the locale is.
    """
    return click.option(
        _OPTION,
        name,
        cls=_LanguageOption,
        type=click.Choice(_CHOICES),
        envvar=VARIABLE,
        default="zh",
        help=f"Language of messages and of the {noun}.  "
        f"[default: TAGGER_LANG; without it the system's, and zh for the {noun}]",
    )


@contextmanager
def speaking(arguments: Sequence[str]) -> Iterator[None]:
    """Have all that is said meanwhile, by click and by child processes too, in the language that arguments ask for."""
    with ExitStack() as stack:
        if asked := _asked(arguments):
            stack.enter_context(used(asked))
            _set(stack, VARIABLE, asked)
        if current() != "en":
            _translate_click(stack)
        yield


def _asked(arguments: Sequence[str]) -> str | None:
    """Return the last language that arguments ask for, as click takes it; None where they do not, or for another."""
    found = None
    before = ""
    for argument in arguments:
        if argument == "--":
            break
        if before == _OPTION:
            found = argument
        elif argument.startswith(f"{_OPTION}="):
            found = argument.partition("=")[2]
        before = argument
    return found if found in LANGUAGES else None


def _translate_click(stack: ExitStack) -> None:
    """Have click speak the language used: it asks gettext, whose catalogue and language are the process's."""
    stack.callback(gettext.textdomain, gettext.textdomain())
    gettext.bindtextdomain(_DOMAIN, str(CATALOGUES))
    gettext.textdomain(_DOMAIN)
    _set(stack, "LANGUAGE", current())
    names = {kind: kind.name for kind in _TYPES}
    for kind, name in _TYPES.items():
        stack.callback(setattr, kind, "name", names[kind])
        kind.name = str(_(name))


def _set(stack: ExitStack, variable: str, value: str) -> None:
    """Set an environment variable until the stack is left."""
    before = os.environ.get(variable)
    if before is None:
        stack.callback(os.environ.pop, variable, None)
    else:
        stack.callback(os.environ.__setitem__, variable, before)
    os.environ[variable] = value
