"""tagger serve: a model → a page to try it on and an address to ask, for this machine or an intranet."""

from __future__ import annotations

import secrets

import click

from tagger.cli.group import model_option, seconds
from tagger.cli.language import page_language
from tagger.cli.printing import echo
from tagger.cli.sections import Command
from tagger.errors import RunError
from tagger.messages import _

__all__ = ["serve"]


@click.command(cls=Command, epilog="Example: tagger serve --model models/mine --port 8765")
@model_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for an intranet.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that answer.")
@click.option(
    "--token",
    help="What a request must bring in 'Authorization: Bearer TOKEN'.  [default: none on loopback, else made up]",
)
@click.option("--allow-host", "names", multiple=True, metavar="NAME", help="A name the server may be asked for under.")
@click.option(
    "--max-bytes",
    type=click.IntRange(min=1),
    default=2_000_000,
    show_default=True,
    help="Bytes that one request may have.",
)
@click.option(
    "--max-texts", type=click.IntRange(min=1), default=1000, show_default=True, help="Texts that one request may have."
)
@click.option(
    "--timeout",
    type=seconds,
    metavar="SECONDS",
    default="30s",
    show_default=True,
    help="How long one request may take.",
)
@page_language("page", "lang")
def serve(
    folder: str | None,
    *,
    host: str,
    port: int,
    workers: int,
    token: str | None,
    names: tuple[str, ...],
    max_bytes: int,
    max_texts: int,
    timeout: float,
    lang: str,
) -> None:
    """Answer over HTTP: a page to paste an article into, and POST /tag for programs.

    Its answers are those of the library. GET /openapi.json says what can be asked, GET /health whether it lives. Ctrl-C
    or SIGTERM stops it, once the requests under way are answered.
    """
    try:
        from tagger.web.app import create_app  # noqa: PLC0415 - an extra
        from tagger.web.options import ServeOptions  # noqa: PLC0415 - likewise
        from tagger.web.server import LOOPBACK, open_socket, run  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise RunError(_("a server needs Starlette and uvicorn: pip install 'tagger-zh[serve]'")) from error
    alone = host in LOOPBACK
    if token is None and not alone:
        token = secrets.token_urlsafe(24)
    options = ServeOptions(
        model=folder,
        token=token,
        hosts=(*LOOPBACK, *names) if alone or names else (),
        max_bytes=max_bytes,
        max_texts=max_texts,
        seconds=timeout,
        language=lang,
    )
    create_app(options)  # what is wrong with the model is said here, not by each worker
    with open_socket(host, port) as listening:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}/"
        echo(f"{address}?token={token}" if token else address)
        echo(_("Ctrl-C stops it"), err=True)
        run(options, listening, workers=workers)
