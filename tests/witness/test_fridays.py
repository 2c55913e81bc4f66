"""The command, SQL over what the audit expects, and the pencil agree on what is usual of a whole day."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from tests.findings.floor import Floor
from tests.harness.published import publish
from tests.harness.recognising_boards import RecognisingBoards, recognition_differences
from tests.harness.yardsticks import usual_days
from tests.servers.redis import RedisServer
from tests.unit.audit.logs_of import audited
from tests.witness.fridays import STORY, story_floor
from tests.witness.pencil import digits

PAGE = (Path(__file__).parent / "fridays.md").read_text()
NAMESPACE = "fridays"
Row = tuple[str, ...]
ROWS: dict[Row, Row] = {
    cells[:3]: cells[3:7]
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for cells in [tuple(cell.strip(" `") for cell in line.split("|")[1:-1])]
}
"""By scope, day and KPI: the usual value, its band, and of how many days it is."""


@pytest.fixture(scope="module")
def floor() -> Floor:
    """The floor at the end of the story."""
    return story_floor()


@pytest.fixture(scope="module")
def kept(redis_server: RedisServer, floor: Floor) -> str:
    """A Redis to which the real sink has written all figures of the floor."""
    publish(redis_server.url, NAMESPACE, floor.taken(), defined=floor.board.board.definition_version)
    return redis_server.url


def answer(url: str, *arguments: str) -> dict[str, Any]:
    """What the command says to programs."""
    result = CliRunner().invoke(
        app, ["figures", *arguments, "--json", "--redis-url", url, "--namespace", NAMESPACE]
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def as_row(usual: dict[str, Any]) -> Row:
    """The numbers of an answer as the page has them."""
    return tuple(digits(usual[name]) for name in ("value", "low", "high", "n"))


def test_each_event_has_its_number() -> None:
    """What is played is what the page tells."""
    assert [int(number) for number in re.findall(r"^\| (\d+) \| ", PAGE, flags=re.MULTILINE)] == list(STORY)


def test_what_is_usual_of_a_day_is_what_the_page_says(kept: str) -> None:
    """Of days that are over and of the one that is not, by what lies in Redis."""
    found = {}
    for scope, day, kpi in ROWS:
        (window,) = answer(kept, scope, "--window", f"day:{day}", "--kpi", kpi)["windows"]
        found[scope, day, kpi] = as_row(window["usual_whole_day"][kpi])

    assert found == ROWS


def test_a_series_says_the_same_of_its_days(kept: str) -> None:
    """And the target, of the day that has one."""
    found: dict[Row, Row] = {}
    targets = []
    for scope, kpi in dict.fromkeys((scope, kpi) for scope, _, kpi in ROWS):
        days = answer(kept, scope, "--series", kpi, "--from", "2025-05-01")["days"]
        found |= {(scope, row["day"], kpi): as_row(row["usual_whole_day"]) for row in days}
        targets += [(scope, kpi, row["day"], row["target"]) for row in days if row["target"] is not None]

    assert {place: found.get(place) for place in ROWS} == ROWS
    assert targets == [("team:north", "dials", "2025-11-28", 30)]


def test_the_audits_figures_come_to_the_same(floor: Floor) -> None:
    """In SQL, over what the audit works out of the logs, by the working days of its own calendar."""
    with audited(floor.world) as database:
        recognition_differences(database, floor.world, RecognisingBoards(floor.world).read())
        database.run("rep_days")
        places = dict.fromkeys((scope, day) for scope, day, _ in ROWS)
        told: dict[Row, tuple[float | None, ...]] = {
            (*place, kpi): each for place in places for kpi, each in usual_days(database, *place).items()
        }
        found = {place: tuple(map(digits, told.get(place, (None, None, None, 0)))) for place in ROWS}

    assert found == ROWS
