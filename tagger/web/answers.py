"""What every app answers alike: bodies within a limit, static files, and in words what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from tagger.messages import N_, _, joined
from tagger.web.guard import RefusedError, refuse

__all__ = ["HANDLERS", "read_body", "serve_static", "static_file"]

_TYPES = {".js": "text/javascript", ".css": "text/css"}
_STATUS = {
    405: N_("is asked for by another method"),
}
_STATIC = frozenset(["try.js", "try.css", "label.js", "label.css"])


async def read_body(request: Request, most: int) -> bytes:
    """Read a body of JSON, of so many bytes at most; its length need not have been told.

    Raises:
        RefusedError: when it is too long, breaks off, or is not said to be JSON.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        # A form of another site can send text or a form without asking first, JSON it cannot.
        raise RefusedError(415, _("must be JSON: send the header 'Content-Type: application/json'"))
    found = bytearray()
    try:
        async for part in request.stream():
            found += part
            if len(found) > most:
                raise RefusedError(
                    413, _("has more than the {most} bytes that are allowed: send less at a time", most=most)
                )
    except ClientDisconnect as error:
        raise RefusedError(400, _("broke off")) from error
    return bytes(found)


async def _say_refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101 - for the type checker: Starlette calls it with no other
    return refuse(error)


async def _say_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return JSONResponse({"error": _("is not here: there are {places}", places=_places(request))}, status)
    return JSONResponse({"error": _(_STATUS.get(status, N_("cannot be answered")))}, status)


def _places(request: Request) -> str:
    """Return the addresses that an app has for people and programs."""
    return joined(route.path for route in request.app.routes if "{" not in route.path)


async def _say_failed(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"error": _("failed inside the server; its log says where")}, 500)


HANDLERS: Mapping[Any, Any] = {RefusedError: _say_refused, HTTPException: _say_http, Exception: _say_failed}


async def serve_static(request: Request) -> Response:
    """Answer with a file of the pages."""
    name = request.path_params["name"]
    if name not in _STATIC:
        raise HTTPException(404)
    return Response(static_file(name), media_type=_TYPES[name[name.rindex(".") :]])


@lru_cache
def static_file(name: str) -> bytes:
    """Return the bytes of a file of the pages."""
    return (files("tagger.web") / "static" / name).read_bytes()
