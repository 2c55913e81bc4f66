"""Goals as numbers, of teams and the company: the same that stands in their texts."""

import pytest

from pipeline.scores.goal_readings import GoalReading, goal_readings
from tests.unit.boards.logs import at, cell
from tests.unit.boards.test_goals import NOW_MS, Floor, target


@pytest.fixture
def floor() -> Floor:
    """Team north has won three deals for 500 EUR in November."""
    found = Floor()
    found.go(NOW_MS, cell("north", "7", at("2026-11-02 09:00"), won=3, won_minor=50_000))
    return found


def read(floor: Floor) -> list[GoalReading]:
    """What is read of all that is shown to Prometheus of a scoreboard."""
    board = floor.board.board
    return list(goal_readings(board, board.shown(reps=False)))


def test_who_has_no_goal_is_not_read(floor: Floor) -> None:
    """Nothing costs anything there."""
    assert read(floor) == []


def test_each_goal_of_a_current_window_is_read(floor: Floor) -> None:
    """3 of 12 deals in the month, 168 working hours of which 121 have passed; nothing of a month that is over."""
    floor.say("target:1", target(12, team_id="north"))
    floor.say("target:2", target(100_000, "bookings", "quarter", "2026-10-01", team_id="north"))
    floor.say("target:3", target(9, first="2026-10-01", team_id="north"))

    won, booked = read(floor)

    assert won[:5] == ("team:north", "won", "month", 12, 0.25)
    assert won.projection == pytest.approx(3 * 168 / 121)
    assert booked[:5] == ("team:north", "bookings", "quarter", 100_000, 0.5)


def test_what_cannot_be_said_is_none(floor: Floor) -> None:
    """In the first hour of a day nothing is projected."""
    floor.say("target:1", target(4, period="day", first="2026-11-23", team_id="north"))

    assert read(floor) == [("team:north", "won", "day", 4, 0, None)]
