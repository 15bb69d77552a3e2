"""tagger label: unlabelled texts → a page on this machine to label them by hand, and the label file that comes out."""

from __future__ import annotations

import secrets
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import click

from tagger.cli.group import labels_options
from tagger.cli.language import page_language
from tagger.cli.printing import echo
from tagger.cli.sections import Command
from tagger.errors import DataError, Problem, RunError
from tagger.labelling.journal import Mode
from tagger.messages import N_, _, _n

if TYPE_CHECKING:
    from tagger.curation.resolving import RefusedRow

__all__ = ["is_terminal", "label"]

_MODES = get_args(Mode)
_QUESTION = N_("How many topics does a text have: exactly one, one or several (several), or perhaps none (any)")


def is_terminal() -> bool:
    """Whether a person has started the command."""
    return sys.stdout.isatty()


@click.command(cls=Command, epilog="Example: tagger label pool.jsonl labels.csv --topics topics.toml --mode any")
@click.argument("files", nargs=-1, metavar="[POOL] LABELS")
@labels_options
@click.option(
    "--review", "findings", metavar="FINDINGS", help="Go through what tagger check found in LABELS; there is no POOL."
)
@click.option("--mode", type=click.Choice(_MODES), help="How many topics a text has.  [default: asked for once]")
@click.option(
    "--split/--whole", "split", default=None, help="Split articles into paragraphs.  [default: if labels are of such]"
)
@click.option("--blind", is_flag=True, help="Do not show the model's guess, which people tend to agree with.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on this machine.  [default: a free one]")
@click.option("--open/--no-open", "opened", default=True, help="Open the page in the browser.")
@page_language("page", "lang")
def label(
    files: Sequence[str],
    *,
    findings: str | None,
    mode: Mode | None,
    split: bool | None,
    blind: bool,
    port: int,
    opened: bool,
    lang: str,
    source: dict[str, Any],
) -> None:
    """Label texts of POOL by hand, or look at doubtful labels, one after another, on a page for this machine alone.

    POOL is a file of any form, or a folder of text files. Decisions go to LABELS, a new file or one that goes on
    growing: each is on the disk (LABELS.journal) before the page says so, and in LABELS a second after the last. A
    model learns meanwhile, and asks for what it is unsure about. Ctrl-C ends it; the same command goes on.

    With --review FINDINGS, the sheet of tagger check, rows of LABELS are looked at that may be wrong. What is decided
    (FINDINGS.journal) is changed in LABELS as tagger apply does it: those cells and no other byte, and no row that has
    changed since.
    """
    if len(files) != (2 if findings is None else 1):
        raise click.UsageError(_("name POOL and LABELS; with --review FINDINGS name LABELS alone"))
    try:
        import tagger.web.labelling  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise RunError(_("a page needs Starlette and uvicorn: pip install 'tagger-zh[serve]'")) from error

    def tell(address: str) -> None:
        echo(address)
        echo(_("Ctrl-C ends it"), err=True)
        if opened and is_terminal():
            webbrowser.open(address)

    page: dict[str, Any] = {"token": secrets.token_urlsafe(24), "port": port, "language": lang, "tell": tell}
    page |= {"blind": blind, "name": Path(findings or files[0]).name}
    if findings is None:
        _label(*files, mode=mode, split=split, source=source, page=page)
    else:
        _review(findings, *files, mode=mode, source=source, page=page)


def _label(
    pool: str, labels: str, *, mode: Mode | None, split: bool | None, source: dict[str, Any], page: dict[str, Any]
) -> None:
    from tagger.labelling.opening import open_labelling  # noqa: PLC0415 - scikit-learn takes a second
    from tagger.web.labelling import serve_labelling  # noqa: PLC0415 - an extra

    with open_labelling(pool, labels, split=split, **source) as work:
        if work.mode is None:
            if mode is None and not sys.stdin.isatty():
                modes = ", ".join(_MODES)
                raise DataError(labels, Problem(_("--mode must be said once: {modes}", modes=modes)))
            work.choose(cast("Mode", mode or click.prompt(_(_QUESTION), type=click.Choice(_MODES), err=True)))
        _check_mode(labels, mode, work.mode)
        for sentence in work.sentences():
            echo(sentence, err=True)
        serve_labelling(work, **page)


def _review(findings: str, labels: str, *, mode: Mode | None, source: dict[str, Any], page: dict[str, Any]) -> None:
    from tagger.labelling.findings import open_review  # noqa: PLC0415 - scikit-learn takes a second
    from tagger.web.labelling import serve_review  # noqa: PLC0415 - an extra

    with open_review(findings, labels, **source) as work:
        work.choose(mode)
        _check_mode(labels, mode, work.mode)
        for sentence in work.sentences():
            echo(sentence, err=True)
        _tell_refused(findings, work.changed)
        done = serve_review(work, **page)
        _tell_refused(findings, done.refused)
        counts = done.state()
        echo(
            _(
                "{file}: {changed} decided otherwise, {kept} found right, {unsure} not sure, {left} left",
                file=findings,
                **{name: counts[name] for name in ("changed", "kept", "unsure", "left")},
            ),
            err=True,
        )
        rows = _n("{n} row changed", "{n} rows changed", len(work.mender.changed))
        if work.mender.backup is not None:
            echo(_("{file}: {rows}; before: {before}", file=labels, rows=rows, before=work.mender.backup), err=True)


def _check_mode(labels: str, mode: Mode | None, chosen: Mode | None) -> None:
    if mode not in {None, chosen}:
        raise DataError(labels, Problem(_("is labelled with --mode {mode}: go on with that", mode=chosen)))


def _tell_refused(findings: str, rows: Sequence[RefusedRow]) -> None:
    for row in rows:
        echo(f"{findings}:{row.row}: {row.reason}", err=True)
