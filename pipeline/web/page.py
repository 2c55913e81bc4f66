"""The page, its API and its stream of changes, as an ASGI application."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.config.allowed_hosts import AllowedHosts
from pipeline.web import answers
from pipeline.web.access import Access, BoardMetrics
from pipeline.web.addressed import Addressed
from pipeline.web.alert_actions import REQUESTS, AlertActions
from pipeline.web.answers import refused
from pipeline.web.description import BENCHMARKS, COACHING, HISTORY, RANKS, description
from pipeline.web.hub import Hub
from pipeline.web.messages import definitions, shown_windows
from pipeline.web.renderings import Rendered, Renderings, rendered
from pipeline.web.room import Room
from pipeline.web.stream import stream

STATIC = files("pipeline.web").joinpath("static")
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


def create_page(hub: Hub, hosts: AllowedHosts, actions: AlertActions | None = None) -> Starlette:
    """The application on a hub; it starts the hub's reading and ends it. Without actions, nobody writes."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with hub.running():
            yield

    renderings = Renderings(hub)
    actions = actions or AlertActions()
    kpi_table, api, offered_actions = (
        rendered(definitions()),
        rendered(description()),
        rendered({"alerts": actions.offered}),
    )

    async def figures(request: Request) -> Response:
        if refusal := _refusal(request, "window", shown=shown_windows(hub.chosen)):
            return refusal
        return _answer(request, renderings.figures(_window(request)))

    async def scope(request: Request) -> Response:
        if refusal := _refusal(request, *HISTORY):
            return refusal
        if request.query_params:
            return await answers.history(hub, request)
        found = renderings.scope(answers.asked_scope(hub, request))
        return refused("no such scope", 404) if found is None else _answer(request, found)

    async def coaching(request: Request) -> Response:
        return _refusal(request, *COACHING) or await answers.coaching(hub, request)

    async def ranks(request: Request) -> Response:
        return _refusal(request, *RANKS) or await answers.ranks(hub, request)

    async def benchmarks(request: Request) -> Response:
        return _refusal(request, *BENCHMARKS) or await answers.benchmarks(hub, request)

    async def alerts(request: Request) -> Response:
        return _refusal(request) or _answer(request, renderings.alerts())

    def acting(action: str) -> Route:
        async def act(request: Request) -> Response:
            return _refusal(request) or await actions.answer(hub, request, action)

        return Route(f"/api/v1/alerts/{action}", act, methods=["POST"])

    async def offered(request: Request) -> Response:
        return _refusal(request) or _answer(request, offered_actions)

    async def contests(request: Request) -> Response:
        return _refusal(request) or _answer(request, renderings.contests())

    async def industry(request: Request) -> Response:
        if refusal := _refusal(request, "window", shown=shown_windows(hub.chosen)):
            return refusal
        return _answer(request, renderings.industry(_window(request)))

    async def timelines(request: Request) -> Response:
        return _refusal(request) or answers.timelines(hub, request)

    async def recognition(request: Request) -> Response:
        return _refusal(request) or await answers.recognition(hub, request)

    async def kpis(request: Request) -> Response:
        return _refusal(request) or _answer(request, kpi_table)

    async def described(request: Request) -> Response:
        return _refusal(request) or _answer(request, api)

    async def windows(request: Request) -> Response:
        return _refusal(request) or _answer(request, renderings.windows())

    async def names(request: Request) -> Response:
        return _refusal(request) or _answer(request, renderings.names())

    async def vouched(request: Request) -> Response:
        return _refusal(request) or _answer(request, renderings.partitions())

    async def events(request: Request) -> Response:
        if refusal := _refusal(request, "window", shown=shown_windows(hub.chosen)):
            return refusal
        told = stream(hub, renderings, _window(request))
        return EventSourceResponse(told, ping=15, send_timeout=SEND_SECONDS, headers={"x-accel-buffering": "no"})

    async def health(_: Request) -> Response:
        missing = hub.missing()
        body = {"status": "missing" if missing else "ok", "missing": missing}
        return JSONResponse(body, status_code=503 if missing else 200)

    async def scrape(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.registry), headers={"content-type": content_type})

    routes = [
        Route("/api/v1/figures", figures),
        Route("/api/v1/figures/{scope}", scope),
        Route("/api/v1/coaching/{scope}", coaching),
        Route("/api/v1/recognition/{scope}", recognition),
        Route("/api/v1/timelines/{scope}", timelines),
        Route("/api/v1/ranks/{home}", ranks),
        Route("/api/v1/benchmarks/{scope}", benchmarks),
        Route("/api/v1/alerts", alerts),
        *map(acting, REQUESTS),
        Route("/api/v1/alert-actions", offered),
        Route("/api/v1/contests", contests),
        Route("/api/v1/industry", industry),
        Route("/api/v1/kpis", kpis),
        Route("/api/v1/openapi.json", described),
        Route("/api/v1/windows", windows),
        Route("/api/v1/names", names),
        Route("/api/v1/freshness", vouched),
        Route("/events", events),
        Route("/healthz", health),
        Route("/metrics", scrape),
        Mount("/", StaticFiles(directory=str(STATIC), html=True)),
    ]
    metrics = BoardMetrics(hub, CollectorRegistry(), routes)
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(Access, metrics=metrics),
            Middleware(SafeHeaders),
            Middleware(Addressed, hosts=hosts),
            Middleware(Room),
        ],
        lifespan=lifespan,
    )


def _answer(request: Request, found: Rendered) -> Response:
    """What was rendered, or that the client has it already."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if found.etag in known or "*" in known:
        return Response(status_code=304, headers={"etag": found.etag})
    return Response(found.body, headers={"etag": found.etag}, media_type="application/json")


def _window(request: Request) -> str:
    return request.query_params.get("window", "day")


def _refusal(request: Request, *allowed: str, shown: Sequence[str] | None = None) -> Response | None:
    """The answer to a question that is not understood whole: no parameter is passed over.

    `shown` are the windows that there are, where the question is for one of them.
    """
    named = [name for name, _ in request.query_params.multi_items()]
    if unknown := sorted(set(named).difference(allowed)):
        may = f"allowed: {', '.join(allowed)}" if allowed else "none is allowed here"
        return refused(f"unknown parameter {', '.join(unknown)}; {may}")
    if len(named) > len(set(named)):
        repeated = sorted({name for name in named if named.count(name) > 1})
        return refused(f"parameter {', '.join(repeated)} is given more than once")
    if shown is not None and _window(request) not in shown:
        return refused(f"window is not one of {', '.join(shown)}")
    return None
