"""What readers find in Redis is what the sink wrote there."""

import io
import json
from collections.abc import Iterator

import pytest
from redis import Redis
from rich.console import Console
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config.settings import SetupError
from pipeline.sinks.redis_heartbeat import HELD_SECONDS
from pipeline.sinks.redis_keys import LAYOUT, Keys
from pipeline.views.freshness import SILENT_MS, State
from pipeline.views.live import LiveFigures
from pipeline.views.overview import as_json, funnel, reps, teams
from pipeline.views.readings import Readings
from pipeline.views.screen import Recognised, lines, picture
from tests.harness.published import NOON_MS, best_day, contest, publish, sales_floor, silent
from tests.harness.vouching import PARTITIONS, vouch
from tests.servers.redis import RedisServer


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator["Redis"]:
    """A client as the readers use it."""
    with Redis.from_url(redis_server.url, decode_responses=True) as made:
        yield made


@pytest.fixture
def live(redis_server: RedisServer, client: "Redis", namespace: str) -> Iterator[LiveFigures]:
    """Live figures over a small sales floor with 12 calls."""
    publish(redis_server.url, namespace, sales_floor(12, 1))
    made = LiveFigures(client, namespace)
    yield made
    made.close()


def test_current_figures_are_read_by_kind_of_window(live: LiveFigures) -> None:
    """A reading has the current windows by kind, their KPIs, as-of, and tells null from absent."""
    reading = live.figures["team:north"]

    assert sorted(reading.windows) == ["1h", "day", "now"]
    assert reading.windows["day"].id == "day:2026-11-23"
    assert reading.value("day", "calls") == 12
    assert reading.windows["day"].kpis["answer_speed"]["value"] is None
    assert "emails" not in reading.windows["day"].kpis
    assert reading.as_of_ms == NOON_MS + 1


def test_every_scope_has_its_home(live: LiveFigures, client: "Redis", namespace: str) -> None:
    """The scopes of a team lie in its home, those of the rollup each in its own."""
    assert Readings(client, namespace).scopes() == {
        "company": "company",
        "rep:rep-01": "rep:rep-01",
        "rep:rep-01@north": "team:north",
        "rep:rep-02": "rep:rep-02",
        "team:north": "team:north",
        "team:south": "team:south",
    }


def test_changes_arrive_by_themselves(live: LiveFigures, redis_server: RedisServer, namespace: str) -> None:
    """What is published next is read as soon as the channel tells of it, new scopes included."""
    publish(redis_server.url, namespace, sales_floor(57, 2))
    changed = live.wait(10)

    assert "team:north" in changed
    assert live.figures["team:north"].value("day", "calls") == 57


def test_nothing_changes_where_nothing_happens(live: LiveFigures) -> None:
    """A wait without a message returns nothing."""
    live.wait(0.01)

    assert live.wait(0.01) == set()


def test_a_scope_that_is_gone_is_dropped(live: LiveFigures, client: "Redis", namespace: str) -> None:
    """A note about a scope whose figures are gone by the time it is read does no harm."""
    keys = Keys(namespace)
    client.delete(keys.kpi("rep:rep-02", "rep:rep-02"))
    client.publish(keys.changes("rep:rep-02"), json.dumps({"scope": "rep:rep-02", "windows": []}))

    assert live.wait(10) == {"rep:rep-02"}
    assert "rep:rep-02" not in live.figures


def test_a_channel_or_key_of_nobody_of_ours_is_passed_over(live: LiveFigures, client: "Redis", namespace: str) -> None:
    """What another program put between our keys, under a name that none of ours has, is no scope."""
    foreign = Keys(namespace).pattern("kpi").replace("*", "team north")
    client.hset(foreign, "x", "y")
    client.publish(f"{namespace}:{{team north}}:changes", "x")

    assert "team north" not in Readings(client, namespace).scopes()
    assert live.wait(0.2) == set()
    client.delete(foreign)


def watched(live: LiveFigures, seconds: int) -> None:
    """Wait for changes for so long."""
    for _ in range(2 * seconds):
        live.wait(0.5)


def test_another_layout_ends_whoever_reads(
    live: LiveFigures, redis_server: RedisServer, client: "Redis", namespace: str
) -> None:
    """At the start, and once workers of another release have taken over: in one line that says what to do."""
    line = f"Redis holds keys of layout {LAYOUT + 1}, and this release reads layout {LAYOUT}"
    client.set(Keys(namespace).layout, LAYOUT + 1)
    with pytest.raises(SetupError, match=line):
        LiveFigures(client, namespace)
    with pytest.raises(SetupError, match=line):
        watched(live, 20)
    with pytest.raises(SetupError, match=line):
        live.wait(0.01)
    arguments = ["watch", "--json", "--redis-url", redis_server.url, "--namespace", namespace]
    result = CliRunner().invoke(app, arguments)

    assert (result.exit_code, line in result.stderr) == (2, True)
    client.delete(Keys(namespace).layout)
    assert "company" in live.wait(0.01)


