"""The page, its API and its stream of changes, as an ASGI application."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from redis.exceptions import RedisError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline import clock
from pipeline.config.allowed_hosts import AllowedHosts
from pipeline.sinks.redis_trouble import trouble
from pipeline.views.asked import AskedError, asked, chosen_kpis
from pipeline.views.past import nothing_kept
from pipeline.web.access import Access, BoardMetrics
from pipeline.web.addressed import Addressed
from pipeline.web.hub import PULSE_SECONDS, Hub
from pipeline.web.messages import (
    alerts_message,
    definitions,
    figures_message,
    freshness_message,
    history_message,
    judged_message,
    partitions_message,
    scope_message,
    windows,
)
from schemas.windows import CURRENT

STATIC = files("pipeline.web").joinpath("static")
HISTORY = ("window", "kind", "from", "to", "kpi")
"""What may be asked of one scope."""
SEND_SECONDS = 20
"""A browser that takes nothing for so long is gone: its connection is half open."""
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


def create_page(hub: Hub, hosts: AllowedHosts) -> Starlette:
    """The application on a hub; it starts the hub's reading and ends it."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with hub.running():
            yield

    metrics = BoardMetrics(hub, CollectorRegistry())

    async def figures(request: Request) -> Response:
        if refused := _refusal(request, "window"):
            return refused
        return JSONResponse(judged_message(hub.figures, _window(request), hub.as_of_ms, hub.evidence))

    async def scope(request: Request) -> Response:
        if refused := _refusal(request, *HISTORY, current=False):
            return refused
        if request.query_params:
            return await _history(hub, request)
        reading = hub.figures.get(request.path_params["scope"])
        return _refused("no such scope", 404) if reading is None else JSONResponse(scope_message(reading, hub.evidence))

    async def alerts(request: Request) -> Response:
        return _refusal(request) or JSONResponse(alerts_message(hub.alerts))

    async def kpis(request: Request) -> Response:
        return _refusal(request) or JSONResponse(definitions())

    async def names(request: Request) -> Response:
        return _refusal(request) or JSONResponse(windows())

    async def vouched(request: Request) -> Response:
        return _refusal(request) or JSONResponse(partitions_message(hub.evidence))

    async def events(request: Request) -> Response:
        if refused := _refusal(request, "window"):
            return refused
        stream = _stream(hub, _window(request))
        return EventSourceResponse(stream, ping=15, send_timeout=SEND_SECONDS, headers={"x-accel-buffering": "no"})

    async def health(_: Request) -> Response:
        missing = hub.missing()
        body = {"status": "missing" if missing else "ok", "missing": missing}
        return JSONResponse(body, status_code=503 if missing else 200)

    async def scrape(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.registry), headers={"content-type": content_type})

    return Starlette(
        routes=[
            Route("/api/v1/figures", figures),
            Route("/api/v1/figures/{scope}", scope),
            Route("/api/v1/alerts", alerts),
            Route("/api/v1/kpis", kpis),
            Route("/api/v1/windows", names),
            Route("/api/v1/freshness", vouched),
            Route("/events", events),
            Route("/healthz", health),
            Route("/metrics", scrape),
            Mount("/", StaticFiles(directory=str(STATIC), html=True)),
        ],
        middleware=[Middleware(Access, metrics=metrics), Middleware(SafeHeaders), Middleware(Addressed, hosts=hosts)],
        lifespan=lifespan,
    )


async def _history(hub: Hub, request: Request) -> Response:
    """The windows of a scope that the parameters ask for, past ones too, read anew."""
    name, given = request.path_params["scope"], request.query_params
    try:
        question = asked(given.get("window"), given.get("kind"), given.get("from"), given.get("to"))
        kpis = chosen_kpis(given["kpi"].split(",") if "kpi" in given else [])
    except AskedError as error:
        return _refused(f"{error.parameter}: {error}")
    try:
        found = await hub.history(name, question)
    except (RedisError, OSError) as error:
        return _refused(trouble(error), 503)
    if found is None:
        return _refused("no such scope", 404)
    reading, kept = found
    if not reading.windows:
        return _refused(nothing_kept(name, question, kept), 404)
    return JSONResponse(history_message(reading, kpis, hub.evidence))


async def _stream(hub: Hub, window: str) -> AsyncIterator[ServerSentEvent]:
    """Everything first, then what changes, one message a kind; who vouches is said with every pulse."""
    with hub.listening() as listener:
        yield _event("figures", figures_message(hub.figures, hub.figures, window, hub.as_of_ms))
        alerts: list[dict[str, Any]] | None = None
        told: dict[str, Any] | None = None
        told_at = float("-inf")
        listener.tell(set())
        async for changed in listener.changes():
            if changed:
                yield _event("figures", figures_message(hub.figures, changed, window, hub.as_of_ms))
            if alerts != hub.alerts:
                alerts = hub.alerts
                yield _event("alerts", alerts_message(alerts))
            vouched, at = freshness_message(hub.verdict, hub.stale), clock.elapsed_seconds()
            if _lasting(vouched) != told or at - told_at >= PULSE_SECONDS:
                told, told_at = _lasting(vouched), at
                yield _event("freshness", vouched)


def _lasting(vouched: dict[str, Any]) -> dict[str, Any]:
    """What a verdict says that does not change by itself every second."""
    return {name: value for name, value in vouched.items() if name not in ("up_to", "age_seconds")}


def _event(name: str, data: Any) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), event=name)


def _window(request: Request) -> str:
    return request.query_params.get("window", "day")


def _refusal(request: Request, *allowed: str, current: bool = True) -> Response | None:
    """The answer to a question that is not understood whole: no parameter is passed over.

    Where `current`, a window must be a current one.
    """
    named = [name for name, _ in request.query_params.multi_items()]
    if unknown := sorted(set(named).difference(allowed)):
        may = f"allowed: {', '.join(allowed)}" if allowed else "none is allowed here"
        return _refused(f"unknown parameter {', '.join(unknown)}; {may}")
    if len(named) > len(set(named)):
        repeated = sorted({name for name in named if named.count(name) > 1})
        return _refused(f"parameter {', '.join(repeated)} is given more than once")
    if current and _window(request) not in CURRENT:
        return _refused(f"window is not one of {', '.join(CURRENT)}")
    return None


def _refused(reason: str, status: int = 400) -> Response:
    return JSONResponse({"error": reason}, status_code=status)
