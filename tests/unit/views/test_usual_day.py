"""What is usual of a whole day: worked out by hand, and what holds of any days."""

from collections.abc import Mapping
from datetime import date, timedelta
from math import sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.home import home_of
from pipeline.scores.kpi import Kpi
from pipeline.scores.kpis import BY_NAME, KPIS
from pipeline.views.readings import Kpis, Reading, WindowReading
from pipeline.views.usual_day import (
    WorkDays,
    asked_before,
    calendars_of,
    has_usual_day,
    said,
    usual_day,
    usual_days,
)

CALLS, RATE, BOOKINGS, CHANGE = (
    BY_NAME[name] for name in ("calls", "connect_rate", "bookings", "pipeline_change")
)  # fmt: skip
NOTHING = {"value": None, "low": None, "high": None}
MONDAY = date(2026, 11, 23)
Days = Mapping[date, Kpis]


def did(calls: int, reps: float | None = None, activities: int | None = None) -> Kpis:
    """A day with calls, as many activities if nothing else is said, and so many reps at work by the calendar."""
    told: Kpis = {"calls": {"value": calls}, "activities": {"value": calls if activities is None else activities}}
    if reps is not None:
        told["bookings_per_rep_day"] = {"value": None, "numerator": 0, "denominator": reps, "n": 0}
    return told


def read(days: Days, scope: str = "team:north") -> Reading:
    """The days as they are read."""
    return Reading(
        scope,
        home_of(scope),
        "EUR",
        {f"day:{day}": WindowReading(f"day:{day}", "final", 1, kpis) for day, kpis in days.items()},
    )


def counted(days: Days, day: date, *calendars: Days) -> list[int]:
    """The calls of the days that count beside a day, the latest first, by these calendars or the days themselves."""
    work = WorkDays.read(read(days), map(read, calendars or (days,)))
    return [each["calls"]["value"] for each in work.before(day.toordinal())]


def weeks(*calls: int, reps: float | None = 1, last: date = MONDAY - timedelta(7)) -> dict[date, Kpis]:
    """Days of one weekday, the latest first."""
    return {last - timedelta(7 * number): did(each, reps) for number, each in enumerate(calls)}


def usual_calls(*calls: int) -> dict[str, Any]:
    """What is usual of days with so many calls."""
    return usual_day(CALLS, [did(each) for each in calls])


def test_the_last_eight_days_of_the_weekday_and_no_others() -> None:
    """The ninth Monday before, the Monday itself, and what was done on Sunday say nothing."""
    days = {**weeks(1, 2, 3, 4, 5, 6, 7, 8, 99), MONDAY: did(50, 1), MONDAY - timedelta(1): did(70, 1)}

    assert counted(days, MONDAY) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_holiday_does_not_count_and_has_no_usual() -> None:
    """Somebody made a call on the second Monday, a holiday; on a holiday itself nothing is usual."""
    days = weeks(10, 1, 12, 14, 16)
    days[MONDAY - timedelta(14)] = did(1, 0)

    assert counted(days, MONDAY) == [10, 12, 14, 16]
    assert counted({**days, MONDAY: did(0, 0)}, MONDAY) == []
    assert counted({**days, MONDAY: did(0, 1)}, MONDAY) == [10, 12, 14, 16]


def test_a_weekday_on_which_nobody_works_has_no_usual() -> None:
    """Calls on four Sundays make no usual Sunday of a team that works on Mondays alone."""
    sunday = MONDAY - timedelta(1)
    days = {**weeks(9, 9, 9, 9), **weeks(2, 2, 2, 2, reps=0, last=sunday - timedelta(7)), sunday: did(1, 0)}

    assert counted(days, sunday) == []


def test_a_day_without_any_activity_does_not_count() -> None:
    """The rep was ill on the first Monday, by whatever the team's calendar says; days without calls alone count."""
    days = weeks(0, 8, 9, 0, 7, reps=None)
    days[MONDAY - timedelta(28)] = did(0, activities=3)

    assert counted(days, MONDAY, weeks(1, 1, 1, 1, 1)) == [8, 9, 0, 7]


def test_a_rep_within_a_team_goes_by_the_days_of_the_team() -> None:
    """On the second Monday the team had a holiday."""
    team = weeks(20, 20, 20, 20, 20)
    team[MONDAY - timedelta(14)] = did(20, 0)

    assert counted(weeks(5, 6, 7, 8, 9, reps=None), MONDAY, team) == [5, 7, 8, 9]
    assert [calendars_of(scope)[0] for scope in ("rep:7@north", "team:north", "group:emea", "company")] == [
        "team:north", "team:north", "group:emea", "company"
    ]  # fmt: skip


def test_whose_own_days_say_nothing_goes_by_those_of_the_company() -> None:
    """A rep over all teams, and a team that never won a deal: nobody in the company worked on the second Monday."""
    company = weeks(50, 1, 50, 50, 50)
    company[MONDAY - timedelta(14)] = did(1, 0)
    own = weeks(5, 6, 7, 8, 9, reps=None)

    assert counted(own, MONDAY, own, company) == [5, 7, 8, 9]
    assert counted(own, MONDAY, weeks(1, 1, 1, 1, 1), company) == [5, 6, 7, 8, 9]
    assert (calendars_of("rep:7"), calendars_of("company")) == (["rep:7", "company"], ["company"])


