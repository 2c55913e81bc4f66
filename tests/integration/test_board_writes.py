"""What people do about alerts on the board, through a real server into the log of the organisation."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis

from pipeline.audit.logs import Logs
from pipeline.config.settings import Settings
from pipeline.views.live import LiveFigures
from pipeline.web.alert_actions import AlertActions
from pipeline.web.serve import bind, serving
from tests.harness.published import NOON_MS, publish, sales_floor, silent

TOKEN = "a token of the board, of a test".replace(" ", "-") + "-"


@pytest.fixture
def settings(embedded_settings: Settings) -> Settings:
    """Those of the test, with a token."""
    return embedded_settings.model_copy(update={"board_token": type(embedded_settings.redis_url)(TOKEN)})


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """The board over a floor with one open alert."""
    url = settings.redis_url.get_secret_value()
    publish(url, settings.namespace, sales_floor(12, 1), [silent("team:south", "team:south")])
    with (
        Redis.from_url(url, decode_responses=True) as client,
        bind("127.0.0.1", 0) as listening,
        serving(LiveFigures(client, settings.namespace), listening, AlertActions.of(settings)) as served,
    ):
        yield urlsplit(served).netloc


def post(host: str, action: str, body: dict[str, Any], token: str) -> tuple[int, dict[str, Any]]:
    """Status and answer."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    with closing(HTTPConnection(host, timeout=30)) as connection:
        connection.request("POST", f"/api/v1/alerts/{action}", json.dumps(body), headers)
        with connection.getresponse() as answer:
            return answer.status, json.loads(answer.read())


def written(settings: Settings) -> list[dict[str, Any]]:
    """The events in the log of the organisation, of one key in their order."""
    with Logs(settings) as logs:
        ends = logs.ends(["org.changes"])
        places = [(int(name.rpartition("/")[2]), end) for name, end in ends.items()]
        return [json.loads(record.value) for place, end in places for record in logs.records("org.changes", place, end)]


def test_an_acknowledgement_comes_into_the_log(settings: Settings, address: str) -> None:
    """By whom the request says, of the opening that is shown; without the token nothing does."""
    mine = {"id": "silent_team:team:south", "by": "lead-1"}
    assert post(address, "ack", mine, "wrong")[0] == 401
    assert post(address, "ack", {**mine, "opened_ms": NOON_MS}, TOKEN)[0] == 202
    assert post(address, "mute", {**mine, "minutes": 90}, TOKEN)[0] == 202

    ack, mute = written(settings)
    assert (ack["type"], ack["subject"]) == ("org.alert.changed", "alert:silent_team:team:south")
    assert ack["data"]["acknowledged_by"] == mute["data"]["muted_by"] == "lead-1"
