"""The `tagger` command that the others belong to, and the options they share."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import Field, fields
from functools import partial, wraps
from importlib import import_module
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import click

from tagger.cli.printing import echo, printable
from tagger.cli.sections import EXPERT, READING, RECORDS, Group, option
from tagger.cli.streams import standard_streams
from tagger.dataset.options import LabelOptions
from tagger.errors import SettingsError, TaggerError
from tagger.formats.fitting import check_fitting
from tagger.formats.options import FileOptions
from tagger.messages import N_, _
from tagger.settings import Settings

__all__ = [
    "as_json_option",
    "explain_terms_option",
    "field_options",
    "file_options",
    "jobs_option",
    "labels_options",
    "main",
    "model_option",
    "pool_field_option",
    "seconds",
    "settings_options",
    "simplify_option",
    "usage_of_settings",
    "wants_page",
]

# By what they do, each a module of its name. It is imported when it is asked for: tagging one file need not wait for
# what the others import.
_COMMANDS = {
    N_("Every day"): ("tag", "train", "evaluate", "report"),
    N_("To better labels"): ("check", "apply", "label", "suggest", "keywords", "convert"),
    N_("To look inside"): ("explain", "show"),
    N_("For others"): ("serve",),
    N_("To begin"): ("demo",),
}
# Settings that are asked for every day.
_DAILY_SETTINGS = frozenset(["exclusive", "threshold"])
# How labels are read, where that is asked for every day.
_DAILY_LABELS = frozenset(["text_field", "topics_field", "document_field", "without_topic"])
# Parameters of commands that name files of labels or of texts without them.
_READ = ("labels", "files", "source_file", "pool", "unlabelled")


_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Group(Group):
    groups = _COMMANDS

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, which is in a module of its name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(import_module(f"tagger.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Say what is wrong with the data in a line, instead of a traceback, and leave with exit code 1."""
        try:
            with _terminated_as_an_exit(), standard_streams():
                return super().invoke(ctx)
        except TaggerError as error:
            raise click.ClickException(printable(str(error))) from error


