"""Who may ask, from where, and how much: checked before anything else looks at a request.

A page of another site that is open in the same browser can send requests to this machine too. It cannot name another
host than its own (a name that is made to lead here shows in `Host`), hide where it comes from (`Origin`), or know the
token.
"""

from __future__ import annotations

import hmac
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tagger.messages import _
from tagger.web.options import ServeOptions

__all__ = ["Guard", "RefusedError", "refuse"]

# Nothing is fetched from elsewhere, nothing is run but the page's own script, and no other page may frame it.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# Anyone may know that the server lives, what it answers, and how its page looks.
_OPEN = ("/health", "/openapi.json", "/static/")


class RefusedError(Exception):
    """Raised when a request is refused: with which status, and in words why and what to do."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(reason)


def refuse(error: RefusedError) -> JSONResponse:
    """Return the answer to a refused request."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if error.status == 503:
        headers["Retry-After"] = "1"
    return JSONResponse({"error": error.reason}, error.status, headers)


class Guard:
    """Middleware that refuses requests which `ServeOptions` do not allow, and adds headers to every answer."""

    def __init__(self, app: ASGIApp, options: ServeOptions) -> None:
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have the app answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        try:
            self._check(scope, Headers(scope=scope))
        except RefusedError as error:
            await refuse(error)(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)

    def _check(self, scope: MutableMapping[str, Any], headers: Headers) -> None:
        options = self._options
        host, origin = headers.get("host", ""), headers.get("origin")
        try:
            name, place = urlsplit(f"//{host}").hostname, urlsplit(origin or f"//{host}").netloc
        except ValueError:  # brackets that are no address
            raise RefusedError(403, _("asked for under another name")) from None
        if options.hosts and name not in options.hosts:
            raise RefusedError(403, _("asked for under another name: start the server with --allow-host NAME"))
        if place != host:
            raise RefusedError(403, _("asked for by a page of another site"))
        if options.token is not None and not scope["path"].startswith(_OPEN) and not self._knows_token(scope, headers):
            raise RefusedError(401, _("needs the token: send the header 'Authorization: Bearer TOKEN'"))
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > options.max_bytes:
            raise RefusedError(
                413,
                _(
                    "has {number} bytes, and {most} are allowed: send less at a time",
                    number=length,
                    most=options.max_bytes,
                ),
            )

    def _knows_token(self, scope: MutableMapping[str, Any], headers: Headers) -> bool:
        """Return whether a request brings the token: in a header, or where the page is asked for, in its address."""
        given = headers.get("authorization", "").removeprefix("Bearer ").encode()
        if scope["path"] == "/":
            given = given or scope["query_string"].removeprefix(b"token=")
        return hmac.compare_digest(given, str(self._options.token).encode())
