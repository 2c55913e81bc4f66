"""What is usual as the board publishes it: when it is told anew, and of whom. The 23rd is a Monday."""

from typing import Any

import pytest

from pipeline.organisation.days import DAY_MS, HOUR_MS, MINUTE_MS
from tests.unit.boards.logs import LogRecord, TwoReps, at, cell, fold, reread, rollup, scoreboard, send_on

NOW_MS = at("2026-11-23 10:07")
WEEK_MS = 7 * DAY_MS


class Floor(TwoReps):
    """What each rep did, and what is usual by then."""

    def go(self, now_ms: int, *done: tuple[str, int, int]) -> "Floor":
        """Time goes on; each rep did so much at an instant."""
        cells = [cell("north", rep, when, activities=count) for rep, when, count in done]
        fold(self.board, [self.log.add(now_ms, *cells)])
        return self

    def say(self, subject: str, record: dict[str, Any]) -> None:
        """A copy of an organisation record."""
        fold(self.board, [self.log.organise(subject, record)])

    def told(self, scope: str, kpi: str = "activities_usual") -> Any:
        """The KPI as of now; None where it is absent."""
        found = (each.kpis for each in self.board.board.current() if (each.scope, each.window) == (scope, "now"))
        return next(found, {}).get(kpi)

    def fresh(self) -> set[str]:
        """The scopes of which what is usual is published now."""
        return {each.scope for each in self.board.board.take(slow=True) if "usual" in each.fresh}


@pytest.fixture
def floor() -> Floor:
    """Rep 1 did 4, 6, 6 and 9 before ten on the four Mondays, and one more at half past; rep 2 did 1 at nine."""
    found = Floor()
    for week, count in enumerate((4, 6, 6, 9), 1):
        monday_ms = at("2026-11-23 09:00") - week * WEEK_MS
        found.go(NOW_MS, ("1", monday_ms, count), ("1", monday_ms + 90 * MINUTE_MS, 1), ("2", monday_ms, 1))
    return found


def test_reps_and_their_team_have_what_is_usual(floor: Floor) -> None:
    """By ten: 6 of rep 1, 7 of both; in the hour from ten to eleven 1 of rep 1 and none of rep 2."""
    assert floor.told("rep:1@north")["value"] == 6
    assert floor.told("team:north")["value"] == 7
    assert floor.told("rep:1@north", "activities_usual_hour") == {"value": 1, "low": 0, "high": 3, "n": 4}
    assert floor.told("rep:2@north", "activities_usual_hour") == {"value": 0, "low": 0, "high": 0, "n": 4}


def test_it_is_the_same_after_a_restart(floor: Floor) -> None:
    """The state holds it, however it was told."""
    before = floor.told("team:north"), floor.told("rep:1@north")
    floor.board = scoreboard(reread(floor.board.store))

    assert (floor.told("team:north"), floor.told("rep:1@north")) == before


def test_days_of_absence_do_not_count(floor: Floor) -> None:
    """Three of the Mondays remain to rep 2, who did nothing on the fourth: of three nothing is usual."""
    floor.go(NOW_MS, ("2", at("2026-11-09 09:00"), -1))

    assert floor.told("rep:2@north") == {"value": None, "low": None, "high": None, "n": 3}


def test_it_is_told_anew_at_each_quarter_hour_and_not_by_what_happens(floor: Floor) -> None:
    """Calls of today mark nothing of it; at 10:15 it is of a quarter of an hour more, at 10:45 one more is usual."""
    floor.fresh()

    assert floor.go(NOW_MS + 2 * MINUTE_MS, ("1", NOW_MS, 5)).fresh() == set()
    assert floor.go(at("2026-11-23 10:15")).fresh() == {"team:north", "rep:1@north", "rep:2@north"}
    assert floor.go(at("2026-11-23 10:29")).fresh() == set()
    assert floor.go(at("2026-11-23 10:45")).told("rep:1@north")["value"] == 7


def test_what_is_told_late_of_the_weeks_before_is_told_on(floor: Floor) -> None:
    """Twelve more of rep 1 on the last Monday, and one that moved to rep 2: their own figures and the team's."""
    floor.fresh()
    monday_ms = at("2026-11-16 09:30")
    floor.go(NOW_MS, ("1", monday_ms, 12), ("1", monday_ms, -1), ("2", monday_ms, 1))

    assert floor.fresh() == {"team:north", "rep:1@north", "rep:2@north"}
    assert floor.told("rep:1@north")["value"] == 7.5
    assert floor.told("team:north")["value"] == 8.5


def test_another_calendar_is_another_usual(floor: Floor) -> None:
    """Nobody works on Mondays any more: nothing is usual on them."""
    floor.fresh()
    floor.say("team:north", {"time_zones": [[None, "UTC"]], "calendar": {"tuesday": [["09:00", "17:00"]]}})

    assert floor.fresh() == {"team:north", "rep:1@north", "rep:2@north"}
    assert floor.told("team:north") == {"value": None, "low": None, "high": None, "n": 0}


def test_larger_scopes_have_none(floor: Floor) -> None:
    """A rep over all teams and the company are watched by nobody."""
    larger = rollup()
    fold(larger, floor.log.records[:0])
    parts: list[LogRecord] = []
    fold(larger, send_on(floor.board.take_parts(), parts))

    told = {each.scope: each.kpis for each in larger.board.current() if each.window == "day:2026-11-23"}
    assert {"company", "rep:1"} <= told.keys()
    assert not any("activities_usual" in each.kpis for each in larger.board.current())


def test_nothing_is_told_of_windows_that_are_over(floor: Floor) -> None:
    """It is of now, and goes with it."""
    figures = floor.go(NOW_MS + 30 * HOUR_MS).board.board.take(slow=True)

    assert {each.window for each in figures if "activities_usual" in each.kpis} == {"now"}
