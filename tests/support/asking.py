"""Requests to an app without a socket: what a server would hand on to it, and what it answers."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import anyio
import anyio.lowlevel

__all__ = ["Answer", "Client"]


@dataclass(frozen=True)
class Answer:
    """What an app answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, read as JSON."""
        return json_format.loads(self.body)

    @property
    def error(self) -> str:
        """What the answer says is wrong."""
        return str(self.json()["error"])


class Client:
    """Asks an ASGI app; what it raises after its answer is kept in `failures`."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.failures: list[Exception] = []

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask by GET."""
        return self._ask("GET", path, [], headers or {})

    def post(
        self,
        path: str,
        *,
        json: Any = None,
        parts: Iterable[bytes | None] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask by POST with JSON, or with parts of a body whose length is not told; None breaks off."""
        given = {"content-type": "application/json"} | {name.lower(): value for name, value in (headers or {}).items()}
        sent: list[bytes | None] = [*parts]
        if json is not None:
            sent = [json_format.dumps(json).encode()]
        if len(sent) == 1 and sent[0] is not None:
            given["content-length"] = str(len(sent[0]))
        return self._ask("POST", path, sent, given)

    def _ask(self, method: str, path: str, parts: list[bytes | None], headers: Mapping[str, str]) -> Answer:
        given = {"host": "127.0.0.1:8765"} | {name.lower(): value for name, value in headers.items()}
        address = urlsplit(path)
        scope = {
            "type": "http",
            "method": method,
            "path": unquote_to_bytes(address.path).decode(),
            "query_string": address.query.encode(),
            "headers": [(name.encode(), value.encode("utf-8")) for name, value in given.items()],
        }
        waiting = [*parts]
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            await anyio.lowlevel.checkpoint()
            part = waiting.pop(0) if waiting else b""
            if part is None:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": part, "more_body": bool(waiting)}

        async def send(message: Any) -> None:
            await anyio.lowlevel.checkpoint()
            sent.append(message)

        try:
            anyio.run(self._app, scope, receive, send)
        except Exception as error:  # noqa: BLE001 - Starlette raises again what it has answered, for the server's log
            self.failures.append(error)
        began, *rest = sent
        found = {name.decode().lower(): value.decode() for name, value in began["headers"]}
        return Answer(began["status"], found, b"".join(message.get("body", b"") for message in rest))
