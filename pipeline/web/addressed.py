"""Requests under names that the board was not told are refused, before anything else looks at them."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.config.allowed_hosts import REFUSAL, AllowedHosts


class Addressed:
    """Lets through what is addressed to this board."""

    def __init__(self, app: ASGIApp, hosts: AllowedHosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        given = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"host"]
        if scope["type"] == "lifespan" or self._hosts.answers(given):
            await self._app(scope, receive, send)
        else:
            await JSONResponse({"error": REFUSAL}, status_code=421)(scope, receive, send)
