"""Targets that change within their period: from which day on which of them holds, worked out by hand."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.organisation.goals import GoalBook
from schemas.goals import TargetChange, day_after
from tests.unit.boards.logs import at, cell, day
from tests.unit.boards.test_goals import NOW_MS, Floor, target

MONTH = ("month", day("2026-11-01"))
NEXT = day("2026-12-01")


def _holding(value: int | None, since: str | None, **whose: str) -> Any:
    """A target of November that holds from a day on."""
    return target(value, **whose) | {"effective_on": None if since is None else day(since)}


def _floor(*wins: tuple[str, int]) -> Floor:
    found = Floor()
    found.go(NOW_MS, *(cell("north", "7", at(f"{when} 09:00"), won=won) for when, won in wins))
    return found


def _due(floor: Floor, scope: str = "team:north", window: str = "month:2026-11") -> tuple[Any, Any]:
    goal = floor.told(scope, window)["goals"]["won"]
    return goal["denominator"], goal["value"]


def test_midnight_puts_another_target_in_place_of_the_former() -> None:
    """In the team's days, told ahead: 3 of 12 deals, from the 24th on 3 of 24; then all of November is of 24."""
    floor = _floor(("2026-11-02", 3))
    floor.say("target:1", target(12, team_id="north"))
    floor.say("target:2", _holding(24, "2026-11-24", team_id="north"))
    assert _due(floor) == (12, 0.25)

    floor.taken()
    floor.go(at("2026-11-23 23:59"))
    assert _due(floor) == (12, 0.25)
    floor.go(at("2026-11-24 00:00"))
    assert _due(floor) == (24, 0.125)
    assert "goals" in floor.taken()["team:north", "month:2026-11"].fresh

    floor.go(at("2026-12-01 00:00"))
    past = floor.taken()["team:north", "month:2026-11"]
    assert past.kpis["goal_attainment"]["goals"]["won"]["denominator"] == 24


def test_a_day_before_today_is_a_correction() -> None:
    """It holds at once; taken back, the former one does again."""
    floor = _floor(("2026-11-02", 3))
    floor.say("target:9", target(12, team_id="north"))
    floor.say("target:1", _holding(6, "2026-11-10", team_id="north"))
    assert _due(floor) == (6, 0.5)

    floor.say("target:1", None)
    assert _due(floor) == (12, 0.25)


def test_a_target_that_begins_within_its_period_is_none_before() -> None:
    """There is nothing to be reached until then."""
    floor = _floor(("2026-11-02", 3))
    floor.say("target:1", _holding(12, "2026-11-24", team_id="north"))
    assert floor.told("team:north", "month:2026-11") is None

    floor.go(at("2026-11-24 00:00"))
    assert _due(floor) == (12, 0.25)
    assert "goals" in floor.taken()["team:north", "month:2026-11"].fresh

    floor.say("target:1", None)
    floor.restart()
    assert floor.told("team:north", "month:2026-11") == {"value": None, "goals": {}}


def test_what_stands_below_goes_by_the_same_day() -> None:
    """Rep 7 is to win 5, from the 24th on 8: of a team that is to win 12."""
    floor = _floor(("2026-11-02", 3))
    floor.say("target:1", target(12, team_id="north"))
    floor.say("target:2", _holding(5, None, rep_id="7"))
    floor.say("target:3", _holding(8, "2026-11-24", rep_id="7"))
    goal = floor.told("team:north", "month:2026-11")["goals"]["won"]
    assert (goal["below"], goal["below_n"], goal["below_difference"]) == (5, 1, -7)

    floor.go(at("2026-11-24 00:00"))
    goal = floor.told("team:north", "month:2026-11")["goals"]["won"]
    assert (goal["below"], goal["below_n"], goal["below_difference"]) == (8, 1, -4)
    assert _due(floor, "rep:7") == (8, 0.375)


VERSIONS = st.dictionaries(
    st.sampled_from("abcde"),
    st.tuples(st.none() | st.integers(MONTH[1] - 3, NEXT + 3), st.integers(0, 3)),
    max_size=5,
)


@given(VERSIONS, st.integers(MONTH[1] - 2, NEXT + 9))
def test_that_holds_which_began_last(versions: dict[str, tuple[int | None, int]], today: int) -> None:
    """Day by day from the first: whoever begins takes over, of one day the greater id; none begins after the period."""
    book = GoalBook()
    for name, (since, value) in versions.items():
        book.put(name, None, target(value, team_id="north") | {"effective_on": since})

    holds = 0
    for on in range(MONTH[1], min(today, NEXT - 1) + 1) if today >= MONTH[1] else (MONTH[1],):
        for _, (since, value) in sorted(versions.items()):
            if max(since or 0, MONTH[1]) == on:
                holds = value
    assert book.of("team:north", today) == ({MONTH: {"won": holds}} if holds else {})
    added = book.added_up(["team:north"], *MONTH, today)
    assert {kpi: (each.target, each.n) for kpi, each in added.items()} == ({"won": (holds, 1)} if holds else {})


@pytest.mark.parametrize(
    ("period", "first", "after"),
    [
        ("day", "2026-12-31", "2027-01-01"), ("week", "2026-12-28", "2027-01-04"),
        ("month", "2026-12-01", "2027-01-01"), ("month", "2028-02-01", "2028-03-01"),
        ("quarter", "2026-11-01", "2027-02-01"), ("year", "2026-04-01", "2027-04-01"),
    ],
)  # fmt: skip
def test_where_a_period_ends(period: str, first: str, after: str) -> None:
    """Whatever the fiscal year is, and over the turn of a year."""
    assert day_after(period, date.fromisoformat(first)).isoformat() == after


@pytest.mark.parametrize(("since", "allowed"), [("2026-10-31", False), ("2026-11-01", True), ("2026-11-30", True),
                                                ("2026-12-01", False)])  # fmt: skip
def test_a_target_holds_from_a_day_of_its_period_on(since: str, allowed: bool) -> None:
    """Any other day is refused, and what is allowed is said."""
    said = {"period": "month", "period_start": "2026-11-01", "effective_on": since}
    if allowed:
        assert TargetChange.model_validate_json(str(said).replace("'", '"')).effective_on == date.fromisoformat(since)
    else:
        with pytest.raises(ValidationError, match="from 2026-11-01 to 2026-11-30"):
            TargetChange.model_validate_json(str(said).replace("'", '"'))
