"""The page, its API and its stream of changes, as an ASGI application."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.web.hub import Hub
from pipeline.web.messages import alerts_message, definitions, figures_message, scope_message, windows
from schemas.windows import CURRENT

STATIC = files("pipeline.web").joinpath("static")
HEADERS = (
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),
)


class SafeHeaders:
    """Adds the headers that keep a browser from running or framing anything that is not ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def create_page(hub: Hub) -> Starlette:
    """The application on a hub; it starts the hub's reading and ends it."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with hub.running():
            yield

    async def figures(request: Request) -> Response:
        window = _window(request)
        if window is None:
            return _refused(f"window is not one of {', '.join(CURRENT)}")
        return JSONResponse(figures_message(hub.figures, hub.figures, window, hub.as_of_ms))

    async def scope(request: Request) -> Response:
        reading = hub.figures.get(request.path_params["scope"])
        return _refused("no such scope", 404) if reading is None else JSONResponse(scope_message(reading))

    async def alerts(_: Request) -> Response:
        return JSONResponse(alerts_message(hub.alerts))

    async def kpis(_: Request) -> Response:
        return JSONResponse(definitions())

    async def names(_: Request) -> Response:
        return JSONResponse(windows())

    async def events(request: Request) -> Response:
        window = _window(request)
        if window is None:
            return _refused(f"window is not one of {', '.join(CURRENT)}")
        return EventSourceResponse(_stream(hub, window), ping=15)

    return Starlette(
        routes=[
            Route("/api/v1/figures", figures),
            Route("/api/v1/figures/{scope}", scope),
            Route("/api/v1/alerts", alerts),
            Route("/api/v1/kpis", kpis),
            Route("/api/v1/windows", names),
            Route("/events", events),
            Mount("/", StaticFiles(directory=str(STATIC), html=True)),
        ],
        middleware=[Middleware(SafeHeaders)],
        lifespan=lifespan,
    )


async def _stream(hub: Hub, window: str) -> AsyncIterator[ServerSentEvent]:
    """Everything first, then what changes, one message a kind."""
    with hub.listening() as listener:
        yield _event("figures", figures_message(hub.figures, hub.figures, window, hub.as_of_ms))
        alerts: list[dict[str, Any]] | None = None
        down: bool | None = None
        listener.tell(set())
        async for changed in listener.changes():
            if changed:
                yield _event("figures", figures_message(hub.figures, changed, window, hub.as_of_ms))
            if alerts != hub.alerts:
                alerts = hub.alerts
                yield _event("alerts", alerts_message(alerts))
            if down != hub.down:
                down = hub.down
                yield _event("source", {"down": down})


def _event(name: str, data: Any) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), event=name)


def _window(request: Request) -> str | None:
    window = request.query_params.get("window", "day")
    return window if window in CURRENT else None


def _refused(reason: str, status: int = 400) -> Response:
    return JSONResponse({"error": reason}, status_code=status)
