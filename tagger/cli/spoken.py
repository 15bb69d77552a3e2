"""Commands in the reader's language: made in English as modules are imported, translated when they are shown."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Sequence
from copy import copy
from typing import Any

import click

from tagger.cli.language import language_option, speaking
from tagger.cli.streams import forgive_characters
from tagger.messages import N_, _, current

__all__ = ["Spoken"]

# What click writes in every line of usage, and does not translate.
_PLACEHOLDERS = frozenset([N_("[OPTIONS]"), N_("COMMAND [ARGS]...")])
# Words that stand for what is to be written, in usage and help.
_WORDS = frozenset([
    N_("FILE"), N_("DIR"), N_("FOLDER"), N_("FINDINGS"), N_("LABELS"), N_("POOL"), N_("TEXT"), N_("IN"), N_("OUT"),
    N_("NAME"), N_("TOPIC"), N_("FIELD"), N_("SHEET"), N_("ENCODING"), N_("DELIMITER"), N_("SEPARATOR"),
    N_("N"), N_("K"), N_("P"), N_("TIME"), N_("SECONDS"),
])  # fmt: skip


class _Context(click.Context):
    def make_formatter(self) -> click.HelpFormatter:
        """Return what writes help: click's own but in Chinese, which is of other widths and has no blanks."""
        if current() == "en":
            return super().make_formatter()
        from tagger.cli.formatter import ChineseHelp  # noqa: PLC0415 - rich is loaded where it is needed

        return ChineseHelp(width=self.terminal_width, max_width=self.max_content_width)


class Spoken(click.Command):
    """A command that has --lang, and speaks that language from its first word on."""

    context_class = _Context

    def __init__(self, *arguments: Any, **about: Any) -> None:
        super().__init__(*arguments, **about)
        if not any("--lang" in parameter.opts for parameter in self.params):
            self.params.append(language_option())

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run the command; help and errors of usage are in the language asked for too, wherever --lang stands."""
        forgive_characters()
        with speaking(sys.argv[1:] if args is None else args):
            return super().main(args, *rest, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read arguments; what click puts together from parts, with blanks and a stop that are English, is mended.

        Where something is missing, the example of the help shows what to write.
        """
        try:
            return super().parse_args(ctx, args)
        except (click.MissingParameter, click.NoSuchOption) as error:
            text = error.format_message()
            if isinstance(error, click.MissingParameter):
                text = re.sub(r"(?<=')[^']+(?=')", lambda found: _placeholders(found[0]), text)
            if current() != "en":
                text = re.sub(r"'\.(?: |$)", "'。", text).replace("。 ", "。")
            if isinstance(error, click.MissingParameter) and self.epilog:
                text = f"{text}\n{_translated(self.epilog)}"
            raise click.UsageError(text, error.ctx or ctx) from error

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option for help, which click makes once, in the language of that moment."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = _("Show this message and exit.")
        return option

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence of the help; in Chinese it is whole, whatever its length."""
        english, text = inspect.cleandoc(self.help or ""), _translated(self.help) or ""
        if text == english:
            return super().get_short_help_str(limit)
        sentence, end, _rest = text.partition("\n\n")[0].partition("。")
        return sentence + end

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return what stands behind the command's name in its usage."""
        pieces = super().collect_usage_pieces(ctx)
        return [str(_(piece)) if piece in _PLACEHOLDERS else _placeholders(piece) for piece in pieces]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help, of a copy that is translated."""
        spoken = self if current() == "en" else self._translated()
        super(Spoken, spoken).format_help(ctx, formatter)

    def _translated(self) -> Spoken:
        spoken = copy(self)
        spoken.help, spoken.epilog = _translated(self.help), _translated(self.epilog)
        spoken.params = [copy(parameter) for parameter in self.params]
        for parameter in spoken.params:
            if isinstance(parameter, click.Option):
                parameter.help = _translated(parameter.help)
            if parameter.metavar:
                parameter.metavar = _placeholders(parameter.metavar)
        return spoken


def _placeholders(text: str) -> str:
    """Return what stands for values in the language used."""
    return re.sub(r"[A-Z]+", lambda found: str(_(found[0])) if found[0] in _WORDS else found[0], text)


def _translated(text: str | None) -> str | None:
    """Return a text of help as it is in the catalogue, where it has no indentation."""
    return str(_(inspect.cleandoc(text))) if text else text
