"""Window arithmetic: which days and minutes a window holds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.days import midnight_ms
from pipeline.scores.windows import calendar_windows, current_windows, kind_of, rolling_span_ms, utc_day, window_of
from tests.unit.boards.logs import at, day

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(date.toordinal)
HOUR_MS = 3_600_000


def ids(on: str, fiscal_start: int = 1) -> list[str]:
    """The ids of the calendar windows of a date."""
    return [window.id for window in calendar_windows(day(on), fiscal_start)]


@given(DAYS, st.integers(1, 12))
def test_a_day_lies_in_its_windows_and_each_of_their_days_has_the_same_window(on: int, fiscal_start: int) -> None:
    """Windows of one kind are disjoint: whichever of its days is asked, the same window comes."""
    for i, window in enumerate(calendar_windows(on, fiscal_start)):
        assert window.first_day <= on <= window.last_day
        assert calendar_windows(window.first_day, fiscal_start)[i] == window
        assert calendar_windows(window.last_day, fiscal_start)[i] == window
        assert calendar_windows(window.last_day + 1, fiscal_start)[i].first_day == window.last_day + 1


@given(DAYS, st.integers(1, 12))
def test_a_window_is_found_by_its_id(on: int, fiscal_start: int) -> None:
    """The id of a calendar window tells its kind and, given the fiscal year, its days."""
    for window in calendar_windows(on, fiscal_start):
        assert window_of(window.id, fiscal_start) == window
        assert kind_of(window.id) == window.kind


@pytest.mark.parametrize("name", ["1h", "now", "90d", "day:", "day:2026-02-30", "week:2026-W54", "year:x", "cut|3"])
def test_what_is_no_calendar_window_is_not_found(name: str) -> None:
    """Neither other windows nor ids that no calendar gives."""
    assert window_of(name, 1) is None


@given(DAYS, st.integers(1, 12))
def test_quarters_make_up_the_fiscal_year(on: int, fiscal_start: int) -> None:
    """The year begins with its first quarter and ends with its fourth."""
    *_, quarter, year = calendar_windows(on, fiscal_start)
    first = calendar_windows(year.first_day, fiscal_start)[3]
    fourth = calendar_windows(year.last_day, fiscal_start)[3]

    assert (first.id[-2:], first.first_day) == ("Q1", year.first_day)
    assert (fourth.id[-2:], fourth.last_day) == ("Q4", year.last_day)
    assert year.first_day <= quarter.first_day <= quarter.last_day <= year.last_day


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
    assert ids(on, fiscal_start)[3:] == [quarter, year]


def test_the_trailing_window_holds_ninety_days_with_today() -> None:
    """The last of the current windows ends today and begins 89 days before."""
    window = current_windows(day("2026-11-23"), 1)[-1]

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


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"])
def test_the_days_of_a_year_leave_no_gap(zone: str) -> None:
    """All days together are as long as the year."""
    first, last = day("2026-01-01"), day("2026-12-31")
    lengths = [midnight_ms(zone, on + 1) - midnight_ms(zone, on) for on in range(first, last + 1)]

    assert sum(lengths) == midnight_ms(zone, last + 1) - midnight_ms(zone, first)
    assert min(lengths) >= 22 * HOUR_MS


def test_the_age_of_panes_is_measured_in_utc() -> None:
    """The UTC day of an instant changes at midnight UTC, in no other zone."""
    midnight = at("2026-11-23 00:00")

    assert (utc_day(midnight - 1), utc_day(midnight)) == (day("2026-11-22"), day("2026-11-23"))
    assert date.fromordinal(utc_day(0)) + timedelta(days=1) == date(1970, 1, 2)
