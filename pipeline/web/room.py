"""How many the board serves at once: whoever comes when it is full is told when to come again."""

import asyncio
import logging
from collections import Counter

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.web.access import PROBES

log = logging.getLogger(__name__)

STREAM = "/events"
MOST_STREAMS = 600
MOST_REQUESTS = 200
"""Of others: they are answered at once, so these are clients that take their answers slowly."""
MOST_CONNECTIONS = 950
"""With what lies idle between two requests: a process may usually have a thousand files open."""
ANSWER_SECONDS = 30.0
"""A client that has not taken its answer by then is gone, or might as well be."""
AGAIN_SECONDS = 5


class Room:
    """Lets in as many as may be; probes always."""

    def __init__(
        self,
        app: ASGIApp,
        streams: int = MOST_STREAMS,
        requests: int = MOST_REQUESTS,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._app = app
        self._seconds = seconds
        self._most = {True: streams, False: requests}
        self._inside: Counter[bool] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        is_stream = scope["path"] == STREAM
        if self._inside[is_stream] >= self._most[is_stream]:
            await _full(scope, receive, send)
            return
        self._inside[is_stream] += 1
        try:
            await (self._app if is_stream else self._within_time)(scope, receive, send)
        finally:
            self._inside[is_stream] -= 1

    async def _within_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, as long as the client takes it."""
        begun = False

        async def send_noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(self._seconds):
                await self._app(scope, receive, send_noting)
        except TimeoutError:
            log.info(
                "%s was not answered within %.0f s",
                scope["path"],
                self._seconds,
                extra={"code": "request_not_answered"},
            )
            if not begun:
                await _full(scope, receive, send)


async def _full(scope: Scope, receive: Receive, send: Send) -> None:
    """Say when to come again."""
    body = {"error": "too many clients at once: try again later"}
    await JSONResponse(body, status_code=503, headers={"retry-after": str(AGAIN_SECONDS)})(scope, receive, send)
