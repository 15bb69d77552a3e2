"""Runs a command in this process, its standard output and standard error apart."""

import inspect
from collections.abc import Sequence
from pathlib import Path

import click
from click.testing import CliRunner, Result

__all__ = ["invoke"]

# Before click 8.2 both were mixed unless it was told otherwise; since then it cannot be told.
_APART = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


def invoke(command: click.Command, arguments: Sequence[str | Path], *, stdin: bytes | None = None) -> Result:
    return CliRunner(**_APART).invoke(command, [str(argument) for argument in arguments], input=stdin)  # type: ignore[arg-type]
