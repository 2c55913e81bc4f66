"""Goals of teams and reps: what is reached of a target in the very period it is set for, worked out by hand.

November 2026 begins on a Sunday and has 21 working days from Monday to Friday; the 23rd is a Monday, and from it on
there are six of them.
"""

import json
from typing import Any

import pytest

from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.store import Store
from tests.unit.boards.logs import WEEK, FactsLog, LogRecord, at, cell, day, fold, reread

NO_CURVE = {"projection_low": None, "projection_high": None, "curve": None}
"""What is told of a pace that goes by working time."""
NOW_MS = at("2026-11-23 10:00")


def target(value: int | None, kpi: str = "won", period: str = "month", first: str = "2026-11-01", **whose: str) -> Any:
    """The record of a target."""
    return {"kpi": kpi, "period": period, "period_start": day(first), "value": value, **whose}


class Floor:
    """A scoreboard with team north, in UTC, and a rollup, at one moment."""

    def __init__(self) -> None:
        self.board, self.rollup = Scoreboard(0, Store(), 1), Rollup(0, Store(), 1)
        self.facts = FactsLog()
        self.parts: list[LogRecord] = []
        self.board.board.generation = 1
        self.say("company:company", {"time_zone": "UTC"})
        self.say("team:north", {"time_zones": [[None, "UTC"]], "calendar": WEEK})
        self.join("7")
        self.go(NOW_MS)

    def join(self, rep: str) -> None:
        """Somebody belongs to team north, and always did."""
        self.say(f"rep:{rep}", {"active": True})
        self.say(f"membership:{rep}", {"rep_id": rep, "team_id": "north"})

    def say(self, subject: str, record: dict[str, Any] | None) -> None:
        """A copy for both stages."""
        copied = self.facts.organise(subject, record)
        fold(self.board, [copied])
        self.parts.append(LogRecord(len(self.parts), copied.value, headers=copied.headers))
        fold(self.rollup, self.parts[-1:])

    def go(self, now_ms: int, *cells: Any) -> None:
        """What happened by now, in both stages."""
        fold(self.board, [self.facts.add(now_ms, *cells)])
        for sent in self.board.take_parts():
            self.parts.append(LogRecord(len(self.parts), sent.value))
            fold(self.rollup, self.parts[-1:])

    def restart(self) -> None:
        """Both stages go on elsewhere, from their states."""
        self.board = Scoreboard(0, reread(self.board.store), 1)
        self.rollup = Rollup(0, reread(self.rollup.store), 1)
        for stage in (self.board, self.rollup):
            list(stage.restore())
            stage.board.generation = 1

    def told(self, scope: str, window: str, kpi: str = "goal_attainment") -> Any:
        """The KPI in a current window; None where it is absent."""
        figures = [each for stage in (self.board, self.rollup) for each in stage.board.current()]
        found = [each for each in figures if (each.scope, each.window) == (scope, window)]
        return found[0].kpis.get(kpi) if found else None

    def taken(self) -> dict[tuple[str, str], Any]:
        """What is published now, by scope and window: the families that changed."""
        figures = [each for stage in (self.board, self.rollup) for each in stage.board.take(slow=True)]
        return {(each.scope, each.window): each for each in figures}


@pytest.fixture
def floor() -> Floor:
    """With three deals that rep 7 won this month, two of them today, for 900 EUR in all."""
    found = Floor()
    found.go(
        NOW_MS,
        cell("north", "7", at("2026-11-02 09:00"), won=1, won_minor=50_000),
        cell("north", "7", at("2026-11-23 09:00"), won=2, won_minor=40_000),
    )
    return found


def test_attainment_is_what_was_reached_of_the_target_of_the_period(floor: Floor) -> None:
    """3 of 12 deals are a quarter; 9 are missing, and 6 working days are left: 1.5 a day."""
    floor.say("target:1", target(12, team_id="north"))

    assert floor.told("team:north", "month:2026-11") == {
        "value": None,
        "goals": {
            "won": {
                "value": 0.25, "numerator": 3, "denominator": 12, "gap": 9, "gap_per_day": 1.5, "days_left": 6,
                "below": None, "below_n": 0, "below_difference": None,
            }
        },
    }  # fmt: skip
    assert floor.told("team:north", "day:2026-11-23") == {"value": None, "goals": {}}
    assert floor.told("team:north", "quarter:2026-Q4") == {"value": None, "goals": {}}
    assert floor.told("team:north", "90d") is None


