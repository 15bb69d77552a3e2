"""The `tagger` command that the others hang on, and what they share."""

from __future__ import annotations

import sys
from typing import Any

import click
import orjson

from tagger.errors import TaggerError
from tagger.tagger import Tagger, load

__all__ = ["as_json_option", "main", "model_option", "open_tagger", "print_json", "wants_page"]


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Say what is wrong with the data in a line, instead of a traceback, and leave with exit code 1."""
        try:
            return super().invoke(ctx)
        except TaggerError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tagger-zh", prog_name="tagger")
def main() -> None:
    """Label paragraphs of Chinese text with topics, and articles with the topics of their paragraphs."""


model_option = click.option("--model", "folder", metavar="DIR", help="Model folder; the shipped model when left out.")
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, on a terminal too.")


def open_tagger(folder: str | None) -> Tagger:
    """Load the tagger of `--model`."""
    return load(folder)


def wants_page(*, as_json: bool) -> bool:
    """Tell whether a person reads the output: it goes to a terminal and no JSON was asked for."""
    return sys.stdout.isatty() and not as_json


def print_json(value: object) -> None:
    """Print one JSON line to standard output."""
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")
