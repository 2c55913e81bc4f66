"""`salespulse ranks` and its route, over what the sink wrote; who has left is on no board, who is new has no place."""

import json
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.scores.beside import Beside
from pipeline.scores.chosen import Chosen, ChosenWindows
from pipeline.sinks.redis_keys import Keys
from pipeline.views.live import LiveFigures
from pipeline.web.serve import bind, serving
from tests.harness.published import count, figure, publish, sales_floor
from tests.servers.redis import RedisServer

WON = {"ann": 3, "bo": 5, "cy": 3, "gone": 9, "new": 7}
SURVEY = {"id": "a", "kpi": "won", "period": "day", "median": "2", "source_name": "Survey of nobody, 2026"}


@pytest.fixture(scope="module")
def namespace() -> str:
    """One for all tests: none of them changes what is kept."""
    return "ranks"


@pytest.fixture(scope="module")
def kept(redis_server: RedisServer, namespace: str) -> str:
    """Three present reps of team north, one in ramp, and one who has left."""
    reps = [
        figure(home, scope, "day", {"won": count(won), "activities": count(won)}, 1)
        for rep, won in WON.items()
        for home, scope in (("team:north", f"rep:{rep}@north"), (f"rep:{rep}", f"rep:{rep}"))
    ]
    floor = [each for each in sales_floor(12, 1) if not each.scope.startswith("rep:")]
    north = Beside(frozenset(WON) - {"gone", "new"}, ramping=frozenset({"new"}), industry=json.dumps([SURVEY]))
    publish(redis_server.url, namespace, [*floor, *reps], beside={"team:north": north})
    return redis_server.url


def ran(url: str, namespace: str, *arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(app, ["ranks", *arguments, "--redis-url", url, "--namespace", namespace])


def asked(url: str, namespace: str, path: str, route: str = "ranks") -> tuple[int, Any]:
    """What the board answers."""
    with (
        Redis.from_url(url, decode_responses=True) as client,
        bind("127.0.0.1", 0) as listening,
        serving(LiveFigures(client, namespace), listening) as address,
        closing(HTTPConnection(urlsplit(address).netloc, timeout=15)) as connection,
    ):
        connection.request("GET", f"/api/v1/{route}/{path}")
        with connection.getresponse() as answer:
            return answer.status, json.loads(answer.read())


@pytest.mark.parametrize("home", ["team:north", "company"])
def test_the_command_and_the_api_say_the_same(kept: str, namespace: str, home: str) -> None:
    """Shared places; nobody who is on no board of the team; last, who is in ramp."""
    result = ran(kept, namespace, home, "--kpi", "won", "--window", "day", "--json")
    found = json.loads(result.stdout)

    assert result.exit_code == 0
    assert [(row["place"], row["rep"]) for row in found["ranks"]] == [
        (1, "bo"), (2, "ann"), (2, "cy"), (None, "new"),
    ]  # fmt: skip
    assert [row["rep"] for row in found["ranks"] if row.get("ramping")] == ["new"]
    assert asked(kept, namespace, f"{home}?kpi=won&window=day") == (200, found)


def test_a_person_reads_a_table(kept: str, namespace: str) -> None:
    """Place, rep and value."""
    result = ran(kept, namespace, "team:north", "--kpi", "won", "--window", "day")

    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if "bo" in line and "1" in line and "5" in line]
    assert [line for line in result.stdout.splitlines() if "new" in line and "in ramp" in line and "7" in line]


@pytest.mark.parametrize(
    ("path", "status", "line"),
    [
        ("team:none?window=day", 404, "there are no ranks of team:none in the window day"),
        ("group:emea?window=day", 404, "allowed: company, or a team"),
        ("team:north?kpi=avg_talk_time", 400, "reps are not ranked by it"),
        ("team:north?window=minute", 400, "minute is not published of reps of team:north"),
        ("team:north?window=day&least=no", 400, "allowed is a whole number from 1 on"),
    ],
)
def test_what_has_no_answer_is_told(kept: str, namespace: str, path: str, status: int, line: str) -> None:
    """With what is allowed."""
    code, answer = asked(kept, namespace, path)

    assert (code, line in json.dumps(answer)) == (status, True)


def test_the_command_names_what_is_wrong(kept: str, namespace: str) -> None:
    """The argument, or the option."""
    result = ran(kept, namespace, "group:emea")

    assert result.exit_code == 2
    assert "HOME" in result.stderr
    assert ran(kept, namespace, "team:none", "--window", "day").exit_code == 1


@pytest.mark.parametrize(("command", "asked_of"), [("ranks", "team:north"), ("benchmarks", "rep:bo@north")])
def test_a_window_that_is_not_published_is_named(redis_server: RedisServer, command: str, asked_of: str) -> None:
    """Redis is there: the line is about the window and says which are published."""
    namespace = f"unpublished-{command}"
    publish(redis_server.url, namespace, sales_floor(12, 1))
    with Redis.from_url(redis_server.url, decode_responses=True) as client:
        client.set(Keys(namespace).chosen, msgspec.json.encode(Chosen(members=ChosenWindows(("day",), ()))))
    given = ("--window", "month", "--redis-url", redis_server.url, "--namespace", namespace)
    result = CliRunner().invoke(app, [command, asked_of, *given])

    assert result.exit_code == 2
    assert "month is not published of reps of team:north; allowed: day" in " ".join(result.stderr.split())


def test_a_rep_beside_the_peers(kept: str, namespace: str) -> None:
    """The command and the API say the same; two peers are no yardstick, but a survey is one."""
    arguments = ("rep:bo@north", "--kpi", "won", "--window", "day", "--redis-url", kept, "--namespace", namespace)
    result = CliRunner().invoke(app, ["benchmarks", *arguments, "--json"])
    found = json.loads(result.stdout)

    elsewhere = found["kpis"]["won"].pop("industry")
    assert found["kpis"]["won"] == {"value": 5, "before": [], "peers": 2, "team_median": None, "percentile": None}
    assert elsewhere == {
        "median": 2, "lower_quartile": None, "upper_quartile": None, "source_name": "Survey of nobody, 2026",
        "source_url": None, "effective_on": None,
    }  # fmt: skip
    found["kpis"]["won"]["industry"] = elsewhere
    assert asked(kept, namespace, "rep:bo@north?kpi=won&window=day", "benchmarks") == (200, found)
    told = CliRunner().invoke(app, ["benchmarks", *arguments])
    assert "5" in told.stdout
    assert "industry, won: Survey of nobody, 2026" in told.stdout


@pytest.mark.parametrize(
    ("path", "status", "line"),
    [
        ("rep:gone@north?window=day", 404, "rep:gone@north is on no board of team:north"),
        ("team:north?window=day", 404, "is no rep"),
        ("rep:bo@north?window=1h", 400, "no kind of calendar window"),
        ("rep:bo@north?kpi=enps", 400, "neither more nor less"),
    ],
)
def test_who_has_no_peers_is_told(kept: str, namespace: str, path: str, status: int, line: str) -> None:
    """With what is allowed."""
    code, answer = asked(kept, namespace, path, "benchmarks")

    assert (code, line in json.dumps(answer)) == (status, True)