def test_beyond_the_target_nothing_is_left(floor: Floor) -> None:
    """900 EUR of 600 are 150 %; the gap is below 0, and nothing is needed a day."""
    floor.say("target:1", target(60_000, "bookings", rep_id="7"))

    assert floor.told("rep:7", "month:2026-11")["goals"] == {
        "bookings": {
            "value": 1.5, "numerator": 90_000, "denominator": 60_000, "gap": -30_000, "gap_per_day": 0, "days_left": 6,
        }
    }  # fmt: skip


def test_without_a_target_there_is_nothing(floor: Floor) -> None:
    """Neither for the rep within a team, nor where the target is 0, or of another period."""
    assert floor.told("team:north", "month:2026-11") is None
    floor.say("target:1", target(0, team_id="north"))
    floor.say("target:2", target(5, first="2026-11-02", period="week", team_id="north"))
    floor.say("target:3", target(5, first="2026-11-08", team_id="north"))

    assert floor.told("team:north", "month:2026-11") == {"value": None, "goals": {}}
    assert floor.told("team:north", "week:2026-W48") == {"value": None, "goals": {}}
    assert floor.told("rep:7@north", "month:2026-11") is None
    assert floor.told("rep:7", "month:2026-11") is None


def test_the_latest_holds_for_the_whole_period_and_a_deletion_takes_it_back(floor: Floor) -> None:
    """Null afterwards, as whoever shows the figure has to be told; after a restart too."""
    floor.say("target:1", target(12, team_id="north"))
    floor.say("target:1", target(6, team_id="north"))
    assert floor.told("team:north", "month:2026-11")["goals"]["won"]["value"] == 0.5
    floor.taken()

    floor.say("target:1", None)
    assert floor.told("team:north", "month:2026-11") == {"value": None, "goals": {}}
    assert "goals" in floor.taken()["team:north", "month:2026-11"].fresh
    floor.restart()
    assert floor.told("team:north", "month:2026-11") == {"value": None, "goals": {}}


def test_of_two_targets_for_one_thing_the_greater_id_holds(floor: Floor) -> None:
    """Whichever came last; each KPI has its own."""
    floor.say("target:b", target(6, team_id="north"))
    floor.say("target:a", target(12, team_id="north"))
    floor.say("target:c", target(3, "calls", team_id="north"))

    goals = floor.told("team:north", "month:2026-11")["goals"]
    assert {kpi: told["denominator"] for kpi, told in goals.items()} == {"won": 6, "calls": 3}
    assert goals["calls"]["value"] == 0


def test_a_target_of_a_past_period_is_told_of_that_period(floor: Floor) -> None:
    """No time is left in it; the window is published anew though nothing in it changed, and again after a crash."""
    floor.go(NOW_MS, cell("north", "7", at("2026-10-30 09:00"), won=1))
    floor.taken()
    floor.say("target:1", target(4, first="2026-10-01", team_id="north"))
    for _ in range(2):
        october = floor.taken()["team:north", "month:2026-10"]
        assert october.kpis["goal_attainment"]["goals"]["won"] == {
            "value": 0.25, "numerator": 1, "denominator": 4, "gap": 3, "gap_per_day": None, "days_left": None,
        }  # fmt: skip
        floor.restart()
        list(floor.board.board.marking.since(floor.board.board.position - 1))


def test_a_target_of_a_team_with_teams_below_it_is_its_groups(floor: Floor) -> None:
    """Then it is about all who work there, so the team's own figures have none; and the other way round again."""
    floor.say("team:berlin", {"time_zones": [], "parent_id": "north"})
    floor.go(NOW_MS, cell("berlin", "8", at("2026-11-03 09:00"), won=3))
    floor.say("target:1", target(12, team_id="north"))
    assert floor.told("group:north", "month:2026-11")["goals"]["won"]["value"] == 0.5
    assert floor.told("team:north", "month:2026-11") is None

    floor.say("team:berlin", {"time_zones": []})
    assert floor.told("team:north", "month:2026-11")["goals"]["won"]["value"] == 0.25
    assert floor.told("group:north", "month:2026-11") is None


