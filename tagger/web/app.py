"""The routes: a page to try a model on, POST /tag, what can be asked (OpenAPI), and whether the server lives."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import lru_cache
from html import escape
from importlib.metadata import version
from importlib.resources import files

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tagger.model import model_hash, shipped_model
from tagger.tagger import load
from tagger.web.asking import answer, read_asked
from tagger.web.guard import Guard, RefusedError, refuse
from tagger.web.openapi import describe
from tagger.web.options import ServeOptions

__all__ = ["create_app", "served"]

_STATIC = {"try.js": "text/javascript", "try.css": "text/css"}


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
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            # A form of another site can send text or a form without asking first, JSON it cannot.
            raise RefusedError(415, "must be JSON: send the header 'Content-Type: application/json'")
        try:
            with anyio.fail_after(options.seconds):
                asked = read_asked(await _body(request, options.max_bytes), options)
                data = await anyio.to_thread.run_sync(answer, asked, tagger, limiter=limiter, abandon_on_cancel=True)
        except TimeoutError:
            raise RefusedError(503, f"took longer than {options.seconds:g} s: send less at a time, or later") from None
        return Response(data, media_type="application/json")

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "version": version("tagger-zh"), "model": digest})

    async def openapi(_: Request) -> Response:
        return JSONResponse(describe(tagger, options))

    titles = escape(json.dumps(tagger.titles)).encode("ascii")

    async def page(_: Request) -> Response:
        html = _read("try.html").replace(b"{language}", options.language.encode()).replace(b"{titles}", titles)
        return Response(html, media_type="text/html")

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _STATIC:
            raise HTTPException(404)
        return Response(_read(name), media_type=_STATIC[name])

    return Starlette(
        routes=[
            Route("/", page),
            Route("/tag", tag, methods=["POST"]),
            Route("/health", health),
            Route("/openapi.json", openapi),
            Route("/static/{name}", static),
        ],
        middleware=[Middleware(Guard, options=options)],
        exception_handlers={RefusedError: _say_refused, HTTPException: _say_http, Exception: _say_failed},
    )


async def _body(request: Request, most: int) -> bytes:
    """Read a body of so many bytes at most; its length need not have been told."""
    found = bytearray()
    try:
        async for part in request.stream():
            found += part
            if len(found) > most:
                raise RefusedError(413, f"has more than the {most} bytes that are allowed: send less at a time")
    except ClientDisconnect as error:
        raise RefusedError(400, "broke off") from error
    return bytes(found)


_Handler = Callable[[Request, Exception], Awaitable[Response]]


async def _say_refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101 - for the type checker: Starlette calls it with no other
    return refuse(error)


async def _say_http(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = {404: "is not here: there are /, /tag, /health and /openapi.json", 405: "is asked for by another method"}
    return JSONResponse({"error": words.get(status, "cannot be answered")}, status)


async def _say_failed(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": "failed inside the server; its log says where"}, 500)


@lru_cache
def _read(name: str) -> bytes:
    return (files("tagger.web") / "static" / name).read_bytes()
