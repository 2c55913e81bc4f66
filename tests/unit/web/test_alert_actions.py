"""Acknowledgements and mutes by the API: who is refused, why, and what is written of the others."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message

from pipeline.config.allowed_hosts import AllowedHosts
from pipeline.config.settings import SetupError, load_settings
from pipeline.sending.alert_notes import acknowledging
from pipeline.sending.checks import RefusedError
from pipeline.web.alert_actions import MOST_A_MINUTE, MOST_BODY_BYTES, AlertActions
from pipeline.web.page import create_page
from tests.harness.published import NOON_MS, silent
from tests.unit.web.floor import Floor

TOKEN = "b" * 40
ID = "silent_team:team:north"
MINE = {"id": ID, "by": "lead-1"}


class Board:
    """The board's application with one open alert; `sent` is what was written."""

    def __init__(self, token: str | None = TOKEN, fails: Exception | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self._fails = fails
        floor = Floor(1)
        floor.alerts = [silent("team:north", "team:north").record()]
        self._app = create_page(floor.hub(), AllowedHosts.of(None), AlertActions(token, self._send))

    def _send(self, event: dict[str, Any]) -> None:
        if self._fails:
            raise self._fails
        self.sent.append(event)

    async def post(
        self,
        action: str,
        body: Any,
        token: str | None = TOKEN,
        content_type: str = "application/json",
        method: str = "POST",
    ) -> tuple[int, dict[str, Any]]:
        """Status and answer of a request."""
        given = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": content_type} | ({"authorization": f"Bearer {token}"} if token else {})
        answer: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": given}

        async def send(message: Message) -> None:
            answer.append(message)

        scope = {
            "type": "http", "method": method, "path": f"/api/v1/alerts/{action}", "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        await self._app(scope, receive, send)
        text = b"".join(message.get("body", b"") for message in answer)
        return answer[0]["status"], json.loads(text) if text.startswith(b"{") else {}


async def test_what_is_written_is_what_the_command_writes() -> None:
    """An acknowledgement of the opening that there is, by whom the request says."""
    board = Board()
    status, said = await board.post("ack", MINE)

    [event] = board.sent
    at_ms = int(NOON_MS)
    alike = acknowledging({"id": ID, "opened_ms": at_ms}, "lead-1", at_ms)
    assert (status, said) == (202, {"id": ID, "said": "acknowledged by lead-1"})
    assert {**event, "time": 0, "id": 0} == {**alike, "time": 0, "id": 0}


async def test_a_mute_ends_when_the_request_says() -> None:
    """At an instant, or so many minutes from the clock of the board; it need not be open."""
    board = Board()
    closed = {**MINE, "id": "silent_rep:rep:7@south"}
    assert (await board.post("mute", {**closed, "until": "2199-01-01T12:00:00+01:00"}))[0] == 202
    assert (await board.post("mute", {**closed, "minutes": 60}))[0] == 202
    assert (await board.post("unmute", closed))[0] == 202

    until, minutes, ended = (event["data"] for event in board.sent)
    assert until["muted_until"] == "2199-01-01T11:00:00.000Z"
    assert minutes["muted_from"] < minutes["muted_until"]
    assert ended == {"muted_by": "lead-1", "muted_from": None, "muted_until": None}


@pytest.mark.parametrize("token", [None, "", "b" * 39, "b" * 41, "c" * 40, "ä"])
async def test_nobody_writes_without_the_token(token: str | None) -> None:
    """Whoever has another one, or none, hears what is allowed."""
    board = Board()
    status, said = await board.post("ack", MINE, token)

    assert (status, board.sent) == (401, [])
    assert "Bearer" in said["error"]


async def test_a_board_without_a_token_takes_nothing() -> None:
    """Whatever is given: an empty token is none."""
    for given in ("", TOKEN, None):
        board = Board(token=None)
        status, said = await board.post("mute", {**MINE, "minutes": 5}, given)
        assert (status, board.sent) == (403, [])
        assert "board_token" in said["error"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_what_a_form_of_another_page_can_send_is_refused(content_type: str) -> None:
    """Even with the token."""
    board = Board()

    assert (await board.post("ack", MINE, content_type=content_type))[0] == 415
    assert board.sent == []


async def test_nothing_is_written_by_asking() -> None:
    """A path that writes has nothing to read."""
    board = Board()

    assert (await board.post("ack", MINE, method="GET"))[0] == 404
    assert board.sent == []


@pytest.mark.parametrize(
    ("action", "body", "status", "words"),
    [
        ("ack", {"id": ID}, 400, "by: Field required"),
        ("ack", {**MINE, "by": "two words"}, 400, "by: allowed are 1 to 64 letters"),
        ("ack", {**MINE, "opened_ms": "now"}, 400, "opened_ms: "),
        ("ack", {**MINE, "opened_ms": NOON_MS - 1}, 409, "opened again"),
        ("ack", {**MINE, "id": "silent_team:team:south"}, 404, "is not open"),
        ("ack", {**MINE, "id": "no_rule:team:south"}, 400, "allowed is a rule and a scope"),
        ("ack", {**MINE, "id": "a b"}, 400, "id: allowed is an id"),
        ("ack", {**MINE, "why": "lunch"}, 400, "unknown field; allowed: id, by, opened_ms"),
        ("ack", b"{", 400, "not JSON"),
        ("ack", b"[1]", 400, ""),
        ("mute", MINE, 400, "allowed is one of until and minutes"),
        ("mute", {**MINE, "minutes": 5, "until": "2199-01-01T12:00:00Z"}, 400, "allowed is one of until and minutes"),
        ("mute", {**MINE, "minutes": 0}, 400, "minutes: allowed is 1 or more"),
        ("mute", {**MINE, "until": "2001-01-01T12:00:00Z"}, 400, "until: allowed is a time to come"),
        ("mute", {**MINE, "until": "tomorrow"}, 400, "until: allowed is a time with its zone"),
        ("unmute", b" " * (MOST_BODY_BYTES + 1), 413, "bytes"),
    ],
)
async def test_refusals_say_what_is_allowed(action: str, body: Any, status: int, words: str) -> None:
    """And nothing is written."""
    board = Board()
    found, said = await board.post(action, body)

    assert (found, board.sent) == (status, [])
    assert words in said["error"]


async def test_no_more_than_so_many_a_minute() -> None:
    """Whoever is beyond that hears so; those without the token take nothing away from the others."""
    board = Board()
    for _ in range(2 * MOST_A_MINUTE):
        assert (await board.post("unmute", MINE, "wrong"))[0] == 401
    found = [(await board.post("unmute", MINE))[0] for _ in range(MOST_A_MINUTE + 2)]

    assert found[:MOST_A_MINUTE] == [202] * MOST_A_MINUTE
    assert found[-1] == 429


@pytest.mark.logs_errors
async def test_a_broker_that_takes_nothing_is_told_of() -> None:
    """As is what the pipeline would refuse; the address of the broker stays in the log."""
    status, said = await Board(fails=SetupError("SALESPULSE_BROKERS: kafka-1 did not accept")).post("ack", MINE)
    assert status == 503
    assert "kafka-1" not in said["error"]
    assert (await Board(fails=RefusedError("invalid_event", "data.x: no")).post("ack", MINE))[0] == 400


def test_a_token_in_a_file_is_the_boards(tmp_path: Path) -> None:
    """And one that is too brief is refused, without being repeated."""
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    assert AlertActions.of(load_settings({}, board_token_file=str(file))).offered == ["ack", "mute", "unmute"]
    assert AlertActions.of(load_settings({})).offered == []
    file.write_text("brief\n")
    with pytest.raises(SetupError, match="board-token-file: the value is not allowed; allowed: 32 to 512") as refused:
        load_settings({}, board_token_file=str(file))
    assert "brief" not in str(refused.value)
