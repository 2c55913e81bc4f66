"""Working time between instants: by weekday, without holidays, in elapsed hours when the clocks change."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.silence import silence
from pipeline.organisation.working_time import (
    MONDAY_TO_FRIDAY,
    WEEKDAYS,
    WorkingTime,
    WorkingWeek,
    day_before_working_days,
    is_working_day,
)
from schemas.holiday_places import places
from tests.unit.boards.logs import at

HOUR = 3_600_000
DAY_MS = 24 * HOUR
QUARTER_MS = HOUR // 4
OFFICE = {
    day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
}
NIGHT = {day: [["00:00", "06:00"], ["22:00", "24:00"]] for day in ("saturday", "sunday", "monday")}


def working(calendar: Mapping[str, object], zone: str = "Europe/Berlin") -> WorkingTime:
    """The working time of a calendar in a zone."""
    return WorkingTime(WorkingWeek.read(calendar), lambda _: zone)


def berlin(text: str) -> int:
    """An instant by Berlin's clocks."""
    return at(text, "Europe/Berlin")


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-23 09:00", "2026-11-23 17:00", 7),  # a Monday with its break
        ("2026-11-23 12:00", "2026-11-23 13:00", 0),  # the break
        ("2026-11-20 16:00", "2026-11-23 10:00", 2),  # over a weekend
        ("2026-11-23 10:00", "2026-11-23 09:00", 0),  # the wrong way round
    ],
)
def test_only_working_hours_count(start: str, end: str, hours: float) -> None:
    """Breaks, nights and weekends are no working time."""
    assert working(OFFICE).between_ms(berlin(start), berlin(end)) == hours * HOUR


def test_public_holidays_are_free() -> None:
    """25 December is a working Friday only where nobody keeps it; a subdivision has holidays of its own."""
    christmas = berlin("2026-12-25 00:00"), berlin("2026-12-26 00:00")
    epiphany = berlin("2026-01-06 00:00"), berlin("2026-01-07 00:00")

    assert working(OFFICE).between_ms(*christmas) == 7 * HOUR
    assert working({**OFFICE, "holidays": "DE"}).between_ms(*christmas) == 0
    assert working({**OFFICE, "holidays": "DE"}).between_ms(*epiphany) == 7 * HOUR
    assert working({**OFFICE, "holidays": "DE-BY"}).between_ms(*epiphany) == 0
    assert working({**OFFICE, "holidays": "XX"}).between_ms(*christmas) == 7 * HOUR


def test_a_night_shift_is_as_long_as_the_clocks_make_it() -> None:
    """From midnight to six: five hours when the clocks go forward, seven when they go back."""
    assert working(NIGHT).between_ms(berlin("2026-03-29 00:00"), berlin("2026-03-29 12:00")) == 5 * HOUR
    assert working(NIGHT).between_ms(berlin("2026-10-25 00:00"), berlin("2026-10-25 12:00")) == 7 * HOUR


def test_a_shift_may_pass_midnight() -> None:
    """Two intervals that meet at 24:00 are worked on through."""
    shift = working(NIGHT)

    assert shift.between_ms(berlin("2026-11-22 22:00"), berlin("2026-11-23 06:00")) == 8 * HOUR
    assert shift.working(berlin("2026-11-23 00:00"))
    assert not shift.working(berlin("2026-11-23 06:00"))


def test_overlapping_hours_count_once() -> None:
    """Intervals that overlap are one."""
    shift = working({"monday": [["09:00", "12:00"], ["11:00", "13:00"]]})

    assert shift.between_ms(berlin("2026-11-23 00:00"), berlin("2026-11-24 00:00")) == 4 * HOUR


