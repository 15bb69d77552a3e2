"""A socket, and one process or several that answer on it until they are told to stop."""

from __future__ import annotations

import socket

import uvicorn
from starlette.types import ASGIApp

from tagger.errors import RunError, reason
from tagger.messages import _
from tagger.processes import safe_path
from tagger.web.options import ServeOptions

__all__ = ["LOOPBACK", "open_socket", "run", "run_app"]

LOOPBACK = frozenset(["127.0.0.1", "localhost", "::1"])
# Connections that wait to be answered.
_WAITING = 128
# Requests under way get so long to end when the server is told to stop.
_SECONDS_TO_STOP = 10
# Connections of one worker beyond which it says that it is busy.
_CONNECTIONS = 200


def open_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes a free one.

    Raises:
        RunError: when it cannot.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        # Whoever asks before the server is up waits for it, as a browser does that is opened at once.
        found.listen(_WAITING)
    except OSError as error:
        found.close()
        raise RunError(
            _(
                "{host}:{port}: cannot listen there: {reason}; choose another --port",
                host=host,
                port=port,
                reason=reason(error),
            )
        ) from error
    return found


def run(options: ServeOptions, listening: socket.socket, *, workers: int = 1) -> None:
    """Answer on a socket until this process is told to stop; a worker process that dies is replaced."""
    options.hand_on()
    with safe_path():
        _run("tagger.web.app:served", listening, factory=True, workers=workers)


def run_app(app: ASGIApp, listening: socket.socket) -> None:
    """Answer on a socket by an app of this process, until it is told to stop."""
    _run(app, listening)


def _run(app: ASGIApp | str, listening: socket.socket, *, factory: bool = False, workers: int = 1) -> None:
    uvicorn.run(
        app,
        factory=factory,
        fd=listening.fileno(),
        workers=workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_SECONDS_TO_STOP,
    )
