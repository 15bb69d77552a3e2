"""tagger label: unlabelled texts → a page on this machine to label them by hand, and the label file that comes out."""

from __future__ import annotations

import secrets
import sys
import webbrowser
from pathlib import Path
from typing import Any, cast, get_args

import click

from tagger.cli.group import labels_options
from tagger.cli.language import page_language
from tagger.cli.printing import echo
from tagger.cli.sections import Command
from tagger.errors import DataError, Problem, RunError
from tagger.labelling.journal import Mode
from tagger.messages import N_, _

__all__ = ["is_terminal", "label"]

_MODES = get_args(Mode)
_QUESTION = N_("How many topics does a text have: exactly one, one or several (several), or perhaps none (any)")


def is_terminal() -> bool:
    """Whether a person has started the command."""
    return sys.stdout.isatty()


@click.command(cls=Command, epilog="Example: tagger label pool.jsonl labels.csv --topics topics.toml --mode any")
@click.argument("pool")
@click.argument("labels")
@labels_options
@click.option("--mode", type=click.Choice(_MODES), help="How many topics a text has.  [default: asked for once]")
@click.option(
    "--split/--whole", "split", default=None, help="Split articles into paragraphs.  [default: if labels are of such]"
)
@click.option("--blind", is_flag=True, help="Do not show the model's guess, which people tend to agree with.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on this machine.  [default: a free one]")
@click.option("--open/--no-open", "opened", default=True, help="Open the page in the browser.")
@page_language("page", "lang")
def label(
    pool: str,
    labels: str,
    *,
    mode: str | None,
    split: bool | None,
    blind: bool,
    port: int,
    opened: bool,
    lang: str,
    source: dict[str, Any],
) -> None:
    """Label texts of POOL by hand, one after another, on a page for this machine alone.

    POOL is a file of any form, or a folder of text files. Decisions go to LABELS, a new file or one that goes on
    growing: each is on the disk (LABELS.journal) before the page says so, and in LABELS a second after the last. A
    model learns meanwhile, and asks for what it is unsure about. Ctrl-C ends it; the same command goes on.
    """
    try:
        from tagger.labelling.opening import open_labelling  # noqa: PLC0415 - scikit-learn takes a second
        from tagger.web.labelling import serve_labelling  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise RunError(_("a page needs Starlette and uvicorn: pip install 'tagger-zh[serve]'")) from error
    with open_labelling(pool, labels, split=split, **source) as work:
        if work.mode is None:
            if mode is None and not sys.stdin.isatty():
                modes = ", ".join(_MODES)
                raise DataError(labels, Problem(_("--mode must be said once: {modes}", modes=modes)))
            work.choose(cast("Mode", mode or click.prompt(_(_QUESTION), type=click.Choice(_MODES), err=True)))
        elif mode not in {None, work.mode}:
            raise DataError(labels, Problem(_("is labelled with --mode {mode}: go on with that", mode=work.mode)))
        for sentence in work.sentences():
            echo(sentence, err=True)

        def tell(address: str) -> None:
            echo(address)
            echo(_("Ctrl-C ends it"), err=True)
            if opened and is_terminal():
                webbrowser.open(address)

        serve_labelling(
            work,
            token=secrets.token_urlsafe(24),
            port=port,
            blind=blind,
            language=lang,
            name=Path(pool).name,
            tell=tell,
        )