INSTANTS = st.integers(berlin("2026-10-20 00:00") // 1000, berlin("2026-11-30 00:00") // 1000).map(lambda s: s * 1000)


@given(INSTANTS, st.integers(1, 40 * HOUR), st.sampled_from([OFFICE, NIGHT]))
def test_going_back_undoes_adding_up(at_ms: int, worked_ms: int, calendar: Mapping[str, object]) -> None:
    """Since the instant that `back` gives exactly so much was worked, and since a later one less."""
    shift = working(calendar)
    since_ms = shift.back(at_ms, worked_ms)

    assert since_ms is not None
    assert shift.between_ms(since_ms, at_ms) == worked_ms
    assert shift.between_ms(since_ms + 1, at_ms) < worked_ms


@given(INSTANTS, INSTANTS, INSTANTS)
def test_working_time_adds_up(a: int, b: int, c: int) -> None:
    """What lies between two instants is the same in one piece or in two."""
    start, middle, end = sorted((a, b, c))
    shift = working(OFFICE)

    assert shift.between_ms(start, end) == shift.between_ms(start, middle) + shift.between_ms(middle, end)


def test_who_never_works_is_never_silent() -> None:
    """Without working hours there is nothing to go back to."""
    assert working({}).back(berlin("2026-11-23 12:00"), HOUR) is None
    assert silence(working({}), berlin("2026-11-23 12:00"), 60, 0) is None


def test_silence_counts_from_the_latest_sign() -> None:
    """Sixty working minutes after the last sign, the break left out, and not a minute earlier.

    11:30   12:00 break 13:00   13:30
    sign ------|           |------ silent
    """
    shift = working(OFFICE)
    sign = berlin("2026-11-23 11:30")

    assert silence(shift, berlin("2026-11-23 13:29"), 60, sign, None, 0) is None
    assert silence(shift, berlin("2026-11-23 13:30"), 60, sign, None, 0) == (sign, 60, 60)
    assert silence(shift, berlin("2026-11-23 12:30"), 10, sign) is None
    assert silence(shift, berlin("2026-11-23 13:30"), 60, None) is None


CLOCK = st.integers(0, 24 * 4 - 1).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
INTERVALS = st.tuples(CLOCK, CLOCK).filter(lambda interval: interval[0] != interval[1])
WEEKS = st.dictionaries(st.sampled_from(WEEKDAYS), st.lists(INTERVALS, max_size=2), max_size=7)


def worked(calendar: Mapping[str, list[tuple[str, str]]], quarter_ms: int) -> bool:
    """Whether a quarter of an hour is worked in UTC, by asking every interval of the days before and of its own."""
    midnight = quarter_ms // DAY_MS * DAY_MS
    for begins in (midnight - DAY_MS, midnight):
        weekday = WEEKDAYS[datetime.fromtimestamp(begins / 1000, UTC).weekday()]
        for start, end in calendar.get(weekday, []):
            first, last = (begins + (int(clock[:2]) * 60 + int(clock[3:])) * 60_000 for clock in (start, end))
            if first <= quarter_ms < (last if last > first else last + DAY_MS):
                return True
    return False


@given(WEEKS, INSTANTS, st.integers(1, 200))
def test_shifts_of_any_length_and_over_midnight_are_worked_once(
    calendar: Mapping[str, list[tuple[str, str]]], at_ms: int, quarters: int
) -> None:
    """Whatever the intervals are, how they overlap, and over which midnights: each quarter of an hour counts once."""
    start_ms = at_ms - at_ms % QUARTER_MS
    shift = working(calendar, "UTC")
    asked = [start_ms + n * QUARTER_MS for n in range(quarters)]
    expected = [worked(calendar, quarter) for quarter in asked]

    assert [shift.working(quarter) for quarter in asked] == expected
    assert shift.between_ms(start_ms, asked[-1] + QUARTER_MS) == sum(expected) * QUARTER_MS


def test_a_night_shift_is_free_when_the_day_it_begins_on_is() -> None:
    """Easter 2026 in Bavaria: the shift into Good Friday is worked, that of Good Friday is not, nor that of Monday."""
    nights = {day: [["22:00", "06:00"]] for day in WEEKDAYS}
    shift = working({**nights, "holidays": "DE-BY"})

    assert [shift.working(berlin(f"2026-04-{moment}")) for moment in ("03 05:00", "03 23:00", "04 05:00")] == [
        True, False, False,
    ]  # fmt: skip
    assert shift.working(berlin("2026-04-04 23:00"))
    assert not shift.working(berlin("2026-04-07 05:00"))


def test_every_place_that_is_taken_in_has_its_holidays() -> None:
    """The library still knows all of them, and those of a subdivision are asked for under its name."""
    named = [(country, part) for country, parts in places().items() for part in (None, *parts)]

    assert len(named) > 500
    for country, part in named:
        country_holidays(country, subdiv=part)


@pytest.mark.parametrize(
    ("week", "number", "found"),
    [
        (MONDAY_TO_FRIDAY, 1, "2025-11-02"),
        (MONDAY_TO_FRIDAY, 2, "2025-10-30"),
        (MONDAY_TO_FRIDAY, 10, "2025-10-20"),
        (WorkingWeek.read({"monday": [["09:00", "17:00"]]}), 2, "2025-10-26"),
        (WorkingWeek.read({"friday": [["22:00", "06:00"]]}), 1, "2025-10-30"),
        (WorkingWeek.read({"friday": [["22:00", "06:00"]], "holidays": "DE-BB"}), 1, "2025-10-23"),
    ],
)
def test_working_days_are_counted_back_from_today(week: WorkingWeek, number: int, found: str) -> None:
    """From Monday, 3 November 2025, today among them; 31 October is Reformation Day in Brandenburg."""
    today = date(2025, 11, 3).toordinal()

    assert date.fromordinal(day_before_working_days(week, today, number)).isoformat() == found


@given(st.integers(730_000, 745_000), st.integers(1, 40), st.sets(st.integers(0, 6), min_size=1))
def test_so_many_working_days_have_begun_since(today: int, number: int, weekdays: set[int]) -> None:
    """Exactly so many after the day that is found, and the first of them is the next one."""
    week = WorkingWeek(tuple(((0, 60),) if day in weekdays else () for day in range(7)), None)
    found = day_before_working_days(week, today, number)

    assert sum(is_working_day(week, day) for day in range(found + 1, today + 1)) == number
    assert is_working_day(week, found + 1)