def test_the_company_has_targets_too(floor: Floor) -> None:
    """Of `company`; nobody says when the company works, so nothing is said of days."""
    floor.say("target:1", target(30, period="year", first="2026-01-01", team_id="company"))

    assert floor.told("company", "year:2026")["goals"]["won"] == {
        "value": 0.1, "numerator": 3, "denominator": 30, "gap": 27, "gap_per_day": None, "days_left": None,
        "below": None, "below_n": 0, "below_difference": None,
    }  # fmt: skip


def test_days_are_left_by_the_hours_and_holidays_of_the_team(floor: Floor) -> None:
    """Four-day weeks leave five days from the 23rd on; 25 and 26 December are free in Germany, and so is a weekend."""
    floor.say("target:1", target(12, team_id="north"))
    four_days = {name: hours for name, hours in WEEK.items() if name != "friday"}
    floor.say("team:north", {"time_zones": [[None, "UTC"]], "calendar": four_days})
    assert floor.told("team:north", "month:2026-11")["goals"]["won"]["days_left"] == 5

    floor.say("team:north", {"time_zones": [[None, "UTC"]], "calendar": {**WEEK, "holidays": "DE"}})
    floor.say("target:2", target(12, first="2026-12-01", team_id="north"))
    floor.go(at("2026-12-24 08:00"))
    assert floor.told("team:north", "month:2026-12")["goals"]["won"]["days_left"] == 5


def test_special_days_leave_less_to_do(floor: Floor) -> None:
    """Of six days left in November one is closed for all and one from nine on; north alone is open on the first."""
    floor.say("target:1", target(12, team_id="north"))
    floor.say("special_day:a", {"day": day("2026-11-24")})
    floor.say("special_day:b", {"day": day("2026-11-25"), "open_until": "09:00"})
    assert floor.told("team:north", "month:2026-11")["goals"]["won"]["days_left"] == 4
    floor.say("special_day:c", {"day": day("2026-11-24"), "team_id": "north", "open_until": "12:00"})
    assert floor.told("team:north", "month:2026-11")["goals"]["won"]["days_left"] == 5

    # 121 hours have passed, of 168 but for five on the 24th and all eight on the 25th.
    assert floor.told("team:north", "month:2026-11", "goal_pace")["elapsed"] == pytest.approx(121 / 155)
    floor.say("special_day:c", None)
    assert floor.told("team:north", "month:2026-11", "goal_pace")["elapsed"] == pytest.approx(121 / 152)


def test_a_day_passes_and_less_of_them_are_left(floor: Floor) -> None:
    """At midnight the figure is published anew, though nothing happened."""
    floor.say("target:1", target(12, team_id="north"))
    floor.taken()
    floor.go(at("2026-11-24 00:00"))

    november = floor.taken()["team:north", "month:2026-11"]
    assert "goals" in november.fresh
    assert json.loads(f"{{{november.families['goals']}}}")["goal_attainment"]["goals"]["won"]["days_left"] == 5


def test_pace_is_what_was_reached_against_what_is_due(floor: Floor) -> None:
    """Of 21 working days 15 and an hour have passed by ten on Monday: 121 of 168 hours. 3 deals of 12 x 121 / 168."""
    floor.say("target:1", target(12, team_id="north"))

    found = floor.told("team:north", "month:2026-11", "goal_pace")
    assert found["elapsed"] == pytest.approx(121 / 168)
    assert found["goals"]["won"] == {
        "value": pytest.approx(3 / (12 * 121 / 168)),
        "due": pytest.approx(12 * 121 / 168),
        "projection": pytest.approx(3 * 168 / 121),
        **NO_CURVE,
    }
    assert floor.told("team:north", "quarter:2026-Q4", "goal_pace") == {"value": None, "elapsed": None, "goals": {}}


def test_nothing_is_projected_from_the_first_hours(floor: Floor) -> None:
    """Of a day of eight hours 15 % are 72 minutes: at ten one has passed, at 10:12 there is a projection."""
    floor.say("target:1", target(4, period="day", first="2026-11-23", team_id="north"))
    assert floor.told("team:north", "day:2026-11-23", "goal_pace")["goals"]["won"] == {
        "value": 4.0, "due": 0.5, "projection": None, **NO_CURVE,
    }  # fmt: skip

    floor.go(at("2026-11-23 10:11"))
    assert floor.told("team:north", "day:2026-11-23", "goal_pace")["goals"]["won"]["projection"] is None
    floor.go(at("2026-11-23 10:12"))
    assert floor.told("team:north", "day:2026-11-23", "goal_pace")["goals"]["won"] == {
        "value": pytest.approx(2 / 0.6), "due": pytest.approx(0.6), "projection": pytest.approx(2 / 0.15),
        **NO_CURVE,
    }  # fmt: skip