def test_open_alerts_are_read(redis_server: RedisServer, client: "Redis", namespace: str) -> None:
    """Open alerts are found, whatever home they are in; resolved ones are not."""
    alerts = [
        silent("team:north", "team:north"),
        silent("rep:rep-01@north", "team:north"),
        silent("rep:rep-02@south", "team:south", is_open=False),
    ]
    publish(redis_server.url, namespace, sales_floor(1, 1), alerts)

    assert [(each["home"], each["id"]) for each in Readings(client, namespace).alerts()] == [
        ("team:north", "silent_rep:rep:rep-01@north"),
        ("team:north", "silent_team:team:north"),
    ]


def test_contests_are_read_and_shown(redis_server: RedisServer, client: "Redis", namespace: str) -> None:
    """In the picture and by the command: who stands where, and how far it is; one that there is not ends it with 1."""
    publish(redis_server.url, namespace, sales_floor(1, 1), recognition=[contest()])
    live = LiveFigures(client, namespace)
    console = Console(file=io.StringIO(), width=160)
    console.print(picture(live.figures, [], "day", live.as_of_ms, live.evidence, recognised=Recognised(live.contests)))
    live.close()
    assert "Sprint: bookings, until 2026-11-27  1 rep-01 €5,000, 2 rep-02 €0" in console.file.getvalue()  # type: ignore[attr-defined]

    asked = ["contests", "--redis-url", redis_server.url, "--namespace", namespace]
    shown, one, none = (CliRunner().invoke(app, [*asked, *more]) for more in ((), ("sprint", "--json"), ("other",)))
    assert "Sprint (sprint): bookings from 2026-11-23, until 2026-11-27" in shown.stdout
    assert [row.split() for row in shown.stdout.splitlines() if "rep-01" in row] == [
        ["│", "1", "│", "rep-01", "│", "€5,000", "│", "│"]
    ]
    assert [each["standings"][0]["value"] for each in json.loads(one.stdout)] == [500_000]
    assert (none.exit_code, "there is no contest other; there are: sprint" in none.stderr) == (2, True)


def test_an_achievement_that_stands_is_read_once(redis_server: RedisServer, client: "Redis", namespace: str) -> None:
    """Whoever looks every few seconds takes in what has changed: the same records, and others in place of former."""
    publish(redis_server.url, namespace, sales_floor(1, 1), recognition=[best_day()])
    readings = Readings(client, namespace)
    first, again = readings.achievements(), readings.achievements()
    publish(redis_server.url, namespace, sales_floor(1, 2), recognition=[best_day(2)])

    assert again[0] is first[0]
    assert [each["version"] for each in first + readings.achievements()] == [[1000, 1], [1000, 2]]
    assert readings.achievements("rep:rep-02") == []
    assert readings.achievements("rep:rep-01") == readings.achievements()


def test_achievements_are_shown_by_the_command(redis_server: RedisServer, namespace: str) -> None:
    """All of them, or those of one; where there is none it ends with 1."""
    publish(redis_server.url, namespace, sales_floor(1, 1), recognition=[contest(), best_day()])
    asked = ["recognition", "--redis-url", redis_server.url, "--namespace", namespace]
    shown, one, none = (CliRunner().invoke(app, [*asked, *more]) for more in ((), ("rep:rep-01", "--json"), ("rep:9",)))

    assert "best day by calls: 41 on 2026-11-20" in shown.stdout
    assert [each["value"] for each in json.loads(one.stdout)] == [41]
    assert (none.exit_code, none.stderr) == (1, "no achievements of rep:9 yet\n")


def test_scripts_get_scopes_windows_and_kpis(live: LiveFigures) -> None:
    """One object: as-of, then figures by scope, kind of window and KPI, with numerator and denominator."""
    whole = as_json(live.figures.values(), live.as_of_ms)

    assert whole["as_of"] == "2026-11-23T12:00:00.001Z"
    assert whole["kpis"]["company"]["day"]["calls"] == {"value": 12}
    assert whole["kpis"]["company"]["day"]["win_rate"] == {"value": 0.5, "numerator": 2, "denominator": 4, "n": 4}


