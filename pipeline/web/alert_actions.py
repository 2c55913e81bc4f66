"""Acknowledgements and mutes by the API: who may, how often, and what is written. Off where the board has no token."""

import asyncio
import hmac
import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from pipeline import clock
from pipeline.config.settings import Settings, SetupError
from pipeline.intake.causes import LIMITS, PATTERNS
from pipeline.sending.alert_notes import acknowledging, muting, unmuting
from pipeline.sending.alert_sender import known_alert, send_note
from pipeline.sending.checks import RefusedError
from pipeline.web.hub import Hub
from pipeline.web.pace import Pace
from schemas.alert_requests import Acknowledgement, AlertRequest, Mute
from schemas.events import iso

log = logging.getLogger(__name__)

REQUESTS: Mapping[str, type[AlertRequest]] = {"ack": Acknowledgement, "mute": Mute, "unmute": AlertRequest}
"""By the last step of the path: what its body says."""
MOST_BODY_BYTES = 4096
MOST_A_MINUTE = 30
OFF = "this board takes no acknowledgements and mutes; whoever runs it sets board_token, or use salespulse alerts"
DENIED = "allowed is the header Authorization: Bearer, with the token of this board"
Send = Callable[[dict[str, Any]], None]


class RefusalError(Exception):
    """Raised for a request that is not done: the status of its answer, and why."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status, self.headers = status, headers


class AlertActions:
    """Writes what people do about the alerts of a hub, one at a time."""

    def __init__(self, token: str | None = None, send: Send | None = None) -> None:
        """`send` appends an event to the log and waits for it; without it, or without a token, nothing is taken."""
        self._token = token.encode() if token and send else None
        self._send = send
        self._pace = Pace(MOST_A_MINUTE, 60)
        self._turn = asyncio.Lock()

    @classmethod
    def of(cls, settings: Settings) -> "AlertActions":
        """As the settings say."""
        token = settings.board_token
        return cls(None if token is None else token.get_secret_value(), lambda event: send_note(settings, event))

    @property
    def offered(self) -> list[str]:
        """What may be asked."""
        return list(REQUESTS) if self._token else []

    async def answer(self, hub: Hub, request: Request, action: str) -> Response:
        """Do what a request asks, or say why not."""
        try:
            self._authorize(request)
            asked = _read(REQUESTS[action], await _body(request))
            said, event = _note(hub, asked, clock.now_ms())
            await self._write(event)
        except RefusalError as error:
            return JSONResponse({"error": str(error)}, status_code=error.status, headers=error.headers)
        return JSONResponse({"id": asked.id, "said": said}, status_code=202)

    def _authorize(self, request: Request) -> None:
        """RefusalError for whoever may not. A page of somebody else's can send neither the token nor this type."""
        if self._token is None:
            raise RefusalError(403, OFF)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode("latin-1", "replace"), self._token)
        if scheme.lower() != "bearer" or not right:
            raise RefusalError(401, DENIED, {"www-authenticate": "Bearer"})
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise RefusalError(415, "allowed is the content type application/json")
        if wait := self._pace.wait_seconds(clock.elapsed_seconds()):
            again = {"retry-after": str(math.ceil(wait))}
            raise RefusalError(429, f"allowed are {MOST_A_MINUTE} a minute: try again later", again)

    async def _write(self, event: dict[str, Any]) -> None:
        if self._send is None:
            raise RefusalError(403, OFF)
        try:
            async with self._turn:
                await asyncio.to_thread(self._send, event)
        except RefusedError as error:
            raise RefusalError(400, error.detail) from None
        except SetupError as error:
            log.error("cannot write what was done about an alert: %s", error, extra={"code": "alert_note_not_written"})
            raise RefusalError(503, "Kafka does not take it: see the board's log", {"retry-after": "5"}) from None


async def _body(request: Request) -> bytes:
    """The body, of which no more is read than may be."""
    found = b""
    try:
        async for piece in request.stream():
            found += piece
            if len(found) > MOST_BODY_BYTES:
                raise RefusalError(413, f"allowed are {MOST_BODY_BYTES} bytes")
    except ClientDisconnect:
        raise RefusalError(400, "the request is not whole") from None
    return found


def _read(form: type[AlertRequest], body: bytes) -> AlertRequest:
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        raise RefusalError(400, _words(error, form)) from None


def _words(error: ValidationError, form: type[AlertRequest]) -> str:
    """What is wrong with the first field that is, and what is allowed; what it holds is not repeated."""
    first = error.errors(include_url=False, include_input=False)[0]
    place, kind, context = ".".join(map(str, first["loc"])), first["type"], first.get("ctx", {})
    if kind == "json_invalid":
        return "not JSON: allowed is an object"
    if kind == "extra_forbidden":
        return f"unknown field; allowed: {', '.join(form.model_fields)}"
    if kind == "value_error":
        said = str(context["error"])
    elif kind == "string_pattern_mismatch":
        said = PATTERNS.get(context["pattern"], "allowed is an id as /api/v1/alerts has it")
    else:
        said = LIMITS[kind](context) if kind in LIMITS else first["msg"]
    return f"{place}: {said}" if place else said


def _note(hub: Hub, asked: AlertRequest, now_ms: int) -> tuple[str, dict[str, Any]]:
    """What is said of a request, and the event that says it in the log."""
    try:
        id_ = known_alert(asked.id)
        if isinstance(asked, Mute):
            until_ms = asked.until_ms(now_ms)
            return f"muted by {asked.by} until {iso(until_ms)}", muting(id_, asked.by, now_ms, until_ms)
    except ValueError as error:
        raise RefusalError(400, str(error)) from None
    if not isinstance(asked, Acknowledgement):
        return f"no longer muted, says {asked.by}", unmuting(id_, asked.by, now_ms)
    alert = next((each for each in hub.alerts if each["id"] == id_), None)
    if alert is None:
        raise RefusalError(404, f"{asked.id} is not open")
    if asked.opened_ms not in (None, alert["opened_ms"]):
        raise RefusalError(409, f"{asked.id} has opened again since: look at it first")
    return f"acknowledged by {asked.by}", acknowledging(alert, asked.by, now_ms)
