"""`salespulse coaching` and its route: the same answer from what the sink wrote."""

import json
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.views.live import LiveFigures
from pipeline.web.serve import bind, serving
from tests.harness.published import count, made, publish, sales_floor
from tests.servers.redis import RedisServer

REP = "rep:rep-01@north"


@pytest.fixture(scope="module")
def namespace() -> str:
    """One for all tests: none of them changes what is kept."""
    return "coaching"


@pytest.fixture(scope="module")
def kept(redis_server: RedisServer, namespace: str) -> str:
    """A talk on 20 November, 28 calls on the day before it, 6 after it."""
    days = {"19": {"calls": count(28)}, "20": {"one_to_ones": count(1)}, "21": {"calls": count(6)}}
    past = [made("team:north", REP, "day", f"day:2026-11-{day}", 1, kpis, current=False) for day, kpis in days.items()]
    publish(redis_server.url, namespace, [*sales_floor(12, 1), *past])
    return redis_server.url


def ran(url: str, namespace: str, *arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(app, ["coaching", *arguments, "--redis-url", url, "--namespace", namespace])


def asked(url: str, namespace: str, path: str) -> tuple[int, Any]:
    """What the board answers."""
    with (
        Redis.from_url(url, decode_responses=True) as client,
        bind("127.0.0.1", 0) as listening,
        serving(LiveFigures(client, namespace), listening) as address,
        closing(HTTPConnection(urlsplit(address).netloc, timeout=15)) as connection,
    ):
        connection.request("GET", f"/api/v1/coaching/{path}")
        with connection.getresponse() as answer:
            return answer.status, json.loads(answer.read())


def test_the_command_and_the_api_say_the_same(kept: str, namespace: str) -> None:
    """One call a day before, and after it as many as the days since had."""
    result = ran(kept, namespace, REP, "--kpi", "calls", "--json")
    found = json.loads(result.stdout)
    (session,) = found["sessions"]

    assert result.exit_code == 0
    assert (session["day"], session["one_to_ones"], session["kpis"]["calls"]["before"]) == ("2026-11-20", 1, 1.0)
    assert session["kpis"]["calls"]["after"] * session["days_after"] >= 6
    assert asked(kept, namespace, f"{REP}?kpi=calls") == (200, found)


def test_a_person_reads_a_table(kept: str, namespace: str) -> None:
    """With what is a day said so."""
    result = ran(kept, namespace, REP)

    assert result.exit_code == 0
    assert "2026-11-20" in result.stdout
    assert "1 a day" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("company",), 1, "no one-to-ones or coaching sessions recorded for company"),
        (("rep:none@north",), 1, "no such scope: rep:none@north"),
        ((REP, "--kpi", "open_deals"), 2, "allowed are counts, ratios and averages"),
    ],
)
def test_what_has_no_answer_is_told(
    kept: str, namespace: str, arguments: tuple[str, ...], code: int, line: str
) -> None:
    """In one line, with what is allowed."""
    result = ran(kept, namespace, *arguments)

    assert result.exit_code == code
    assert line in " ".join(result.stderr.replace("│", " ").split())


def test_the_api_refuses_in_words(kept: str, namespace: str) -> None:
    """An unknown scope, parameter or KPI."""
    assert asked(kept, namespace, "rep:none@north")[0] == 404
    assert asked(kept, namespace, f"{REP}?window=day")[0] == 400
    assert asked(kept, namespace, f"{REP}?kpi=none")[0] == 400
