"""Scopes by ids as their sources write them: routes and commands answer as by ids as they are kept."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from redis import Redis
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.scores.beside import Beside
from pipeline.views.live import LiveFigures
from pipeline.web.serve import bind, serving
from tests.harness.published import best_day, count, figure, publish, sales_floor
from tests.servers.redis import RedisServer

HOME, REP = "team:K%C3%B6ln", "ada%40x.example"
KEPT = f"rep:{REP}@K%C3%B6ln"
TIMELINE = {
    "value": 1,
    "stretches": [{"from_ms": 1_795_435_200_000, "to_ms": None, "state": "available"}],
    "beyond": 0,
}
ROUTES = [
    ("figures", "rep:ada@x.example@Köln", KEPT),
    ("figures", "rep:ada@x.example", f"rep:{REP}"),
    ("figures", "team:Köln", HOME),
    ("timelines", "rep:ada@x.example@Köln", KEPT),
    ("timelines", "rep:ada@x.example", f"rep:{REP}"),
    ("recognition", "rep:ada@x.example", f"rep:{REP}"),
    ("benchmarks", "rep:ada@x.example@Köln", KEPT),
    ("ranks", "team:Köln", HOME),
]
COMMANDS = [
    (["figures", "rep:ada@x.example@Köln", "--window", "day"], ["figures", KEPT, "--window", "day"]),
    (["benchmarks", "rep:ada@x.example@Köln", "--window", "day"], ["benchmarks", KEPT, "--window", "day"]),
    (["recognition", "rep:ada@x.example"], ["recognition", f"rep:{REP}"]),
    (["ranks", "team:Köln", "--window", "day"], ["ranks", HOME, "--window", "day"]),
]


@pytest.fixture(scope="module")
def kept(redis_server: RedisServer) -> str:
    """A rep whose id is an address, in a team with a letter that is not of ASCII."""
    told = {"won": count(3), "activities": count(3), "bookings": count(500)}
    figures = [
        figure(HOME, HOME, "day", told, 1),
        figure(HOME, KEPT, "day", {**told, "phone_timeline": TIMELINE}, 1),
        figure(f"rep:{REP}", f"rep:{REP}", "day", told, 1),
    ]
    best = best_day().model_copy(update={"scope": f"rep:{REP}", "home": f"rep:{REP}"})
    publish(
        redis_server.url, "written", [*sales_floor(12, 1), *figures], beside={HOME: Beside(frozenset({REP}))},
        recognition=[best],
    )  # fmt: skip
    return redis_server.url


@pytest.fixture(scope="module")
def host(kept: str) -> Iterator[str]:
    """Where the board is."""
    with (
        Redis.from_url(kept, decode_responses=True) as client,
        bind("127.0.0.1", 0) as listening,
        serving(LiveFigures(client, "written"), listening) as address,
    ):
        yield urlsplit(address).netloc


def asked(host: str, route: str, scope: str) -> tuple[int, Any]:
    """What the board answers; who vouches for it, and how long ago, is nothing to compare."""
    window = "?window=day" if route in ("ranks", "benchmarks") else ""
    with closing(HTTPConnection(host, timeout=15)) as connection:
        connection.request("GET", f"/api/v1/{route}/{quote(scope)}{window}")
        with connection.getresponse() as answer:
            found = json.loads(answer.read())
    return answer.status, {**found, "freshness": None} if isinstance(found, dict) else found


@pytest.mark.parametrize(("route", "written", "scope"), ROUTES)
def test_a_route_knows_both_spellings(host: str, route: str, written: str, scope: str) -> None:
    """The answer is one."""
    status, found = asked(host, route, written)

    assert (status, found) == asked(host, route, scope)
    assert status == 200
    assert found


@pytest.mark.parametrize(("written", "by_kept"), COMMANDS)
def test_a_command_knows_both_spellings(kept: str, written: list[str], by_kept: list[str]) -> None:
    """So it is on the command line."""
    options = ("--json", "--redis-url", kept, "--namespace", "written")
    found, same = (CliRunner().invoke(app, [*given, *options]) for given in (written, by_kept))

    assert (found.exit_code, found.stdout) == (0, same.stdout)
