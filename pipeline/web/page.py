"""The page, its API and its stream of changes, as an ASGI application."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from redis.exceptions import RedisError
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.config.allowed_hosts import AllowedHosts
from pipeline.sinks.redis_trouble import trouble
from pipeline.views import coaching as coached
from pipeline.views import ranking
from pipeline.views.asked import Asked, AskedError, asked, chosen_kpis
from pipeline.views.coaching import compared_kpis, sessions_of, today_of
from pipeline.views.past import nothing_kept
from pipeline.views.ranking import LEAST_SAMPLE, board_window, ranked, ranked_home, ranked_kpi
from pipeline.views.readings import Reading
from pipeline.web.access import Access, BoardMetrics
from pipeline.web.addressed import Addressed
from pipeline.web.hub import Hub
from pipeline.web.messages import definitions, history_message, shown_windows
from pipeline.web.renderings import Rendered, Renderings, rendered
from pipeline.web.room import Room
from pipeline.web.stream import stream

STATIC = files("pipeline.web").joinpath("static")
HISTORY = ("window", "kind", "from", "to", "kpi")
"""What may be asked of one scope."""
RANKS = ("kpi", "window", "least")
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
    renderings = Renderings(hub)
    kpi_table = rendered(definitions())

    async def figures(request: Request) -> Response:
        if refused := _refusal(request, "window", shown=shown_windows(hub.chosen)):
            return refused
        return _answer(request, renderings.figures(_window(request)))

    async def scope(request: Request) -> Response:
        if refused := _refusal(request, *HISTORY):
            return refused
        if request.query_params:
            return await _history(hub, request)
        found = renderings.scope(request.path_params["scope"])
        return _refused("no such scope", 404) if found is None else _answer(request, found)

    async def coaching(request: Request) -> Response:
        return _refusal(request, "kpi") or await _coaching(hub, request)

    async def ranks(request: Request) -> Response:
        return _refusal(request, *RANKS) or await _ranks(hub, request)

    async def alerts(request: Request) -> Response:
        return _refusal(request) or _answer(request, renderings.alerts())

    async def kpis(request: Request) -> Response:
        return _refusal(request) or _answer(request, kpi_table)

    async def names(request: Request) -> Response:
        return _refusal(request) or _answer(request, renderings.windows())

    async def vouched(request: Request) -> Response:
        return _refusal(request) or _answer(request, renderings.partitions())

    async def events(request: Request) -> Response:
        if refused := _refusal(request, "window", shown=shown_windows(hub.chosen)):
            return refused
        told = stream(hub, renderings, _window(request))
        return EventSourceResponse(told, ping=15, send_timeout=SEND_SECONDS, headers={"x-accel-buffering": "no"})

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
            Route("/api/v1/coaching/{scope}", coaching),
            Route("/api/v1/ranks/{home}", ranks),
            Route("/api/v1/alerts", alerts),
            Route("/api/v1/kpis", kpis),
            Route("/api/v1/windows", names),
            Route("/api/v1/freshness", vouched),
            Route("/events", events),
            Route("/healthz", health),
            Route("/metrics", scrape),
            Mount("/", StaticFiles(directory=str(STATIC), html=True)),
        ],
        middleware=[
            Middleware(Access, metrics=metrics),
            Middleware(SafeHeaders),
            Middleware(Addressed, hosts=hosts),
            Middleware(Room),
        ],
        lifespan=lifespan,
    )


async def _history(hub: Hub, request: Request) -> Response:
    """The windows of a scope that the parameters ask for, past ones too, read anew."""
    given = request.query_params
    try:
        question = asked(given.get("window"), given.get("kind"), given.get("from"), given.get("to"))
        kpis = chosen_kpis(_named(given))
    except AskedError as error:
        return _refused(f"{error.parameter}: {error}")
    reading = await _read(hub, request.path_params["scope"], question)
    return reading if isinstance(reading, Response) else JSONResponse(history_message(reading, kpis, hub.evidence))


async def _coaching(hub: Hub, request: Request) -> Response:
    """What the figures of a scope were before and after each of its sessions, read anew."""
    try:
        kpis = compared_kpis(_named(request.query_params))
    except AskedError as error:
        return _refused(f"{error.parameter}: {error}")
    days = await _read(hub, request.path_params["scope"], asked(None, "day", None, None))
    if isinstance(days, Response):
        return days
    return JSONResponse(coached.as_json(days, sessions_of(days, kpis, today_of(days))))


async def _ranks(hub: Hub, request: Request) -> Response:
    """The present reps of a team or the company in the order of a KPI, read anew."""
    home, given = request.path_params["home"], request.query_params
    least = given.get("least", str(LEAST_SAMPLE))
    try:
        kpi, window = ranked_kpi(given.get("kpi", "bookings")), given.get("window", "month")
        board_window(ranked_home(home), window, hub.chosen)
        found = await hub.board(home, window)
    except AskedError as error:
        return _refused(f"{error.parameter}: {error}", 404 if error.parameter == "home" else 400)
    except (RedisError, OSError) as error:
        return _refused(trouble(error), 503)
    if not (least.isascii() and least.isdigit() and int(least[:10]) > 0):
        return _refused(f"least: {least!r} is no sample; allowed is a whole number from 1 on")
    if not found:
        return _refused(f"there are no ranks of {home} in the window {window}", 404)
    board, currency = ranked(found, window, kpi, int(least[:10])), next(iter(found.values())).currency
    return JSONResponse(ranking.as_json(board, home, window, kpi, currency))


def _named(given: Mapping[str, str]) -> list[str]:
    return given["kpi"].split(",") if "kpi" in given else []


async def _read(hub: Hub, scope: str, question: Asked) -> Reading | Response:
    """The windows of a scope that are asked for, or the answer that says why there are none."""
    try:
        found = await hub.history(scope, question)
    except (RedisError, OSError) as error:
        return _refused(trouble(error), 503)
    if found is None:
        return _refused("no such scope", 404)
    reading, kept = found
    return reading if reading.windows else _refused(nothing_kept(scope, question, kept, hub.chosen), 404)


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
        return _refused(f"unknown parameter {', '.join(unknown)}; {may}")
    if len(named) > len(set(named)):
        repeated = sorted({name for name in named if named.count(name) > 1})
        return _refused(f"parameter {', '.join(repeated)} is given more than once")
    if shown is not None and _window(request) not in shown:
        return _refused(f"window is not one of {', '.join(shown)}")
    return None


def _refused(reason: str, status: int = 400) -> Response:
    return JSONResponse({"error": reason}, status_code=status)
