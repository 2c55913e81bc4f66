"""What the demo's floor has to show, in every place that shows it: goals, a stall, absences, splits, recognition, …"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.cli.options import live_figures
from pipeline.embedded.demo import running_demo
from pipeline.embedded.deployment import Deployment
from pipeline.importing.logs import records_of
from pipeline.views import overview
from pipeline.views.live import LiveFigures
from pipeline.views.readings import Reading
from pipeline.views.screen import Recognised, picture
from pipeline.web.serve import bind, serving
from tests.servers.process import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
LIMIT_SECONDS = 120
ABSENT = {"rep-03", "rep-14"}


class Demo(NamedTuple):
    """A demo that has shown its day, and what reads it."""

    running: Deployment
    live: LiveFigures
    page: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo in this process, once its figures say all that they are going to."""
    log: Path = tmp_path_factory.mktemp("demo") / "worker.log"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SALESPULSE_")}
    with ExitStack() as stack:
        running = stack.enter_context(running_demo(plain, 5, 1, log))
        live = stack.enter_context(live_figures(running.settings))
        shown = stack.enter_context(live_figures(running.settings))
        address = stack.enter_context(serving(shown, stack.enter_context(bind("127.0.0.1", 0))))
        found = Demo(running, live, address)
        wait_until(lambda: _is_whole(found), "the demo to show its floor", LIMIT_SECONDS, 0.5)
        yield found


def _is_whole(demo: Demo) -> bool:
    """Whether all is there that is looked at; while the months before are read, they say another stage."""
    demo.running.check()
    demo.live.wait(0.5)
    company = demo.live.figures.get("company")
    split = any(overview.splits(reading, "month") for reading in _teams(demo))
    recognised = demo.live.contests and demo.live.achieved and demo.live.industry_told
    stalls = list(overview.stalled_stage(company)) == ["default:proposal"]
    return bool(split and recognised and stalls and overview.goals(company, "month"))


def _teams(demo: Demo) -> list[Reading]:
    return [reading for scope, reading in demo.live.figures.items() if scope.startswith("team:")]


def _whole_split(demo: Demo) -> int:
    """What splits move in the open pipeline of the company, once all teams have told it."""
    demo.live.wait(0.5)
    return int(demo.live.figures["company"].value("now", "open_pipeline_split") or 0)


def test_redis_has_all_of_it(demo: Demo) -> None:
    """Goals, the stage at which prospects stall, who is absent, and money that a split moves between teams."""
    figures = demo.live.figures
    goals = {goal.kpi for goal in overview.goals(figures["company"], "month")}

    assert "bookings" in goals
    assert list(overview.stalled_stage(figures["company"])) == ["default:proposal"]
    assert {rep.removeprefix("rep:") for rep in overview.absent(figures)} == ABSENT
    assert any(overview.splits(reading, "month") for reading in _teams(demo))
    wait_until(lambda: _whole_split(demo) == 0, "what splits give and take to be nothing in all", 60, 0.5)


def recognised(live: LiveFigures) -> Recognised:
    """All that stands beside the figures."""
    return Recognised(live.contests, live.achieved, live.industry_told)


def test_watch_shows_goals_the_stall_who_is_absent_and_splits(demo: Demo) -> None:
    """On a wide terminal, in words; and what stands beside figures."""
    live = demo.live
    console = Console(width=200, height=200, record=True, file=StringIO())
    console.print(
        picture(live.figures, live.alerts, "month", live.as_of_ms, live.evidence, live.names, recognised(live))
    )
    lines = [" ".join(line.split()) for line in console.export_text().splitlines()]
    text = "\n".join(lines)

    assert any(re.search(r"\bbookings [^a-z]+%", line) for line in lines[lines.index(_line(lines, "Goals")) :])
    assert "Prospects stall in proposal" in text
    assert f"absent: {', '.join(sorted(ABSENT))}" in text
    assert re.search(r"^\w+ by splits -?€", text, re.MULTILINE)
    for title in ("Coaching and mood", "Contests", "Achievements", "Reps here and elsewhere"):
        assert title in text


def _line(lines: list[str], beginning: str) -> str:
    return next(line for line in lines if beginning in line)


def test_the_page_has_the_same(demo: Demo) -> None:
    """What its script reads: goals of the month, the stall as a line, absent reps and what splits move by team."""

    def shown() -> dict[str, Any]:
        with suppress(OSError), urlopen(f"{demo.page}api/v1/figures?window=month", timeout=10) as answer:
            return dict(json.load(answer))
        return {}

    wait_until(lambda: "Prospects stall in proposal" in json.dumps(shown()), "the page to have figures", 60, 0.5)
    scopes = shown()["scopes"]
    assert "bookings" in scopes["company"]["kpis"]["goal_attainment"]["goals"]
    assert scopes["company"]["stall"].startswith("Prospects stall in proposal")
    assert {rep for told in scopes.values() for rep in told.get("absent", ())} == ABSENT
    assert any(told["splits"].startswith("by splits ") for scope, told in scopes.items() if scope.startswith("team:"))


