"""Silence: whose it is, and when it is one."""

import json
from collections.abc import Iterator
from typing import Any

from pipeline.intake.verdicts import Judge, Refused
from pipeline.organisation.working_time import WEEKDAYS, WorkingTime, WorkingWeek
from schemas import facts
from tests.findings.floor import Floor, berlin, call
from tests.unit.boards.logs import WEEK, FactsLog, cell, fold, scoreboard
from tests.unit.ledger.world import DAY, MINUTE, event, organisation

REP = "silent_rep:rep:rep-01@north"


def moments(first: str, last: str, step_minutes: int = 5) -> Iterator[int]:
    """Every few minutes between two local times in Berlin, the last one excluded."""
    return iter(range(berlin(first), berlin(last), step_minutes * MINUTE))


def working_floor(*more: dict[str, Any], holidays: str | None = None) -> Floor:
    """Both teams work from 9 to 5 by their own clocks; rep-03 is in north too."""
    week = WEEK if holidays is None else {**WEEK, "holidays": holidays}
    colleague = event("membership", "m3", 1000, rep_id="rep-03", team_id="north")
    teams = [event("team", name, 1001, calendar=week) for name in ("north", "south")]
    return Floor([*organisation(), *teams, colleague, *more])


def test_two_regions_with_a_dialer_each_raise_no_alarm() -> None:
    """Each dialer is heard while its region works; the one alert is of rep-09, silent from Wednesday 9:00 on.

    Their last call was at 16:55, so an hour of working time later it is 9:56; the moments are five minutes apart.
    """
    floor = Floor(
        [
            *organisation(),
            *(event("team", name, 1001, calendar=WEEK) for name in ("north", "south")),
            event("membership", "m9", 1000, rep_id="rep-09", team_id="north"),
        ]
    )

    def happens(now: int) -> Iterator[dict[str, Any]]:
        if now % DAY < 16 * 60 * MINUTE:  # 17:00 in Berlin
            yield call(f"eu{now}", now, source="dialer-eu")
            if now < berlin("2025-11-05T00:00"):
                yield call(f"nine{now}", now, rep="rep-09", source="dialer-eu")
        if now % DAY >= 14 * 60 * MINUTE:  # 9:00 in New York
            yield call(f"us{now}", now, rep="rep-02", source="dialer-us")

    opened = [floor.watch(moments(f"2025-11-0{d}T09:00", f"2025-11-0{d}T23:00"), happens) for d in (4, 5)]

    assert opened[0] == {}
    assert opened[1] == {"silent_rep:rep:rep-09@north": berlin("2025-11-05T10:00")}


def test_a_source_that_is_used_once_hides_nobody() -> None:
    """A script wrote one note at 9:00: rep-01, silent since 9:00, is reported as without it, and no feed is."""
    floor = working_floor()
    nine = berlin("2025-11-04T09:00")
    note = event("activity", "x", nine, source="fix-script", kind="note", rep_id="rep-03", occurred_at=nine)

    def happens(now: int) -> list[dict[str, Any]]:
        return [call(f"b{now}", now, rep="rep-03"), *([note] if now == nine else [])]

    assert floor.watch(moments("2025-11-04T09:00", "2025-11-04T12:00"), happens) == {REP: berlin("2025-11-04T10:00")}


def test_a_dialer_that_dies_before_easter_is_reported_after_it() -> None:
    """Dead from Thursday 17:00 on; Good Friday to Easter Monday are free, so by Tuesday noon it is known."""
    week = {**WEEK, "holidays": "DE-BY"}
    org = [*organisation(), event("team", "north", 1001, calendar=week)]
    floor = Floor(org, now_ms=berlin("2026-03-30T08:00"))
    for day in ("2026-03-31", "2026-04-01", "2026-04-02"):
        floor.watch(moments(f"{day}T09:00", f"{day}T17:05", 15), lambda now: [call(f"c{now}", now)])
    opened = floor.watch(moments("2026-04-02T17:15", "2026-04-07T12:00", 15), lambda _: [])

    assert "feed_silent:feed:dialer" in opened
    assert opened["feed_silent:feed:dialer"] >= berlin("2026-04-07T09:00")


def test_a_deleted_rep_leaves_watch_and_ranks() -> None:
    """The membership was left as it was; the rep is gone all the same."""
    floor = working_floor()
    eight = berlin("2025-11-04T08:00")
    floor.at(eight, event("rep", "rep-01", eight, verb="deleted"))
    opened = floor.watch(
        moments("2025-11-04T09:00", "2025-11-04T12:00"), lambda now: [call(f"b{now}", now, rep="rep-03")]
    )

    assert opened == {}
    assert floor.board.beside("team:north").ranked == {"rep-03"}


def test_a_meeting_in_the_future_hides_no_silence() -> None:
    """Marked as held, with 2035 for 2025: rep-01 is silent, of whose team one heard first on the evening at 16:55."""
    floor = working_floor()
    evening = berlin("2025-11-03T16:55")
    typo: dict[str, Any] = {"booked_at": evening, "starts_at": berlin("2035-11-03T16:00"), "status": "held"}
    floor.at(evening, event("meeting", "m", evening, source="dialer", rep_id="rep-01", **typo))
    opened = floor.watch(
        moments("2025-11-04T09:00", "2025-11-04T12:00"), lambda now: [call(f"b{now}", now, rep="rep-03")]
    )

    assert opened == {REP: berlin("2025-11-04T09:55")}


def test_a_night_shift_is_worked() -> None:
    """22:00 to 06:00 on weekdays: Tuesday 23:00 and Wednesday 5:00 are work, Tuesday noon is not."""
    nights = {weekday: [["22:00", "06:00"]] for weekday in WEEKDAYS[:5]}
    shift = WorkingTime(WorkingWeek.read(nights), lambda _: "Europe/Berlin")
    asked = [berlin(f"2026-03-{moment}") for moment in ("31T23:00", "31T12:00")] + [berlin("2026-04-01T05:00")]

    assert [shift.working(moment) for moment in asked] == [True, False, True]


def test_holidays_of_nowhere_are_refused() -> None:
    """DE-BAV is no part of Germany (DE-BY is), so the calendar would be without any holiday."""
    told = event("team", "n", 1000, calendar={"monday": [["09:00", "17:00"]], "holidays": "DE-BAV"})

    assert isinstance(Judge("org", 300_000).judge(json.dumps(told).encode(), 2000), Refused)


def test_a_stage_that_lags_is_no_silent_feed() -> None:
    """The facts of telephony stand still at 9:00, those of the CRM go on: nobody knows whether the dialer is silent."""
    log, board = FactsLog(), scoreboard()
    nine = berlin("2025-11-04T09:00")
    zones = {"time_zones": [[None, "Europe/Berlin"]], "calendar": WEEK}
    fold(board, [log.organise("team:north", zones), log.organise("membership:m", {"rep_id": "r", "team_id": "north"})])
    heard = facts.Entry(0, 0, True, [cell("north", "r", nine, "Europe/Berlin", activities=1)])
    fold(board, [log.append(facts.pack(facts.Facts(1, "telephony.events", 0, nine, {"dialer": nine}, [heard])))])
    for minutes in range(20):
        now = nine + minutes * MINUTE
        fold(board, [log.add(now, feeds={"crm": now})])

    assert [alert.id for alert in board.open_alerts()] == []