def test_without_a_calendar_activities_say_on_which_days_work_was_done() -> None:
    """A rep over all teams, and a team of which nobody knows the reps: no rep is at work on any day of the weeks."""
    assert counted(weeks(5, 0, 7, 8, 9, reps=None), MONDAY) == [5, 7, 8, 9]
    assert counted(weeks(5, 0, 7, 8, 9, reps=0), MONDAY) == [5, 7, 8, 9]


def test_without_activities_the_calendar_says_so() -> None:
    """A company that tells of deals alone; where neither says anything nothing is usual."""
    assert counted(weeks(0, 0, 0, 0, 0), MONDAY) == [0, 0, 0, 0, 0]
    assert counted(weeks(0, 0, 0, 0, 0, reps=None), MONDAY) == []


def test_of_fewer_than_four_days_nothing_is_usual() -> None:
    """Three Mondays say nothing; how many there are is told."""
    assert usual_calls(5, 6, 7) == {**NOTHING, "n": 3}


def test_one_odd_week_moves_nothing_much() -> None:
    """The fair: of 30, 32, 34, 36 and 300 the middle is 34, of the distances 4, 2, 0, 2 and 266 it is 2.

    That is less than counts by chance have, the root of 34.
    """
    assert usual_calls(30, 32, 34, 36, 300) == {
        "value": 34, "low": pytest.approx(34 - 2 * sqrt(34)), "high": pytest.approx(34 + 2 * sqrt(34)), "n": 5
    }  # fmt: skip


def test_shares_spread_as_chance_has_it_of_so_many() -> None:
    """Half of 16, of 25, of 25 and of 36 dials: by chance 0.5 of 25 spreads by a tenth, so 30 to 70 % is usual."""
    days: list[Kpis] = [
        {"connect_rate": {"value": 0.5, "numerator": of / 2, "denominator": of, "n": of}} for of in (16, 25, 25, 36)
    ]

    assert usual_day(RATE, days) == {"value": 0.5, "low": pytest.approx(0.3), "high": pytest.approx(0.7), "n": 4}


def test_a_day_without_a_value_does_not_count_for_that_kpi() -> None:
    """On two of six Mondays nobody dialled. The four others lie wide apart: every share is within the band."""
    told = [{"value": each, "numerator": each * 4, "denominator": 4, "n": 4} for each in (0.25, 0.5, 0.75, 1)]
    days: list[Kpis] = [{"connect_rate": each} for each in told]

    assert usual_day(RATE, [*days, {"connect_rate": {"value": None}}, {}]) == {
        "value": 0.625, "low": 0, "high": 1, "n": 4,
    }  # fmt: skip


def test_a_count_that_a_day_does_not_tell_is_0() -> None:
    """The team made its first call on the last Monday: before that nothing was told of calls at all."""
    assert usual_day(CALLS, [did(3), {}, {}, {}]) == {"value": 0, "low": 0, "high": 0, "n": 4}


def test_money_has_no_least_spread() -> None:
    """Four days of 1,000.00: whatever is more or less is unusual so far. Nobody can say how amounts come by chance."""
    assert usual_day(BOOKINGS, [{"bookings": {"value": 100_000}}] * 4) == {
        "value": 100_000, "low": 100_000, "high": 100_000, "n": 4,
    }  # fmt: skip


def test_what_may_be_below_zero_has_a_band_below_zero() -> None:
    """Pipeline that goes down by 10, 20, 30 and 40 has 25 less in the middle; distances are 5, 5, 15 and 15."""
    found = usual_day(CHANGE, [{"pipeline_change": {"value": each}} for each in (-10, -20, -30, -40)])

    assert found == {
        "value": -25, "low": pytest.approx(-25 - 2 * 14.826), "high": pytest.approx(-25 + 2 * 14.826), "n": 4
    }  # fmt: skip


def test_days_of_23_and_25_hours_are_days() -> None:
    """Sundays around 25 October and 29 March in Berlin: local days are seven apart, however long each of them is."""
    for sunday in (date(2026, 11, 1), date(2026, 4, 5)):
        days = weeks(4, 5, 6, 7, last=sunday - timedelta(7))
        assert sunday - timedelta(7) in (date(2026, 10, 25), date(2026, 3, 29))
        assert counted(days, sunday) == [4, 5, 6, 7]


