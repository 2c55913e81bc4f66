"""The commands, SQL over what the audit expects, and the pencil agree on peers, and on before and after."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.scores.kpis import BY_NAME
from pipeline.sinks.redis import RedisSink
from pipeline.sinks.redis_guard import connect
from tests.findings.floor import Floor
from tests.harness.recognising_boards import RecognisingBoards, recognition_differences
from tests.harness.vouching import vouch
from tests.harness.yardsticks import benchmarks, sessions
from tests.servers.redis import RedisServer
from tests.unit.audit.logs_of import audited
from tests.unit.audit.test_definition import publish
from tests.unit.publishing.test_publisher import Desk
from tests.witness.pencil import digits
from tests.witness.weeks import STORY, story_floor

PAGE = (Path(__file__).parent / "comparisons.md").read_text()
NAMESPACE, MONTH, TODAY = "comparisons", "2025-11", "2025-11-28"
Rows = dict[tuple[str, ...], tuple[str, ...]]


def table(heading: str, key: int) -> Rows:
    """The rows of a table by their first columns, without how each came about."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip(" `") for cell in line.split("|")[1:-2]] for line in part.splitlines() if line.startswith("| `")
    ]
    return {tuple(row[:key]): tuple(row[key:]) for row in rows}


BENCHMARKS, SESSIONS = table("The rep beside the peers", 2), table("Before and after", 4)


@pytest.fixture(scope="module")
def floor() -> Floor:
    """The floor at the end of the story."""
    return story_floor()


@pytest.fixture(scope="module")
def kept(redis_server: RedisServer, floor: Floor) -> str:
    """A Redis to which a real publisher has written the team's figures."""

    async def write() -> None:
        sink = RedisSink(connect(redis_server.url), NAMESPACE, 3600, floor.board.board.definition_version)
        async with Desk(sink) as desk:
            await publish(floor.world, desk, sink)
        await sink.close()

    asyncio.run(write())
    vouch(redis_server.url, NAMESPACE)
    return redis_server.url


def answer(url: str, *arguments: str) -> dict[str, Any]:
    """What a command says to programs."""
    result = CliRunner().invoke(app, [*arguments, "--json", "--redis-url", url, "--namespace", NAMESPACE])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_each_event_has_its_number() -> None:
    """What is played is what the page tells."""
    assert [int(number) for number in re.findall(r"^\| (\d+) \| ", PAGE, flags=re.MULTILINE)] == list(STORY)


def test_a_rep_beside_the_peers_is_what_the_page_says(kept: str) -> None:
    """Median, percentile and the months before, of what a real publisher wrote to Redis."""
    found: Rows = {}
    for rep, kpi in BENCHMARKS:
        told = answer(kept, "benchmarks", f"rep:{rep}@north", "--window", "month", "--kpi", kpi)["kpis"][kpi]
        numbers = (told[name] for name in ("value", "peers", "team_median", "percentile"))
        found[rep, kpi] = (*map(digits, numbers), ", ".join(map(digits, told["before"])))

    assert found == BENCHMARKS


def test_before_and_after_a_session_is_what_the_page_says(kept: str) -> None:
    """Of a rep and of the team, whose sessions are those of its reps too."""
    found: Rows = {}
    days: dict[str, list[str]] = {}
    kpis = [argument for kpi in dict.fromkeys(kpi for *_, kpi in SESSIONS) for argument in ("--kpi", kpi)]
    for whose in ("rep:rep-01@north", "team:north"):
        told = answer(kept, "coaching", whose, *kpis)["sessions"]
        days[whose] = [each["day"] for each in told]
        for each in told:
            for kpi, sides in each["kpis"].items():
                place = whose, each["day"], str(each["days_after"]), kpi
                found[place] = digits(sides["before"]), digits(sides["after"])

    assert {place: found.get(place) for place in SESSIONS} == SESSIONS
    assert days == {
        "rep:rep-01@north": ["2025-11-20", "2025-10-27"],
        "team:north": ["2025-11-20", "2025-11-10", "2025-10-27"],
    }


def test_the_audits_figures_come_to_the_same(floor: Floor) -> None:
    """In SQL, over what the audit works out of the logs."""
    less = [name for name, kpi in BY_NAME.items() if kpi.better == "down"]
    beside: Rows = {}
    around: Rows = {}
    with audited(floor.world) as database:
        recognition_differences(database, floor.world, RecognisingBoards(floor.world).read())
        database.run("present")
        for rep in dict.fromkeys(rep for rep, _ in BENCHMARKS):
            for each in benchmarks(database, "team:north", rep, MONTH, less):
                numbers = each.own, each.peers, each.median, each.percentile
                beside[rep, each.kpi] = (*map(digits, numbers), ", ".join(map(digits, each.before)))
        for whose in dict.fromkeys(whose for whose, *_ in SESSIONS):
            for told in sessions(database, whose, TODAY):
                place = whose, told.day, str(told.days_after), told.kpi
                around[place] = digits(told.before), digits(told.after)

    assert {place: beside.get(place) for place in BENCHMARKS} == BENCHMARKS
    assert {place: around.get(place) for place in SESSIONS} == SESSIONS
