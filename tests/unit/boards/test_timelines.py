"""Timelines as a scoreboard publishes them: of whom, when anew, and what becomes of them. The 23rd is a Monday."""

from typing import Any

import pytest

from pipeline.organisation.days import DAY_MS, HOUR_MS, MINUTE_MS
from tests.unit.boards.logs import TwoReps, at, fold, reread, scoreboard

NOON = at("2026-11-23 12:00")
Stretch = tuple[int, int, str]


def ended(rep: str, begin_ms: int, end_ms: int, state: str, count: int = 1, team: str = "north") -> Any:
    """The cell of a state that is over."""
    hour = end_ms // HOUR_MS * HOUR_MS // MINUTE_MS
    return team, rep, None, hour, {f"phone_stretch:{begin_ms}:{end_ms}:{state}": count}


def stands(rep: str, since_ms: int, state: str, count: int = 1) -> Any:
    """The cell of a state that goes on."""
    return "north", rep, None, None, {f"agents:{state}": count, f"agents_since_ms:{state}": count * since_ms}


class Floor(TwoReps):
    """What phones told, and the timelines of it."""

    def go(self, now_ms: int, *cells: Any) -> "Floor":
        """Time goes on, and this was told."""
        fold(self.board, [self.log.add(now_ms, *cells)])
        return self

    def told(self, scope: str) -> list[tuple[int, int | None, str]] | None:
        """The states of today, in minutes of the UTC day; None where there is no timeline."""
        found = (each.kpis for each in self.board.board.current() if (each.scope, each.kind) == (scope, "day"))
        line = next(found, {}).get("phone_timeline")
        if line is None:
            return None
        return [
            (
                each["from_ms"] % DAY_MS // MINUTE_MS,
                None if each["to_ms"] is None else each["to_ms"] % DAY_MS // MINUTE_MS,
                each["state"],
            )
            for each in line["stretches"]
        ]

    def fresh(self) -> set[tuple[str, str]]:
        """The scopes and windows of which a timeline is published now."""
        return {(each.scope, each.window) for each in self.board.board.take(slow=True) if "timeline" in each.fresh}


@pytest.fixture
def floor() -> Floor:
    """Rep 1 was on a call from 11:00 to 11:10 and is available since; rep 2 is at lunch."""
    return Floor().go(
        NOON,
        ended("1", NOON - HOUR_MS, NOON - 50 * MINUTE_MS, "on_call"),
        stands("1", NOON - 50 * MINUTE_MS, "available"),
        stands("2", NOON - 5 * MINUTE_MS, "break:lunch"),
    )


def test_reps_within_a_team_have_a_timeline_and_nobody_else(floor: Floor) -> None:
    """The team has none: its day is that of many."""
    assert floor.told("rep:1@north") == [(660, 670, "on_call"), (670, None, "available")]
    assert floor.told("rep:2@north") == [(715, None, "break:lunch")]
    assert floor.told("team:north") is None


def test_it_is_told_anew_when_a_phone_is_set_and_at_midnight(floor: Floor) -> None:
    """Not by time alone, nor by what else a rep does."""
    floor.fresh()
    call = ("north", "1", NOON // DAY_MS + 719163, NOON // MINUTE_MS, {"calls": 1})

    assert floor.go(NOON + MINUTE_MS, call).fresh() == set()
    assert floor.go(
        NOON + 2 * MINUTE_MS,
        stands("1", NOON - 50 * MINUTE_MS, "available", -1),
        stands("1", NOON + 2 * MINUTE_MS, "on_call"),
        ended("1", NOON - 50 * MINUTE_MS, NOON + 2 * MINUTE_MS, "available"),
    ).fresh() == {("rep:1@north", "day:2026-11-23")}
    assert floor.go(at("2026-11-24 00:00")).fresh() == {
        ("rep:1@north", "day:2026-11-24"), ("rep:2@north", "day:2026-11-24"),
    }  # fmt: skip
    assert floor.told("rep:1@north") == [(0, None, "on_call")]


def test_a_correction_takes_back_what_it_corrects(floor: Floor) -> None:
    """The call was over five minutes later."""
    begin_ms = NOON - HOUR_MS
    floor.go(
        NOON + MINUTE_MS,
        ended("1", begin_ms, begin_ms + 10 * MINUTE_MS, "on_call", -1),
        ended("1", begin_ms, begin_ms + 15 * MINUTE_MS, "on_call"),
        stands("1", begin_ms + 10 * MINUTE_MS, "available", -1),
        stands("1", begin_ms + 15 * MINUTE_MS, "available"),
    )

    assert floor.told("rep:1@north") == [(660, 675, "on_call"), (675, None, "available")]


def test_it_is_the_same_after_a_restart(floor: Floor) -> None:
    """The state holds the hours."""
    before = floor.told("rep:1@north")
    floor.board = scoreboard(reread(floor.board.store))

    assert floor.told("rep:1@north") == before


def test_a_day_that_is_over_has_no_timeline(floor: Floor) -> None:
    """The window stays, without that family."""
    floor.fresh()
    floor.go(at("2026-11-24 09:00"))
    past = [each for each in floor.board.board.take(slow=True) if each.window == "day:2026-11-23"]

    assert {each.scope for each in past} >= {"rep:1@north"} or not past
    assert all("timeline" not in each.families for each in past)


def test_what_nothing_can_change_any_more_is_let_go_of(floor: Floor) -> None:
    """The hour leaves board and state; what still comes for it brings nobody back."""
    later = at("2026-11-27 00:00")
    floor.go(later)
    assert not [key for key, _ in floor.board.store.items(b"s")]

    floor.go(later + 1, ended("9", NOON - HOUR_MS, NOON - 50 * MINUTE_MS, "on_call"))
    home = floor.board.board.find("team:north")
    assert home is not None
    assert "rep:9@north" not in home.scopes


def test_a_rep_of_whom_nothing_but_a_timeline_is_known_is_gone_with_it() -> None:
    """In the team of before a move: breaks count in no other figure."""
    floor = Floor().go(NOON, ended("1", NOON - HOUR_MS, NOON, "break"), stands("2", NOON, "available"))
    assert floor.told("rep:1@north") == [(660, 720, "break")]

    floor.go(at("2026-11-27 00:00"))
    home = floor.board.board.find("team:north")
    assert home is not None
    assert set(home.scopes) == {"team:north", "rep:2@north"}

    floor.go(at("2026-11-27 10:00"), ended("1", at("2026-11-27 09:00"), at("2026-11-27 09:30"), "on_call"))
    assert floor.told("rep:1@north") == [(540, 570, "on_call")]
    assert floor.told("rep:2@north") == [(0, None, "available")]


def test_other_midnights_cut_it_elsewhere(floor: Floor) -> None:
    """The team was in New York all along: its day began at five."""
    floor.go(NOON, ended("1", at("2026-11-23 04:00"), at("2026-11-23 06:00"), "break"))
    assert floor.told("rep:1@north") == [(240, 360, "break"), (660, 670, "on_call"), (670, None, "available")]

    fold(floor.board, [floor.log.organise("team:north", {"time_zones": [[None, "America/New_York"]]})])
    assert floor.told("rep:1@north") == [(300, 360, "break"), (660, 670, "on_call"), (670, None, "available")]
