"""Working time between instants: by weekday, without holidays, in elapsed hours when the clocks change."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.alert_rules import retired, silence
from pipeline.organisation.working_time import WorkingTime, WorkingWeek
from tests.unit.boards.logs import at

HOUR = 3_600_000
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


def test_a_feed_is_given_up_in_the_end() -> None:
    """A source that was used once is not missed for ever."""
    assert not retired(0, 95 * HOUR, 96)
    assert retired(0, 96 * HOUR, 96)
