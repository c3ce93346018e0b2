"""The web application: the page, its static files, and two things to ask for: trajectories and worlds."""

from __future__ import annotations

import json
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request as Asked
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collabsim.app.requests import MOST_BYTES, Request, read_request
from collabsim.errors import InputError
from collabsim.lesson_files import Lesson
from collabsim.lessons import tell
from collabsim.player.catalogue import catalogue
from collabsim.player.export import LABELS, exported
from collabsim.player.own_lessons import partnerships_of
from collabsim.player.page import MODULES, served, text_of
from collabsim.player.trajectory import trajectory
from collabsim.player.worlds import worlds
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_Compute = Callable[[Request], dict[str, Any] | str]
KEPT = 24
"""How many answers are kept, since slider and reload ask for the same again; they are pure functions."""


def application(
    offered: Mapping[str, Scenario],
    start: str,
    lessons: Sequence[Lesson] = (),
    allowed_hosts: Sequence[str] = LOOPBACK,
) -> Starlette:
    """Make the application.

    Parameters
    ----------
    offered
        The scenarios that can be chosen, by name.
    start
        The one that is shown first.
    lessons
        The lessons that can be walked through.
    allowed_hosts
        Names under which the server may be addressed: the Host header must be one of them, so that a page
        from elsewhere cannot speak to it through a name of its own.

    Raises
    ------
    InputError
        If lessons and scenarios have partnerships of one name that differ.
    """
    data = {"kind": "live", "start": start, "catalogue": catalogue(offered)}
    page = served(data)
    reader = partial(read_request, offered=offered, partnerships=partnerships_of(lessons, offered.values()))
    answers = _Answers()
    telling = cache(lambda: _json([tell(lesson) for lesson in lessons]))  # once: they are the same for all

    async def index(asked: Asked) -> Response:
        return HTMLResponse(page)

    async def static(asked: Asked) -> Response:
        name = asked.path_params["name"]
        kind = _STATIC.get(name)
        if kind is None:
            return _said(404, f"there is no file '{name}'")
        return Response(text_of(name), media_type=kind, headers={"cache-control": "no-cache"})

    def answered(compute: _Compute) -> Callable[[Asked], Any]:
        async def answer(asked: Asked) -> Response:
            body = await asked.body()
            # A thread of its own: runs are compiled and let others work meanwhile.
            return await run_in_threadpool(_answer, body, compute, reader, answers)

        return answer

    async def told(asked: Asked) -> Response:
        return Response(await run_in_threadpool(telling), media_type="application/json")

    made = Starlette(
        routes=[
            Route("/api/lessons", told),
            Route("/", index),
            Route("/static/{name}", static),
            Route("/api/trajectory", answered(_trajectory), methods=["POST"]),
            Route("/api/worlds", answered(_worlds), methods=["POST"]),
            Route("/api/export", answered(_export), methods=["POST"]),
        ],
        middleware=[
            Middleware(_Guard, allowed_hosts=tuple(host.casefold() for host in allowed_hosts)),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=3),
        ],
        exception_handlers={404: _not_found, 405: _not_allowed},
    )
    made.state.telling = telling
    return made


_STATIC = {
    **dict.fromkeys((*MODULES, "d3.min.js"), "text/javascript"),
    "player.css": "text/css",
    "d3.LICENSE": "text/plain",
    "trajectory.schema.json": "application/json",
}


def _trajectory(asked: Request) -> dict[str, Any]:
    return trajectory(asked.scenarios, asked.labels, seed=asked.seed, world=asked.world, luck=asked.luck)


def _worlds(asked: Request) -> dict[str, Any]:
    return worlds(asked.scenarios, seed=asked.seed, world=asked.world, luck=asked.luck)


def _export(asked: Request) -> str:
    first, second = (*asked.scenarios, asked.scenarios[0].untreated())[:2]
    return exported([first], compare=second, labels=asked.labels or LABELS, seed=asked.seed,
                    world=asked.world, luck=asked.luck)  # fmt: skip


def prepare(made: Starlette) -> None:
    """Compile the month, then run the lessons to find what is true in them, before anybody asks."""
    SCHEDULE.ready()
    made.state.telling()


class _Answers:
    """The answers given last, by question; they depend on nothing but the question."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, bytes]) -> bytes | None:
        """Return an answer that was given, or None."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: tuple[str, bytes], answer: bytes) -> None:
        """Keep an answer, and let go of the oldest."""
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def _answer(
    body: bytes, compute: _Compute, reader: Callable[[bytes], Request], answers: _Answers
) -> Response:
    key = (compute.__name__, body)
    found = answers.get(key)
    if found is None:
        try:
            document = compute(reader(body))
        except InputError as error:
            return _said(400, *error.faults)
        except Exception as error:
            return _failed(error)
        found = (document if isinstance(document, str) else _json(document)).encode()
        answers.put(key, found)
    kind = "text/html" if compute is _export else "application/json"
    return Response(found, media_type=kind, headers={"cache-control": "no-store"})


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _said(status: int, *faults: str) -> Response:
    text = _json({"faults": list(faults)})
    return Response(text, status, media_type="application/json", headers={"cache-control": "no-store"})


async def _not_found(asked: Asked, error: Exception) -> Response:
    return _said(404, f"there is no page '{asked.url.path}'")


async def _not_allowed(asked: Asked, error: Exception) -> Response:
    return _said(405, f"'{asked.url.path}' cannot be asked for with {asked.method}")


def _failed(error: Exception) -> Response:
    said = f"an error of the program, not yours: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
    print(f"collabsim: {said}", file=sys.stderr, flush=True)
    return _said(500, said)


class _Guard:
    """Lets in only requests that name this server, come from its own page and are of bounded size."""

    def __init__(self, app: ASGIApp, allowed_hosts: tuple[str, ...]) -> None:
        self.app, self.allowed_hosts = app, allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request and pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refused = self._refused(Headers(scope=scope))
        if refused is not None:
            await refused(scope, receive, _with_headers(send))
            return
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                message = {"type": "http.request", "body": b"x" * (MOST_BYTES + 1), "more_body": False}
            return message

        await self.app(scope, bounded, _with_headers(send))

    def _refused(self, headers: Headers) -> Response | None:
        host = headers.get("host", "").casefold()
        if _without_port(host) not in self.allowed_hosts:
            return _said(421, f"this server is not called '{host}'; see --allow-host")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.casefold() != host:
            return _said(403, f"a page of '{origin}' may not ask this server for anything")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return _said(413, f"a request has at most {MOST_BYTES:,} bytes")
        return None


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message["headers"] = [*message.get("headers", []), *extra]
        await send(message)

    return sent
