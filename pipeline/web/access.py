"""Who asked the board for what, and how that went: one line in the log and one count for each request."""

import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline import clock
from pipeline.views.freshness import Evidence, Verdict

log = logging.getLogger(__name__)

PROBES = ("/healthz", "/metrics")
"""Asked every few seconds by machines: counted, and logged for debugging only."""
SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10)


class Watched(Protocol):
    """What the metrics are of: the hub, as far as they ask it."""

    namespace: str
    verdict: Verdict
    evidence: Evidence

    @property
    def listeners(self) -> int: ...


class BoardMetrics:
    """What the board tells of itself, in the registry that it is given."""

    def __init__(self, hub: Watched, registry: CollectorRegistry, routes: Iterable[BaseRoute] = ()) -> None:
        """`routes` are those whose requests are counted apart, each by its path without a parameter."""
        self._paths = sorted(
            {route.path.partition("/{")[0] for route in routes if isinstance(route, Route)}, key=len, reverse=True
        )
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry
        self._namespace = hub.namespace
        self._requests = Counter(
            "salespulse_board_requests", "Requests answered.", ("namespace", "path", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "salespulse_board_request_seconds",
            "Until a request was answered, streams excepted.",
            ("namespace", "path"),
            registry=self.registry,
            buckets=SECONDS,
        )
        self._gauge("streams", "Open streams.", lambda: hub.listeners)
        self._gauge("figures_live", "1 while somebody vouches for all figures.", lambda: hub.verdict.live)
        self._gauge("redis_up", "1 while Redis answers.", lambda: hub.evidence.down_since_ms is None)
        text = "How old the instant is up to which every event is in the figures."
        self._gauge("figures_age_seconds", text, lambda: (hub.verdict.age_ms or 0) / 1000)

    def _gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        gauge = Gauge(f"salespulse_board_{name}", text, ("namespace",), registry=self.registry)
        gauge.labels(self._namespace).set_function(value)

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count a request; whatever is the path of no route is one of them."""
        name = next((known for known in self._paths if path == known or path.startswith(f"{known}/")), "page")
        self._requests.labels(self._namespace, name, str(status)).inc()
        if name != "/events":
            self._seconds.labels(self._namespace, name).observe(seconds)


class Access:
    """Notes every request once its answer has ended: a stream, when the browser has left."""

    def __init__(self, app: ASGIApp, metrics: BoardMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = clock.elapsed_seconds(), 500

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            self._note(scope, status, clock.elapsed_seconds() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        path, client = scope["path"], scope.get("client") or ("-",)
        self._metrics.answered(path, status, seconds)
        query = scope["query_string"].decode("latin-1")
        level = logging.DEBUG if path in PROBES else logging.INFO
        asked = f"{path}?{query}" if query else path
        log.log(level, "%s %s %r %d in %.3f s", client[0], scope["method"], asked, status, seconds)
