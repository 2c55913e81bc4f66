"""The worker's own small web server: `/healthz` (alive), `/readyz` (recovered, in the group), and what is scraped.

It listens on a private port and shows no state but figures. Liveness asks only whether the loop still turns
(a Redis that is down is no reason to restart); readiness names everything that is missing, and warns of what will be.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from pipeline import clock
from pipeline.config.allowed_hosts import REFUSAL, AllowedHosts
from pipeline.config.listening import listen
from pipeline.config.settings import PREFIX
from pipeline.monitoring.exposition import takes_gzip
from pipeline.monitoring.shared_scrape import Crowded, Scrape, SharedScrape, Turns

Probe = Callable[[], Sequence[str]]
"""What is missing, in words; nothing when all is well."""

PULSE_SECONDS = 0.5
ANSWER_SECONDS = 30.0
"""A scraper that has not taken its answer by then is gone, or might as well be."""
AGAIN_SECONDS = 1


class Health:
    """The server, and the pulse that notices when the event loop is late."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        alive: Probe,
        ready: Probe,
        doubts: Probe = lambda: (),
        scrapes: Mapping[str, Scrape],
        hosts: AllowedHosts | None = None,
        late: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._host = host
        self._given_port = port
        self._probes = {"/healthz": alive, "/readyz": ready}
        self._doubts = doubts
        self._scrapes = {path: SharedScrape(take) for path, take in scrapes.items()}
        self._turns = Turns()
        self._hosts = hosts or AllowedHosts()
        self._late = late
        self._socket: socket.socket | None = None
        self._runner: web.AppRunner | None = None
        self._pulse: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on, once bound (of interest when 0 was given)."""
        assert self._socket is not None
        return int(self._socket.getsockname()[1])

    def bind(self) -> None:
        """Take the port, before there is a loop; SetupError when it is taken or not ours."""
        self._socket = listen(self._host, self._given_port, named=(f"{PREFIX}HEALTH_HOST", f"{PREFIX}HEALTH_PORT"))

    async def start(self) -> None:
        """Answer on the port that was bound."""
        assert self._socket is not None
        app = web.Application(middlewares=[self._for_us])
        for path in self._probes:
            app.router.add_get(path, self._probe)
        for path in self._scrapes:
            app.router.add_get(path, self._metrics, allow_head=False)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, logger=_requests)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()
        self._pulse = asyncio.create_task(self._beat(), name="health-pulse")

    async def stop(self) -> None:
        """Close the port; called last, so that a worker on its way out still answers."""
        if self._pulse is not None:
            self._pulse.cancel()
            await asyncio.gather(self._pulse, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _probe(self, request: web.Request) -> web.Response:
        missing = list(self._probes[request.path]())
        body: dict[str, object] = {"status": "missing" if missing else "ok", "missing": missing}
        if doubts := list(self._doubts()):
            body["warnings"] = doubts
        return web.json_response(body, status=503 if missing else 200)

    async def _metrics(self, request: web.Request) -> web.StreamResponse:
        try:
            with self._turns.taking():
                return await self._page(request)
        except Crowded:
            return web.Response(status=503, headers={"Retry-After": str(AGAIN_SECONDS)})

    async def _page(self, request: web.Request) -> web.StreamResponse:
        """A page goes out piece by piece: no piece is so long that the loop waits for the thread that makes it."""
        packed = await self._scrapes[request.path].packed(request.headers.get("Accept", ""))
        answer = web.StreamResponse(headers={"Content-Type": packed.content_type, "Vary": "Accept, Accept-Encoding"})
        if takes_gzip(request.headers.get("Accept-Encoding", "")):
            answer.headers["Content-Encoding"] = "gzip"
            answer.content_length, pieces = len(packed.gzip), packed.pieces()
        else:
            answer.content_length, pieces = packed.plain_bytes, packed.plain()
        # Whoever scrapes may have given up, or takes nothing.
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await asyncio.sleep(self._turns.wait_seconds(answer.content_length))
                await answer.prepare(request)
                while piece := await asyncio.to_thread(next, pieces, b""):
                    await answer.write(piece)
                await answer.write_eof()
                return answer
        if request.transport is not None:
            request.transport.abort()
        return answer

    @web.middleware
    async def _for_us(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer no page of somebody else whose name resolves to this machine."""
        if not self._hosts.answers(request.headers.getall("Host", [])):
            return web.json_response({"error": REFUSAL}, status=421)
        return await handler(request)

    async def _beat(self) -> None:
        while True:
            due = clock.elapsed_seconds() + PULSE_SECONDS
            await asyncio.sleep(PULSE_SECONDS)
            self._late(max(clock.elapsed_seconds() - due, 0.0))


def _is_ours_to_mend(record: logging.LogRecord) -> bool:
    """Not what is no HTTP, or a line too long: it is answered with 400, and a traceback helps nobody."""
    return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)


_requests = logging.getLogger(f"{__name__}.requests")
_requests.addFilter(_is_ours_to_mend)