def test_orders_for_people(live: LiveFigures) -> None:
    """Teams by name, reps by what they did, stages by how many entered them."""
    assert [each.scope for each in teams(live.figures)] == ["team:north", "team:south"]
    assert [each.scope for each in reps(live.figures, "day", "activities")] == ["rep:rep-01", "rep:rep-02"]
    stages = funnel(live.figures["company"], "day")
    assert {stage.id: (stage.open_deals, stage.entered) for stage in stages} == {
        "discovery": (5, 9),
        "proposal": (3, 4),
        "won": (0, 2),
    }


def test_the_terminal_shows_all_of_it(live: LiveFigures) -> None:
    """Teams, reps, funnel and alerts are on the picture; without a terminal there are lines."""
    alert = silent("team:north", "team:north").record()
    console = Console(file=io.StringIO(), width=160)
    console.print(picture(live.figures, [alert], "day", live.as_of_ms, live.evidence))
    shown = console.file.getvalue()  # type: ignore[attr-defined]

    for word in ("north", "south", "rep-02", "discovery", "silent", "1:02:05", "€12,500", "40.0%"):
        assert word in shown
    told = lines(live.figures, [alert], {"team:north"}, "day")
    assert told[0].startswith("12:00:00 UTC  team:north  day  calls 12")
    assert told[1] == "alert  team:north  whole team silent for 20 working minutes, since 11:40:00 UTC"


def test_watch_prints_json_once(live: LiveFigures, redis_server: RedisServer, namespace: str) -> None:
    """The command prints all current figures as one JSON object; where there are none it ends with 1."""
    arguments = ["watch", "--json", "--redis-url", redis_server.url, "--namespace"]
    there = CliRunner().invoke(app, [*arguments, namespace])
    nowhere = CliRunner().invoke(app, [*arguments, f"{namespace}x"])

    assert there.exit_code == 0
    assert json.loads(there.stdout)["kpis"]["team:south"]["1h"]["calls"] == {"value": 1}
    assert nowhere.exit_code == 1
    nothing = json.loads(nowhere.stdout)
    assert nothing.pop("freshness")["state"] == "empty"
    assert nothing == {"as_of": None, "kpis": {}, "alerts": [], "contests": [], "achievements": [], "industry": []}
    assert json.loads(there.stdout)["freshness"]["live"] is True


def test_watch_prints_lines_where_there_is_no_terminal(
    live: LiveFigures, redis_server: RedisServer, namespace: str
) -> None:
    """A line for each team, then it ends when told to."""
    arguments = ["watch", "--for", "0s", "--redis-url", redis_server.url, "--namespace", namespace]
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 0
    assert [line.split()[2] for line in result.stdout.splitlines()] == ["company", "team:north", "team:south"]


def test_what_nobody_vouches_for_is_struck_out(
    live: LiveFigures, redis_server: RedisServer, client: "Redis", namespace: str
) -> None:
    """Once heartbeats are old the picture says so, greys every row and no longer says that nobody is silent."""
    vouch(redis_server.url, namespace)
    live.wait(1.5)
    fresh = drawn(live)
    for key in client.scan_iter(Keys(namespace).pattern("held")):
        client.pexpire(key, HELD_SECONDS * 1000 - SILENT_MS - 5000)
    live.wait(1.5)
    stale = drawn(live)

    assert live.verdict.state is State.NO_WORKER
    assert ("live" in fresh, "\x1b[2;9m" in fresh, "no open alerts" in fresh) == (True, False, True)
    assert ("not live since" in stale, "\x1b[2;9m" in stale, "no open alerts" in stale) == (True, True, False)
    assert "no worker reports" in stale


def drawn(live: LiveFigures) -> str:
    """The picture on a terminal that has styles."""
    console = Console(file=io.StringIO(), width=200, force_terminal=True, color_system="standard")
    console.print(picture(live.figures, [], "day", live.as_of_ms, live.evidence))
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize("lost", [("crm", 0), ("rollup", 3)])
def test_heartbeats_are_read_as_written(
    live: LiveFigures, redis_server: RedisServer, client: "Redis", namespace: str, lost: tuple[str, int]
) -> None:
    """All partitions, each with an age by Redis's own clock; of one that is gone, that nobody holds it."""
    client.delete(Keys(namespace).held(*lost))
    live.wait(1.5)

    assert live.verdict.why == f"no worker holds {lost[0]} {lost[1]}"
    assert len(live.evidence.beats) == 5 * PARTITIONS - 1
    assert all(0 <= beat.age_ms < SILENT_MS for beat in live.evidence.beats.values())


def test_a_flushed_redis_is_no_live_one(live: LiveFigures, client: "Redis", namespace: str) -> None:
    """Whatever was known before: with everything gone from Redis nobody vouches any more."""
    for key in client.scan_iter(f"*{namespace}*"):
        client.delete(key)
    for _ in range(12):
        live.wait(0.5)

    assert (live.verdict.state, live.figures) == (State.EMPTY, {})
