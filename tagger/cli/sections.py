"""Help in sections: options of every day before those for experts, and commands by what they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

import click

__all__ = ["EXPERT", "READING", "RECORDS", "RUNS", "Command", "Group", "option"]

READING = "How files are read"
EXPERT = "How it is trained and decides, for experts"
RECORDS = "What is added to each record"
RUNS = "Long runs"
_DAILY = "Options"

_Function = TypeVar("_Function", bound=Callable[..., Any])


class _Option(click.Option):
    """An option that knows in which section of the help it stands."""

    def __init__(self, *flags: Any, section: str = _DAILY, **about: Any) -> None:
        super().__init__(*flags, **about)
        self.section = section


def option(*flags: str, section: str = _DAILY, **about: Any) -> Callable[[_Function], _Function]:
    """Make an option as `click.option` does, in a section of the help."""
    return click.option(*flags, cls=_Option, section=section, **about)


class Command(click.Command):
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
            with formatter.section(title):
                formatter.write_dl(records)


class Group(click.Group):
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
            with formatter.section(title):
                formatter.write_dl([(name, command.get_short_help_str(999)) for name, command in commands if command])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; one that there is not is told with the one that is like it."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.list_commands(ctx), n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.list_commands(ctx))}"
            ctx.fail(f"no such command {args[0]!r}: {hint}")
        return super().resolve_command(ctx, args)
