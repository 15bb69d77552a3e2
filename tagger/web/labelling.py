"""The routes of the labelling page: what is asked, what is decided, what is taken back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import asdict
from html import escape
from typing import Any

import anyio.to_thread
import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tagger.errors import RunError, SettingsError
from tagger.labelling.desk import Desk, Doubt, Guess, Item
from tagger.labelling.findings import Reviewing
from tagger.labelling.journal import Decision, Mode
from tagger.labelling.learner import Learner
from tagger.labelling.marking import find_marks
from tagger.labelling.opening import Labelling
from tagger.labelling.review import Review
from tagger.labelling.writer import Writer
from tagger.messages import _, in_language
from tagger.web.answers import HANDLERS, read_body, serve_static, static_file
from tagger.web.guard import Guard, RefusedError
from tagger.web.options import ServeOptions
from tagger.web.promptness import prompt
from tagger.web.server import LOOPBACK, open_socket, run_app

__all__ = ["create_labelling_app", "serve_labelling", "serve_review"]

_MOST_BYTES = 100_000


def create_labelling_app(desk: Desk, options: ServeOptions, *, mode: Mode, name: str) -> Starlette:
    """Return the app of one person's labelling; `name` is what the page calls the pool, or the findings.

    The label file is written when nothing was decided for a second, and when the app ends.
    """
    writer = Writer(desk)
    desk.watch(writer.wake)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with writer:
            yield

    asked = _Asked(desk, writer, options.language)
    page = _Page(
        {
            "language": options.language,
            "mode": mode,
            "review": str(isinstance(desk, Review)).lower(),
            "pool": escape(name),
            "topics": escape(json.dumps([asdict(topic) for topic in desk.topics])),
        }
    )
    return Starlette(
        routes=[
            Route("/", page.show),
            Route("/next", asked.next, methods=["POST"]),
            Route("/item", asked.item),
            Route("/decide", asked.decide, methods=["POST"]),
            Route("/undo", asked.undo, methods=["POST"]),
            Route("/static/{name}", serve_static),
        ],
        lifespan=lifespan,
        middleware=[Middleware(Guard, options=options)],
        exception_handlers={**HANDLERS, SettingsError: _say_wrong, RunError: _say_unsaved},
    )


class _Page:
    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    async def show(self, _: Request) -> Response:
        html = static_file("label.html").decode()
        for word, value in self._words.items():
            html = html.replace(f"{{{word}}}", value)
        return Response(html, media_type="text/html")


class _Asked:
    """The endpoints; what waits for the disk does so in a thread, so that others are answered meanwhile."""

    def __init__(self, desk: Desk, writer: Writer, language: str) -> None:
        self._desk = desk
        self._language = language
        self._writer = writer

    async def next(self, request: Request) -> Response:
        await _json(request)
        return await self._answer(self._desk.next)

    async def item(self, request: Request) -> Response:
        key = str(request.query_params.get("key"))
        return await self._answer(lambda: self._desk.item(key))

    async def decide(self, request: Request) -> Response:
        found = await _json(request)
        key, topics, answer, flag = (found.get(field) for field in ("key", "topics", "answer", "flag"))
        if not isinstance(topics, list) or answer not in {"decided", "unsure"}:
            raise RefusedError(400, _("is no decision"))

        def decide() -> Item | None:
            self._desk.decide(str(key), list(map(str, topics)), answer=answer, flag=bool(flag))
            return self._desk.next()

        return await self._answer(decide)

    async def undo(self, request: Request) -> Response:
        await _json(request)

        def undo() -> Item:
            item = self._desk.undo()
            if item is None:
                raise RefusedError(409, _("nothing is left to be taken back"))
            return item

        return await self._answer(undo)

    async def _answer(self, find: Callable[[], Item | None]) -> Response:
        def work() -> bytes:
            item = find()
            state = self._desk.state() | {"problem": self._writer.problem}
            state |= {name: self._said(state[name]) for name in ("ahead", "refused") if name in state}
            return orjson.dumps({"item": None if item is None else _written(item), "state": state})

        return Response(await anyio.to_thread.run_sync(work), media_type="application/json")

    def _said(self, what: Any) -> Any:
        if isinstance(what, list):
            return [self._said(one) for one in what]
        return in_language(what, self._language)


def serve_labelling(
    work: Labelling,
    *,
    token: str,
    port: int,
    blind: bool,
    language: str,
    name: str,
    tell: Callable[[str], object],
) -> None:
    """Serve the page on this machine until it is told to stop; `tell` is called with its address.

    Raises:
        RunError: when the port is taken.
    """
    session = work.session(blind=blind)
    learner = Learner(session, work.pool, work.labelled, work.mode or "any")
    session.watch(learner.wake)
    options = ServeOptions(token=token, hosts=tuple(LOOPBACK), language=language)
    app = create_labelling_app(session, options, mode=work.mode or "any", name=name)
    _serve(app, token=token, port=port, tell=tell, beside=learner)


def serve_review(
    work: Reviewing,
    *,
    token: str,
    port: int,
    blind: bool,
    language: str,
    name: str,
    tell: Callable[[str], object],
) -> Review:
    """Serve the page about findings on this machine until it is told to stop, and return what was done.

    Raises:
        RunError: when the port is taken.
    """
    desk = work.session(blind=blind)
    options = ServeOptions(token=token, hosts=tuple(LOOPBACK), language=language)
    app = create_labelling_app(desk, options, mode=work.mode, name=name)
    _serve(app, token=token, port=port, tell=tell, beside=nullcontext())
    return desk


def _serve(
    app: Starlette, *, token: str, port: int, tell: Callable[[str], object], beside: AbstractContextManager[object]
) -> None:
    """Serve an app on this machine until it is told to stop, with something else beside it from then on."""
    with open_socket("127.0.0.1", port) as listening, beside:
        tell(f"http://127.0.0.1:{listening.getsockname()[1]}/?token={token}")
        with prompt():
            run_app(app, listening)


async def _json(request: Request) -> dict[str, Any]:
    try:
        found = orjson.loads(await read_body(request, _MOST_BYTES))
    except orjson.JSONDecodeError as error:
        raise RefusedError(400, _("is no JSON")) from error
    if not isinstance(found, dict):
        raise RefusedError(400, _("is no object"))
    return found


def _written(item: Item) -> dict[str, Any]:
    return {
        "key": item.key,
        "text": item.example.text,
        "document": item.example.document,
        "before": item.before,
        "after": item.after,
        "guess": None if item.guess is None else _guessed(item.guess),
        "why": item.why,
        "doubt": None if item.doubt is None else _doubted(item.doubt, item.example.text),
        "past": None if item.past is None else _decided(item.past),
    }


def _guessed(guess: Guess) -> dict[str, Any]:
    evidence = [asdict(stretch) | {"topic": one.topic} for one in guess.evidence for stretch in one.stretches]
    return {"topics": guess.topics, "probabilities": guess.probabilities, "evidence": evidence}


def _doubted(doubt: Doubt, text: str) -> dict[str, Any]:
    return asdict(doubt) | {"marks": asdict(find_marks(doubt.evidence, text))}


def _decided(decision: Decision) -> dict[str, Any]:
    return {"answer": decision.answer, "topics": decision.topics, "flag": decision.flag}


async def _say_wrong(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)


async def _say_unsaved(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 507)
