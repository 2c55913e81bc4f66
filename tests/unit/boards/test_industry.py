"""When boards show other figures of an industry, and that the audit names the same."""

import json
from typing import Any

import pytest

from tests.harness.industry import fields_of, industry_differences, industry_fields
from tests.harness.recognising_boards import RecognisingBoards, recognition_differences
from tests.unit.audit.logs_of import audited
from tests.unit.boards.logs import at, cell
from tests.unit.boards.test_goals import NOW_MS, Floor
from tests.unit.ledger.world import NOON_MS, World, event, organisation

SAID: dict[str, Any] = {"kpi": "dials", "period": "day", "median": "40", "source_name": "Survey of nobody, 2026"}


@pytest.fixture
def floor() -> Floor:
    """Rep 7 dialled once, and nothing is to be told any more."""
    found = Floor()
    found.go(NOW_MS, cell("north", "7", at("2026-11-23 09:00"), dials=1))
    regrouped(found)
    return found


def regrouped(floor: Floor) -> list[str]:
    """The homes that are told though no figure of theirs changed."""
    return [home for stage in (floor.board, floor.rollup) for home in stage.take_regrouped()]


def test_the_company_and_teams_are_told_once(floor: Floor) -> None:
    """Where what stands beside them changed, and no figure with it."""
    floor.taken()
    floor.say("benchmark:a", SAID)
    assert floor.taken() == {}
    assert regrouped(floor) == ["company"]
    assert json.loads(floor.rollup.beside("company").industry) == [{"id": "a", **SAID}]
    assert regrouped(floor) == []

    floor.say("benchmark:b", SAID | {"team_id": "north"})
    assert "team:north" in regrouped(floor)
    assert json.loads(floor.board.beside("team:north").industry) == [{"id": "b", **SAID}]
    assert regrouped(floor) == []


def test_what_is_taken_back_is_told_too(floor: Floor) -> None:
    """Nothing stands there any more."""
    floor.say("benchmark:a", SAID)
    regrouped(floor)
    floor.say("benchmark:a", None)

    assert regrouped(floor) == ["company"]
    assert floor.rollup.beside("company").industry == ""


def test_a_worker_that_begins_tells_all(floor: Floor) -> None:
    """It does not know what was told."""
    floor.say("benchmark:a", SAID | {"team_id": "north"})
    regrouped(floor)
    floor.restart()

    assert regrouped(floor) == ["team:north", "company"]
    assert json.loads(floor.board.beside("team:north").industry)[0]["id"] == "a"


def test_the_audit_names_the_same() -> None:
    """Of both homes; what is shown wrongly, and what is not shown, it finds."""
    world = World(partitions=2).play(organisation())
    world.produce([
        event("benchmark", "a", NOON_MS, **SAID, effective_on="2025-11-01", upper_quartile="55.50"),
        event("benchmark", "b", NOON_MS, **SAID | {"team_id": "north"}),
        event("benchmark", "c", NOON_MS, kpi="dials", period="day", median="40"),
        event("call", "c", NOON_MS, rep_id="rep-01", direction="outbound", started_at=NOON_MS),
    ])  # fmt: skip
    world.tick()
    world.run()
    boards = RecognisingBoards(world).read()
    shown = industry_fields(boards)
    with audited(world) as database:
        recognition_differences(database, world, boards)
        assert industry_differences(database, shown) == []
        wrong = [each if each.field != "upper_quartile" else each._replace(value="56") for each in shown]
        found = industry_differences(database, wrong)
        missing = industry_differences(database, [each for each in shown if each.home == "company"])

    assert found == [("company", "a upper_quartile 55.50", 0, 1), ("company", "a upper_quartile 56", 1, 0)]
    assert {scope for scope, *_ in missing} == {"team:north"}
    assert {each.home for each in shown} == {"company", "team:north"}
    assert fields_of("company", "") == []