def test_before_work_begins_there_is_no_pace(floor: Floor) -> None:
    """Nothing is due yet; of a day without work, and without working hours, nothing is told."""
    floor.say("target:1", target(4, period="day", first="2026-11-24", team_id="north"))
    floor.say("target:2", target(4, period="day", first="2026-11-28", team_id="north"))
    floor.go(at("2026-11-24 08:59"))
    assert floor.told("team:north", "day:2026-11-24", "goal_pace") == {
        "value": None, "elapsed": 0, "goals": {"won": {"value": None, "due": 0, "projection": None, **NO_CURVE}},
    }  # fmt: skip

    floor.go(at("2026-11-28 12:00"))
    assert floor.told("team:north", "day:2026-11-28", "goal_pace") == {"value": None, "elapsed": None, "goals": {}}


def test_pace_is_told_anew_each_minute_of_work_and_at_no_other(floor: Floor) -> None:
    """Of the windows with a target alone: by no event, and at night by nothing."""
    floor.say("target:1", target(12, team_id="north"))
    floor.taken()
    floor.go(at("2026-11-23 10:01"))
    told = [place for place, each in floor.taken().items() if "goals" in each.fresh]
    assert told == [("team:north", "month:2026-11")]

    floor.go(at("2026-11-23 17:00"))
    floor.taken()
    floor.go(at("2026-11-23 17:01"))
    floor.go(at("2026-11-23 21:00"))
    assert not [place for place, each in floor.taken().items() if "goals" in each.fresh]


def _open(amount: int, deals: int = 1, **more: int) -> Any:
    """A cell of what stands open."""
    return ("north", "7", None, None, {"open_deals": deals, "open_minor": amount, **more})


def test_coverage_is_the_open_pipeline_by_what_is_left_of_the_quarter(floor: Floor) -> None:
    """900 EUR of 1,500 are booked; 1,800 EUR of three deals, one without an amount, are three times the 600 left."""
    floor.say("target:1", target(150_000, "bookings", "quarter", "2026-10-01", team_id="north"))
    floor.taken()
    floor.go(NOW_MS, _open(180_000, 3, open_without_amount=1))

    assert "goals" in floor.taken()["team:north", "quarter:2026-Q4"].fresh
    assert floor.told("team:north", "quarter:2026-Q4", "pipeline_coverage") == {
        "value": 3.0, "numerator": 180_000, "denominator": 60_000, "attained": False, "n": 2, "without_amount": 1,
        "unconverted": 0,
    }  # fmt: skip
    assert floor.told("team:north", "month:2026-11", "pipeline_coverage") is None


def test_nothing_is_to_be_covered_of_a_target_that_is_reached(floor: Floor) -> None:
    """900 EUR of 900 EUR: null, and it says why. Without a target of bookings it is null and says nothing."""
    floor.go(NOW_MS, _open(180_000))
    floor.say("target:1", target(90_000, "bookings", "quarter", "2026-10-01", rep_id="7"))
    assert floor.told("rep:7", "quarter:2026-Q4", "pipeline_coverage") == {
        "value": None, "numerator": 180_000, "denominator": 0, "attained": True, "n": 1, "without_amount": 0,
        "unconverted": 0,
    }  # fmt: skip

    floor.say("target:1", target(9, "won", "quarter", "2026-10-01", rep_id="7"))
    assert floor.told("rep:7", "quarter:2026-Q4", "pipeline_coverage") == {"value": None}


def test_scopes_without_targets_render_nothing_more(floor: Floor) -> None:
    """Of a home without one there is no family of goals; a rep within a team never has it, nor another window."""
    floor.go(NOW_MS, _open(180_000))
    floor.taken()
    floor.go(NOW_MS, _open(180_000))
    assert {window for _, window in floor.taken()} == {"now", "90d"}

    floor.say("target:1", target(12, team_id="north"))
    floor.taken()
    floor.go(NOW_MS, _open(180_000), cell("north", "7", NOW_MS, won=1))

    fresh = {scope: each.fresh for (scope, window), each in floor.taken().items() if window == "month:2026-11"}
    assert {scope for scope, families in fresh.items() if "goals" in families} == {"team:north"}
