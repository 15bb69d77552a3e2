"""Help in sections: options of every day before those for experts, and commands by what they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

import click

from tagger.cli.spoken import Spoken
from tagger.messages import N_, _

__all__ = ["EXPERT", "READING", "RECORDS", "RUNS", "Command", "Group", "option"]

READING = N_("How files are read")
EXPERT = N_("How it is trained and decides, for experts")
RECORDS = N_("What is added to each record")
RUNS = N_("Long runs")
_DAILY = N_("Options")

_Function = TypeVar("_Function", bound=Callable[..., Any])


class _Option(click.Option):
    """An option that knows in which section of the help it stands."""

    def __init__(self, *flags: Any, section: str = _DAILY, **about: Any) -> None:
        super().__init__(*flags, **about)
        self.section = section


def option(*flags: str, section: str = _DAILY, **about: Any) -> Callable[[_Function], _Function]:
    """Make an option as `click.option` does, in a section of the help."""
    return click.option(*flags, cls=_Option, section=section, **about)


class Command(Spoken):
    """A command whose help has a section for each kind of options, that of every day first."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, by section."""
        sections: dict[str, list[tuple[str, str]]] = {_DAILY: []}
        for parameter in self.get_params(ctx):
            # What arguments are, the text above says; click 8.5 lists their bare names here.
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(parameter, "section", _DAILY), []).append(record)
        for title, records in sections.items():
            with formatter.section(_(title)):
                formatter.write_dl(records)


class Group(Spoken, click.Group):
    """A group whose help lists its commands by what they do, each with a whole sentence.

    `groups` are the names of the commands under what they do, in order.
    """

    groups: Mapping[str, Sequence[str]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands, the most used first."""
        return [name for names in self.groups.values() for name in names]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, by what they do."""
        for title, names in self.groups.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(_(title)):
                formatter.write_dl([(name, command.get_short_help_str(999)) for name, command in commands if command])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; one that there is not is told with the one that is like it."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.list_commands(ctx), n=1, cutoff=0.5)
            if near:
                ctx.fail(_("no such command {name!r}: did you mean {near}?", name=args[0], near=near[0]))
            names = _(", ").join(self.list_commands(ctx))
            ctx.fail(_("no such command {name!r}: there are {names}", name=args[0], names=names))
        return super().resolve_command(ctx, args)
