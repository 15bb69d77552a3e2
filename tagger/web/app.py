"""The routes: a page to try a model on, POST /tag, what can be asked (OpenAPI), and whether the server lives."""

from __future__ import annotations

import json
from html import escape
from importlib.metadata import version

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tagger.messages import _
from tagger.model import model_hash, shipped_model
from tagger.tagger import load
from tagger.web.answers import HANDLERS, read_body, serve_static, static_file
from tagger.web.asking import answer, read_asked
from tagger.web.guard import Guard, RefusedError
from tagger.web.openapi import describe
from tagger.web.options import ServeOptions

__all__ = ["create_app", "served"]


def served() -> Starlette:
    """Return the app of a worker process, with the options that were handed on."""
    return create_app(ServeOptions.handed_on())


def create_app(options: ServeOptions) -> Starlette:
    """Return the app that answers with the model of the options.

    Raises:
        ModelError: when the model cannot be loaded.
    """
    folder = options.model or shipped_model()
    digest = model_hash(folder)
    tagger = load(folder, digest=digest)
    limiter = anyio.CapacityLimiter(options.at_once)

    async def tag(request: Request) -> Response:
        try:
            with anyio.fail_after(options.seconds):
                asked = read_asked(await read_body(request, options.max_bytes), options)
                data = await anyio.to_thread.run_sync(answer, asked, tagger, limiter=limiter, abandon_on_cancel=True)
        except TimeoutError:
            raise RefusedError(
                503, _("took longer than {seconds:g} s: send less at a time, or later", seconds=options.seconds)
            ) from None
        return Response(data, media_type="application/json")

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "version": version("tagger-zh"), "model": digest})

    async def openapi(_: Request) -> Response:
        return JSONResponse(describe(tagger, options))

    titles = escape(json.dumps(tagger.titles)).encode("ascii")

    async def page(_: Request) -> Response:
        html = static_file("try.html").replace(b"{language}", options.language.encode()).replace(b"{titles}", titles)
        return Response(html, media_type="text/html")

    return Starlette(
        routes=[
            Route("/", page),
            Route("/tag", tag, methods=["POST"]),
            Route("/health", health),
            Route("/openapi.json", openapi),
            Route("/static/{name}", serve_static),
        ],
        middleware=[Middleware(Guard, options=options)],
        exception_handlers=HANDLERS,
    )