@contextmanager
def _terminated_as_an_exit() -> Iterator[None]:
    """Have SIGTERM end a command as an error would, so that it removes what it has half written."""
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print_version(ctx: click.Context, __: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 - a plain run need not load it

        echo(_("{program}, version {version}", program="tagger", version=version("tagger-zh")))
        ctx.exit()


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Each command tells more with --help. Example: tagger tag articles.jsonl -o tagged.jsonl",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Label paragraphs of Chinese text with topics, and articles with the topics of their paragraphs."""


model_option = click.option("--model", "folder", metavar="DIR", help="Model folder; the shipped model when left out.")
simplify_option = click.option(
    "--simplify", is_flag=True, help="Read traditional characters as simplified ones; needs OpenCC."
)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, on a terminal too.")
explain_terms_option = click.option("--explain-terms", is_flag=True, help="Say what the terms of the report mean.")


def _check_jobs(context: click.Context, parameter: click.Parameter, value: int) -> int:  # noqa: ARG001 - click's
    if value < 1 and value != -1:
        text = _("{n} processes can do nothing: give 1 or more, or -1 for one for each core", n=value)
        raise click.BadParameter(text)
    return value


pool_field_option = click.option(
    "--pool-field",
    metavar="FIELD",
    help="Column of POOL with the text.  [default: that of --text-field, or by its name]",
)
jobs_option = click.option(
    "--jobs", type=int, default=-1, show_default=True, callback=_check_jobs, help="Processes; -1 is one for each core."
)


@contextmanager
def usage_of_settings() -> Iterator[None]:
    """Raise a wrong setting as wrong usage of the command that is run, which calls it by its option."""
    try:
        yield
    except SettingsError as error:
        flags = {
            parameter.name.removeprefix("setting_"): parameter.opts[-1]
            for parameter in click.get_current_context().command.params
            if parameter.name is not None
        }
        # A name of one word is an option where it stands first; elsewhere it may be any word.
        text = re.sub(
            r"^[a-z]+(?= )|(?<![\w-])[a-z]+(?:_[a-z]+)+", lambda found: flags.get(found[0], found[0]), str(error)
        )
        raise click.UsageError(printable(text)) from error


def seconds(value: str) -> float:
    """Read a time such as 60s, 10m or 2h; a bare number is seconds.

    >>> seconds("10m")
    600.0
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", value)
    if match is None:
        raise click.BadParameter(_("{value!r} is not a time: write 60s, 10m or 2h", value=value))
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def field_options(noun: str) -> Callable[[_Command], _Command]:
    """Add the options on which fields of a record are read and gained; `noun` is in their names, as in --text-field.

    The command gets them under the names of `tagger.batch.Fields`, the first three with the noun behind them.
    """
    of_records = partial(option, section=RECORDS)
    options = [
        option(f"--text-{noun}", default="text", show_default=True, help=f"The {noun} that holds the text."),
        option(
            f"--title-{noun}", metavar="NAME", help=f"A {noun} with a title, tagged as a paragraph before the text."
        ),
        of_records(f"--output-{noun}", metavar="NAME", help=f"Put everything that is added into this one {noun}."),
        of_records("--paragraphs", is_flag=True, help="Add the paragraphs, with their topics and offsets."),
        of_records(
            "--explain", type=int, default=0, metavar="N", help="Add the N features that decided most for each topic."
        ),
        of_records(
            "--min-probability", type=float, default=0.0, metavar="P", help="Leave out topics less probable than P."
        ),
        of_records("--topics-only", is_flag=True, help="Add nothing but the list of topics."),
        of_records("--overwrite", is_flag=True, help=f"Replace a {noun} that has the name of one that is added."),
        simplify_option,
    ]

    def add(command: _Command) -> _Command:
        for each in reversed(options):
            command = each(command)
        return command

    return add


def file_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options on how files are read; the command gets each under its name in `FileOptions`."""
    return _options_of(FileOptions)(command)


def labels_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options on how labels are read; the command gets them as `source`, the keywords of `read_dataset`."""

    # Here for all commands, as labels and unlabelled texts are read with the same options, and one of them may fit.
    @click.option(
        "--topics", metavar="FILE", help="Titles and keywords.  [default: topics.toml beside LABELS, if it fits]"
    )
    @_options_of(LabelOptions)
    @wraps(command)
    def reading(*args: Any, topics: str | None, **rest: Any) -> Any:
        choices = {choice.name: rest.pop(choice.name) for choice in fields(LabelOptions)}
        with usage_of_settings():
            options = LabelOptions(**choices)
        check_fitting([*_files_read(rest)], options)
        return command(*args, source={"topics": topics, "options": options}, **rest)

    return reading


def _files_read(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files among the values of a command's parameters that are read with its options of reading."""
    for name in _READ:
        value = given.get(name) or ()
        yield from (value,) if isinstance(value, str) else value


def _options_of(record: type[Any]) -> Callable[[_Command], _Command]:
    """Return what adds an option for each field of a record of options, as its metadata describes it."""
    types = get_type_hints(record)

    def add(command: _Command) -> _Command:
        for choice in reversed(fields(record)):
            flag = choice.metadata.get("flag") or f"--{choice.name.replace('_', '-')}"
            about: dict[str, Any] = {"default": choice.default, "help": choice.metadata["help"]}
            if types[choice.name] is bool:
                about["is_flag"] = True
            elif choices := _choices(types[choice.name]):
                about |= {"type": click.Choice(choices)}
            else:
                about["metavar"] = choice.name.rpartition("_")[2].upper()
            section = {} if choice.name in _DAILY_LABELS else {"section": READING}
            command = option(flag, choice.name, **about, **section)(command)
        return command

    return add


def _choices(annotation: Any) -> tuple[str, ...]:
    """Return the values of a Literal, also where None is allowed beside them."""
    found = (
        annotation
        if get_origin(annotation) is Literal
        else next((part for part in get_args(annotation) if get_origin(part) is Literal), None)
    )
    return get_args(found)


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each setting, as its field describes it; the command gets them as one record: `settings`."""

    @wraps(command)
    def choosing(*args: Any, **rest: Any) -> Any:
        choices = {choice.name: rest.pop(f"setting_{choice.name}") for choice in fields(Settings)}
        with usage_of_settings():
            settings = Settings(**choices)
        return command(*args, settings=settings, **rest)

    for choice in reversed(fields(Settings)):
        section = {} if choice.name in _DAILY_SETTINGS else {"section": EXPERT}
        choosing = option(*_flags(choice), f"setting_{choice.name}", **_form(choice), **section)(choosing)
    return choosing


def _flags(choice: Field[Any]) -> tuple[str]:
    name = choice.name.replace("_", "-")
    usual = f"--{name}/--no-{name}" if "bool" in str(choice.type) else f"--{name}"
    return (choice.metadata["flags"] or usual,)


def _form(choice: Field[Any]) -> dict[str, Any]:
    number: type | None = {"int": int, "int | None": int, "float": float}.get(str(choice.type))
    return {
        "type": number,
        "default": choice.default,
        "show_default": choice.default is not None,
        "help": choice.metadata["help"],
    }


def wants_page(*, as_json: bool) -> bool:
    """Whether a person reads the output: it goes to a terminal and no JSON was asked for."""
    return sys.stdout.isatty() and not as_json