def test_contests_achievements_and_an_industry_are_in_redis_on_the_page_and_on_the_topic(demo: Demo) -> None:
    """Of reps and of teams; the industry's figures stand beside those of the month."""
    ids = {each["id"].partition(":")[0] for each in (*demo.live.contests, *demo.live.achieved)}
    assert {"contest", "best"} <= ids
    keys = ((record.key or b"").decode() for record in records_of(demo.running.settings, "recognition"))
    assert ids <= {key.partition(":")[0] for key in keys}

    def asked(path: str) -> Any:
        with suppress(OSError), urlopen(f"{demo.page}api/v1/{path}", timeout=10) as answer:
            return json.load(answer)
        return []

    wait_until(lambda: bool(asked("industry?window=month")), "the page to have an industry's figures", 60, 0.5)
    assert asked("contests")
    assert asked(f"recognition/{demo.live.achieved[0]['scope']}")
    assert all(each["source_name"] for each in asked("industry?window=month"))


def test_coaching_and_surveys_are_in_redis_on_the_page_and_on_the_topic(demo: Demo) -> None:
    """Talks, ratings and eNPS of the quarter; of no survey with fewer than five answers."""
    company = demo.live.figures["company"]
    coached = ("one_to_ones", "coaching_sessions", "call_quality", "enps")
    assert all(company.value("quarter", kpi) is not None for kpi in coached)
    with urlopen(f"{demo.page}api/v1/figures?window=quarter", timeout=10) as answer:
        shown = json.load(answer)["scopes"]["company"]["kpis"]
    assert all(shown[kpi]["value"] is not None for kpi in coached)

    def told() -> set[str]:
        records = (record.value for topic in ("kpis.scoreboard", "kpis.rollup")
                   for record in records_of(demo.running.settings, topic))  # fmt: skip
        return {kpi for value in records if value for kpi in json.loads(value).get("kpis", {})}

    wait_until(lambda: {*coached, "survey_response_rate"} <= told(), "the topics to have them", 60, 2)


def _latest(demo: Demo, topic: str) -> list[dict[str, Any]]:
    """The figures on a KPI topic, the last of each key."""
    latest = {record.key: record.value for record in records_of(demo.running.settings, topic)}
    told = (json.loads(value) for value in latest.values() if value)
    return [record for record in told if record["kind"] == "figure"]


def test_topics_say_who_is_absent_what_the_goals_are_where_it_stalls_and_what_splits_move(demo: Demo) -> None:
    """Of reps in current windows of days, of the company in the month and now, and of teams."""
    told = _latest(demo, "kpis.scoreboard")
    company = {record["window"]["id"]: record["kpis"] for record in _latest(demo, "kpis.rollup")
               if record["scope"] == "company" and record["current"]}  # fmt: skip
    away = {record["scope"].partition(":")[2].partition("@")[0] for record in told
            if record.get("attendance") == "absent"}  # fmt: skip
    splits = {kpi for record in told if record["scope"].startswith("team:")
              for kpi, each in record["kpis"].items() if kpi.endswith("_split") and each["value"]}  # fmt: skip

    assert away == ABSENT
    assert any("bookings" in kpis.get("goal_attainment", {}).get("goals", {}) for kpis in company.values())
    assert list(company["now"]["stage_stall"]["stages"]) == ["default:proposal"]
    assert splits & {"bookings_split", "open_pipeline_split"}


def test_the_organisation_shows_the_half_day(demo: Demo) -> None:
    """London closes at half past twelve on the next weekday."""
    settings = demo.running.settings
    environment = {
        "SALESPULSE_NAMESPACE": settings.namespace,
        "SALESPULSE_BROKERS": settings.brokers,
        "SALESPULSE_KAFKA_API_VERSION": str(settings.kafka_api_version),
    }
    done = CliRunner().invoke(app, ["org", "show", "--json"], env=environment)
    assert done.exit_code == 0, done.output
    teams = list(_all_teams(json.loads(done.output)["teams"]))
    (day,) = next(team["special_days"] for team in teams if team["id"] == "london")
    soon = datetime.now(UTC).date() + timedelta(days=4)

    assert datetime.now(UTC).date().isoformat() <= day["day"] <= soon.isoformat()
    assert "12:30" in json.dumps(day["open"])


def _all_teams(teams: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for team in teams:
        yield team
        yield from _all_teams(team["teams"])
