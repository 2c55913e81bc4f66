"""What the KPI topics say of days that are over, and which periods and what working time they make."""

import json
from typing import Any

from pipeline.curves.history import DayRecords, aims, past_of, scope_of
from pipeline.curves.learning import learn
from pipeline.organisation.organisation import Organisation
from tests.unit.boards.logs import WEEK, at, day

NORTH = "team:north"
WON_A_MONTH = {("won", "month")}


def organisation(now: str = "2026-11-23 10:00", calendar: Any = WEEK) -> Organisation:
    """Team north works from Monday to Friday, and has a target for each month; emea is a team of teams."""
    found = Organisation("EUR", at(now))
    found.put("company:company", {"time_zone": "UTC"})
    found.put("team:north", {"time_zones": [[None, "UTC"]], "calendar": calendar, "parent_id": "emea"})
    found.put("team:emea", {"time_zones": [[None, "UTC"]]})
    target = {"kpi": "won", "period": "month", "period_start": day("2026-11-01"), "value": 12}
    found.put("target:n", {**target, "team_id": "north"})
    found.put("target:g", {**target, "team_id": "emea"})
    found.put("target:c", {**target, "team_id": "company", "kpi": "bookings", "period": "quarter"})
    found.put("target:d", {**target, "team_id": "north", "period": "day"})
    found.put("target:r", {**target, "rep_id": "7"})
    return found


def told(records: DayRecords, when: str, won: int | None, version: int = 1, scope: str = NORTH) -> None:
    """A record of a day; None for a tombstone."""
    record = {
        "scope": scope,
        "window": {"id": f"day:{when}", "kind": "day"},
        "version": [1, version],
        "kpis": {"won": {"value": won}, "stage_open": {"value": None, "stages": {}}},
    }
    records.take(f"{scope}|day:{when}".encode(), None if won is None else json.dumps(record).encode())


def test_curves_are_learnt_of_what_has_a_target() -> None:
    """Of teams and the company; not of reps, and not of single days. A team with teams below it is a group."""
    assert aims(organisation()) == {
        NORTH: WON_A_MONTH, "group:emea": WON_A_MONTH, "company": {("bookings", "quarter")},
    }  # fmt: skip
    assert scope_of("company", organisation()) == "company"


def test_of_two_records_of_a_day_the_higher_version_holds() -> None:
    """Whichever came first; a day that is gone counts as nothing."""
    records = DayRecords([NORTH])
    told(records, "2026-11-02", 3, version=7)
    told(records, "2026-11-02", 2, version=6)
    told(records, "2026-11-03", 4)
    told(records, "2026-11-03", None)
    told(records, "2026-11-04", 5, scope="team:south")

    assert records.days(NORTH, organisation()) == {day("2026-11-02"): {"won": 3}}


def test_other_windows_and_cuts_are_passed_over() -> None:
    """Of months, of hours, and of where a partition stands."""
    records = DayRecords([NORTH])
    records.take(b"team:north|month:2026-11", b"{}")
    records.take(b"cut|0", b"{}")
    records.take(None, b"{}")

    assert records.days(NORTH, organisation()) == {}


def test_a_period_is_learnt_from_once_it_is_over_and_if_its_beginning_is_known() -> None:
    """Known since 15 August: September and October are, August and the running November are not."""
    days = {day("2026-08-15"): {"won": 1}, day("2026-11-20"): {"won": 2}}

    found = past_of(NORTH, WON_A_MONTH, days, organisation())

    periods = [(each["first_day"], each["last_day"]) for each in found.period]
    assert periods == [(day("2026-09-01"), day("2026-09-30")), (day("2026-10-01"), day("2026-10-31"))]
    assert sum(each["work_ms"] for each in found.worked if each["day"] == day("2026-09-01")) == 8 * 3_600_000
    assert sum(each["work_ms"] for each in found.worked if each["day"] == day("2026-09-05")) == 0
    assert max(each["day"] for each in found.worked) == day("2026-11-22")


def test_without_working_hours_there_is_no_past() -> None:
    """No share of the time has passed at any time."""
    assert past_of(NORTH, WON_A_MONTH, {day("2026-08-15"): {"won": 1}}, organisation(calendar=None)).period == []


def test_months_of_a_team_make_a_curve() -> None:
    """One deal on each day of nine months, at the weekend too: half of the time has half of the deals, nearly."""
    days = {each: {"won": 1} for each in range(day("2026-02-01"), day("2026-11-01"))}
    known = organisation(now="2026-11-01 09:00")

    (found,) = learn(past_of(NORTH, WON_A_MONTH, days, known))

    assert found.periods == 9
    assert 30 <= found.typical <= 31
    assert 4_500 <= found.shares[9] <= 5_200