def test_windows_that_are_days_are_told_what_is_usual_of_those_kpis_that_they_have() -> None:
    """Not of months, and not of what is told by state or stage."""
    days = {**weeks(4, 5, 6, 7), MONDAY: {**did(2, 1), "stage_entries": {"value": None, "stages": {}}}}
    work = WorkDays.read(read(days), [read(days)])
    asked = read({MONDAY: days[MONDAY]})
    month = Reading("team:north", "team:north", "EUR", {"month": WindowReading("month:2026-11", "final", 1, did(9))})

    assert usual_days(asked, work, ["calls", "emails", "stage_entries"]) == {
        "day:2026-11-23": {"calls": usual_calls(4, 5, 6, 7)}
    }
    assert (usual_days(month, work, ["calls"]), asked_before(month)) == ({}, None)
    question = asked_before(asked)
    assert question is not None
    assert (question.first, question.last) == ((2026, 9, 28), (2026, 11, 23))


def test_people_read_the_value_and_the_band() -> None:
    """In the unit of the KPI, counts to a tenth."""
    assert said("calls", usual_calls(9, 9, 10, 10), "EUR") == "9.5 (3.3 to 15.7)"
    assert said("calls", usual_calls(9), "EUR") == said("calls", None, "EUR") == "–"


def test_every_kpi_that_is_a_number_of_a_day_has_a_usual_and_no_other() -> None:
    """Not what stands now, what is told by name, nor what is held against a target."""
    without = {kpi.name for kpi in KPIS if not has_usual_day(kpi)}

    assert {kpi.name for kpi in KPIS if kpi.where in ("now", "90d", "quarter", "today", "calendar")} <= without
    assert {kpi.name for kpi in KPIS if kpi.formula in ("stages", "states", "goals", "score", "categories")} <= without
    assert not {"calls", "connect_rate", "bookings", "win_rate", "speed_to_lead_p90", "occupancy", "enps"} & without
    assert {"open_pipeline", "goal_attainment", "activity_score", "cac_by_category", "pipeline_velocity"} <= without


NUMBERED = [kpi for kpi in KPIS if has_usual_day(kpi)]


@st.composite
def told(draw: st.DrawFn) -> tuple[Kpi, list[Kpis]]:
    """Days of a KPI."""
    kpi = draw(st.sampled_from(NUMBERED))
    days: list[Kpis] = []
    for _ in range(draw(st.integers(4, 8))):
        above, below = draw(st.integers(0, 10**6)), draw(st.integers(1, 10**6))
        value = above if kpi.formula == "count" else min(above, below) / below
        days.append({kpi.name: {"value": value, "numerator": min(above, below), "denominator": below, "n": below}})
    return kpi, days


@given(told(), st.randoms(use_true_random=False))
def test_the_band_holds_the_middle_whatever_the_order(drawn: tuple[Kpi, list[Kpis]], order: Any) -> None:
    """Of any KPI: the middle lies among the days, the band around it, below nothing that cannot be."""
    kpi, days = drawn
    found = usual_day(kpi, days)
    values = [day[kpi.name]["value"] for day in days]
    shuffled = list(days)
    order.shuffle(shuffled)

    assert min(values) <= found["value"] <= max(values)
    assert 0 <= found["low"] <= found["value"] <= found["high"]
    assert kpi.formula != "ratio" or found["high"] <= 1
    assert usual_day(kpi, shuffled) == found


@given(told())
def test_half_of_the_days_lie_within_the_band(drawn: tuple[Kpi, list[Kpis]]) -> None:
    """It reaches two spreads to either side, of which half of the days are within 0.67."""
    kpi, days = drawn
    found = usual_day(kpi, days)
    inside = [day for day in days if found["low"] <= day[kpi.name]["value"] <= found["high"]]

    assert 2 * len(inside) >= len(days)


@given(st.lists(st.integers(0, 500), min_size=3, max_size=7), st.integers(0, 10**9))
def test_one_odd_day_does_not_matter(others: list[int], odd: int) -> None:
    """However odd it is, the middle stays among the others."""
    found = usual_calls(*others, odd)

    assert min(others) <= found["value"] <= max(others)


DATES = st.integers(0, 70).map(lambda back: MONDAY - timedelta(back))
HELD = st.dictionaries(DATES, st.tuples(st.integers(0, 3), st.sampled_from([None, 0, 1])), max_size=70)


@given(HELD, st.integers(0, 6))
def test_days_that_count_are_of_the_weekday_and_days_of_work(held: Any, back: int) -> None:
    """Of any days that are kept: seven apart, within eight weeks, and none on which nobody works."""
    days = {day: did(calls, reps) for day, (calls, reps) in held.items()}
    day = MONDAY - timedelta(back)
    span = [day - timedelta(each) for each in range(1, 57)]
    found = WorkDays.read(read(days), [read(days)]).before(day.toordinal())
    dated = any(held.get(each, (0, 0))[1] for each in (*span, day))
    active = any(held.get(each, (0, 0))[0] for each in span)

    assert len(found) <= 8
    allowed = [days[each] for each in span if each in days and (day - each).days % 7 == 0]
    assert all(any(each is kept for kept in allowed) for each in found)
    for each in found:
        assert each["activities"]["value"] > 0 or not active
        assert each.get("bookings_per_rep_day", {}).get("denominator") != 0 or not dated
    if dated and held.get(day, (0, 1))[1] == 0:
        assert found == []
