"""Window arithmetic: which days and minutes a window holds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.days import midnight_ms
from pipeline.organisation.weeks import week_starts
from pipeline.organisation.working_time import WEEKDAYS
from pipeline.scores.windows import (
    CALENDAR,
    PeriodRules,
    Window,
    calendar_windows,
    current_windows,
    kind_of,
    rolling_span_ms,
    utc_day,
    window_of,
)
from tests.unit.boards.logs import at, day

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(date.toordinal)
HOUR_MS = 3_600_000
SPAN = day("2026-11-01"), day("2027-02-01")
"""Days around the turn of a year, of which weeks begin otherwise from some of them on."""
TOLD = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(*SPAN)), st.sampled_from(WEEKDAYS)),
    max_size=5,
    unique_by=lambda each: each[0],
)
USUAL = PeriodRules()
Told = list[tuple[int | None, str]]
RULES = st.builds(lambda month, told: PeriodRules(month, week_starts(told)), st.integers(1, 12), TOLD)


def week(on: int, rules: PeriodRules) -> Window:
    """The week of a day."""
    return calendar_windows(on, rules)[CALENDAR.index("week")]


def ids(on: str, rules: PeriodRules = USUAL) -> list[str]:
    """The ids of the calendar windows of a date."""
    return [window.id for window in calendar_windows(day(on), rules)]


@given(st.one_of(DAYS, st.integers(*SPAN)), RULES)
def test_a_day_lies_in_its_windows_and_each_of_their_days_has_the_same_window(on: int, rules: PeriodRules) -> None:
    """Windows of one kind are disjoint and leave no gap: whichever of its days is asked, the same window comes."""
    for i, window in enumerate(calendar_windows(on, rules)):
        assert window.first_day <= on <= window.last_day
        assert calendar_windows(window.first_day, rules)[i] == window
        assert calendar_windows(window.last_day, rules)[i] == window
        assert calendar_windows(window.last_day + 1, rules)[i].first_day == window.last_day + 1
        assert calendar_windows(window.first_day - 1, rules)[i].last_day == window.first_day - 1


@given(st.one_of(DAYS, st.integers(*SPAN)), RULES)
def test_a_window_is_found_by_its_id(on: int, rules: PeriodRules) -> None:
    """The id of a calendar window tells its kind and, by the rules that cut it, its days."""
    for window in calendar_windows(on, rules):
        assert window_of(window.id, rules) == window
        assert kind_of(window.id) == window.kind


@given(RULES, RULES)
def test_a_name_of_iso_8601_means_the_same_to_everybody(ours: PeriodRules, theirs: PeriodRules) -> None:
    """Whatever weeks begin on: `week:2026-W48` is from that Monday to that Sunday, or is not there."""
    for on in range(*SPAN):
        found = week(on, ours)
        year, number, _ = date.fromordinal(on).isocalendar()
        monday = date.fromisocalendar(year, number, 1).toordinal()
        iso = f"week:{year}-W{number:02}"
        assert (found.id == iso) == ((found.first_day, found.last_day) == (monday, monday + 6))
        assert window_of(iso, theirs) in (None, Window("week", iso, monday, monday + 6))


@given(TOLD)
def test_every_day_is_in_the_week_that_plain_counting_gives(told: Told) -> None:
    """From the first day on, one after the other: a week begins on its weekday, and where another weekday holds."""
    rules, by_day = PeriodRules(1, week_starts(told)), dict(told)
    weekday = by_day.get(None, "monday")
    begun: list[int] = []
    for on in range(SPAN[0] - 7, SPAN[1] + 7):
        now = by_day.get(on, weekday)
        if now != weekday or f"{date.fromordinal(on):%A}".lower() == now:
            begun.append(on)
        weekday = now
        if begun:
            assert week(on, rules).first_day == begun[-1]
    found = [week(first, rules) for first in begun]
    assert [each.last_day + 1 for each in found[:-1]] == begun[1:]
    assert len({each.id for each in found}) == len(found)


@pytest.mark.parametrize(
    "name", ["1h", "now", "90d", "day:", "day:2026-02-30", "day:2026-W48-1", "week:2026-W54", "week:2026-11-23",
             "week:2026-11-24", "week:2026-W48-1", "year:x", "cut|3"]
)  # fmt: skip
def test_what_is_no_calendar_window_is_not_found(name: str) -> None:
    """Neither other windows nor ids that no calendar gives."""
    assert window_of(name, USUAL) is None


@given(DAYS, RULES)
def test_quarters_make_up_the_fiscal_year(on: int, rules: PeriodRules) -> None:
    """The year begins with its first quarter and ends with its fourth."""
    *_, quarter, year = calendar_windows(on, rules)
    first = calendar_windows(year.first_day, rules)[3]
    fourth = calendar_windows(year.last_day, rules)[3]

    assert (first.id[-2:], first.first_day) == ("Q1", year.first_day)
    assert (fourth.id[-2:], fourth.last_day) == ("Q4", year.last_day)
    assert year.first_day <= quarter.first_day <= quarter.last_day <= year.last_day


@given(DAYS)
def test_weeks_are_those_of_iso_8601_where_nobody_says_otherwise(on: int) -> None:
    """By the calendar of the standard library; also where somebody says what is so anyway."""
    at = date.fromordinal(on)
    year, number, weekday = at.isocalendar()
    iso = Window("week", f"week:{year}-W{number:02}", on - weekday + 1, on - weekday + 7)

    assert week(on, USUAL) == week(on, PeriodRules(1, week_starts([(on, "monday")]))) == iso


def test_weeks_begin_on_sunday_where_the_company_says_so() -> None:
    """From Sunday 2026-11-29 on; the week before has lost its Sunday, and with it the name that ISO 8601 gives it.

    Mon 16 ... Sun 22 | Mon 23 ... Sat 28 | Sun 29 ... Sat 5
    [--- 2026-W47 ---]  [- 2026-11-23 --]   [- 2026-11-29 -]
    """
    rules = PeriodRules(1, week_starts([(day("2026-11-29"), "sunday")]))
    weeks = [ids(on, rules)[1] for on in ("2026-11-22", "2026-11-23", "2026-11-28", "2026-11-29", "2026-12-05")]

    assert weeks == ["week:2026-W47", "week:2026-11-23", "week:2026-11-23", "week:2026-11-29", "week:2026-11-29"]
    assert ids("2026-12-06", rules)[1] == "week:2026-12-06"


def test_a_change_within_a_week_ends_it_and_begins_the_next() -> None:
    """Weeks begin on Sundays and, from Wednesday 2026-11-25 on, on Mondays: two short weeks, then those of ISO 8601.

    Sun 22 ... Tue 24 | Wed 25 ... Sun 29 | Mon 30 ... Sun 6
    [- 2026-11-22 --]   [- 2026-11-25 --]   [-- 2026-W49 --]
    """
    rules = PeriodRules(1, week_starts([(day("2026-11-25"), "monday"), (None, "sunday")]))
    weeks = [ids(on, rules)[1] for on in ("2026-11-22", "2026-11-24", "2026-11-25", "2026-11-29", "2026-11-30")]

    assert weeks == ["week:2026-11-22", "week:2026-11-22", "week:2026-11-25", "week:2026-11-25", "week:2026-W49"]


def test_weeks_are_iso_weeks() -> None:
    """The first days of January may belong to the last week of the year before.

    2026-12-28 Mon ... 2027-01-03 Sun | 2027-01-04 Mon
    [-------- 2026-W53 --------------]  [--- 2027-W01
    """
    assert ids("2027-01-03")[1] == "week:2026-W53"
    assert ids("2027-01-04")[1] == "week:2027-W01"


@pytest.mark.parametrize(
    ("on", "fiscal_start", "quarter", "year"),
    [
        ("2026-01-31", 2, "quarter:2025-Q4", "year:2025"),
        ("2026-02-01", 2, "quarter:2026-Q1", "year:2026"),
        ("2026-11-23", 10, "quarter:2026-Q1", "year:2026"),
        ("2026-09-30", 10, "quarter:2025-Q4", "year:2025"),
        ("2026-12-31", 1, "quarter:2026-Q4", "year:2026"),
    ],
)
def test_fiscal_years_are_named_by_the_year_they_begin_in(on: str, fiscal_start: int, quarter: str, year: str) -> None:
    """Where the year begins in February, January still belongs to the year before."""
    assert ids(on, PeriodRules(fiscal_start))[3:] == [quarter, year]


def test_the_trailing_window_holds_ninety_days_with_today() -> None:
    """The last of the current windows ends today and begins 89 days before."""
    window = current_windows(day("2026-11-23"), USUAL)[-1]

    assert (window.id, window.first_day, window.last_day) == ("90d", day("2026-08-26"), day("2026-11-23"))


def test_a_rolling_window_holds_full_minutes_and_the_running_one() -> None:
    """Five minutes at 10:00 and some seconds.

    09:55  09:56  09:57  09:58  09:59  10:00 (running)
    [--------------------------------------------)
    """
    assert rolling_span_ms(at("2026-11-23 10:00") // 60_000, 5) == (at("2026-11-23 09:55"), at("2026-11-23 10:01"))


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("America/Havana", "2026-03-08", 23),
        ("UTC", "2026-03-29", 24),
    ],
)
def test_days_have_as_many_hours_as_the_clocks_say(zone: str, on: str, hours: float) -> None:
    """A local day lasts from its first instant to that of the next, also where midnight itself is skipped."""
    assert midnight_ms(zone, day(on) + 1) - midnight_ms(zone, day(on)) == hours * HOUR_MS


def test_the_age_of_panes_is_measured_in_utc() -> None:
    """The UTC day of an instant changes at midnight UTC, in no other zone."""
    midnight = at("2026-11-23 00:00")

    assert (utc_day(midnight - 1), utc_day(midnight)) == (day("2026-11-22"), day("2026-11-23"))
    assert date.fromordinal(utc_day(0)) + timedelta(days=1) == date(1970, 1, 2)
