"""The days that what is usual follows from, where clocks change and holidays fall."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.days import HOUR_MS, MINUTE_MS, clock_ms
from pipeline.organisation.working_time import WorkingWeek
from pipeline.scores.home import Home
from pipeline.scores.usual_days import usual_days
from tests.unit.boards.logs import WEEK, at, day

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def home(zone: str, now_ms: int, hours: WorkingWeek | None = None) -> Home:
    """A team in a zone."""
    found = Home("team:north", published=True)
    found.zone_rules, found.hours = ((None, zone),), hours
    found.today = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone)).toordinal()
    return found


def days(zone: str, now: str, hours: WorkingWeek | None = None) -> list[tuple[str, str, str, str | None]]:
    """Of each day, in its zone: where it begins and ends, what today has reached, and the hour."""
    now_ms = at(now, zone)

    def text(at_ms: int) -> str:
        return f"{datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)):%m-%d %H:%M}"

    return [
        (text(each.start_ms), text(each.end_ms), text(each.reached_ms), text(each.hour_ms) if each.hour_ms else None)
        for each in usual_days(home(zone, now_ms, hours), now_ms // MINUTE_MS)
    ]


def test_eight_days_of_the_weekday_up_to_the_running_quarter_hour() -> None:
    """Monday, 23 November, 10:23: the Mondays before until 10:15, and their hour from ten to eleven."""
    found = days("UTC", "2026-11-23 10:23")

    assert len(found) == 8
    assert found[0] == ("11-16 00:00", "11-17 00:00", "11-16 10:15", "11-16 10:00")
    assert found[-1] == ("09-28 00:00", "09-29 00:00", "09-28 10:15", "09-28 10:00")


def test_by_the_clock_on_the_wall_before_and_after_it_changed() -> None:
    """In Berlin summer time ended on 25 October: nine in the morning is another hour in UTC, and the same one there."""
    found = days("Europe/Berlin", "2026-11-02 09:00")

    assert [reached for _, _, reached, _ in found][:3] == ["10-26 09:00", "10-19 09:00", "10-12 09:00"]


def test_an_hour_that_the_clocks_repeated_or_skipped_is_left_out() -> None:
    """On Sundays at 02:30 in Berlin: 25 October had that hour twice, 29 March did not have it."""
    after = {start: (reached, hour) for start, _, reached, hour in days("Europe/Berlin", "2026-11-08 02:30")}
    assert after["10-25 00:00"] == ("10-25 02:30", None)
    assert after["11-01 00:00"] == ("11-01 02:30", "11-01 02:00")

    spring = {start: (reached, hour) for start, _, reached, hour in days("Europe/Berlin", "2026-04-05 02:30")}
    assert spring["03-29 00:00"] == ("03-29 03:00", None)


def test_quarter_hours_of_zones_beside_the_hour() -> None:
    """Nepal is 5:45 ahead of UTC."""
    assert days("Asia/Kathmandu", "2026-11-23 10:29")[0] == ("11-16 00:00", "11-17 00:00", "11-16 10:15", "11-16 10:00")


def test_days_on_which_nobody_works_are_left_out() -> None:
    """Good Friday and 1 May are holidays in Germany; of a Saturday, and of a holiday itself, nothing is usual."""
    hours = WorkingWeek.read({**WEEK, "holidays": "DE"})

    starts = [start for start, *_ in days("Europe/Berlin", "2026-05-15 10:00", hours)]
    assert starts == ["05-08 00:00", "04-24 00:00", "04-17 00:00", "04-10 00:00", "03-27 00:00", "03-20 00:00"]
    assert days("Europe/Berlin", "2026-05-16 10:00", hours) == []
    assert days("Europe/Berlin", "2026-05-01 10:00", hours) == []


ZONES = st.sampled_from([
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut",
    "America/Sao_Paulo", "Pacific/Apia",
])  # fmt: skip


@given(ZONES, st.integers(day("2008-01-01"), day("2027-12-31")), st.integers(0, 95))
def test_an_instant_is_the_first_that_shows_the_time_or_a_later_one(zone: str, local: int, quarter: int) -> None:
    """Found by looking at every quarter-hour around."""
    wall = datetime.combine(date.fromordinal(local), time()) + timedelta(minutes=15 * quarter)
    start_ms = (wall.replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1) - 26 * HOUR_MS
    shown = (
        (at_ms, (EPOCH + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(zone)).replace(tzinfo=None))
        for at_ms in range(start_ms, start_ms + 52 * HOUR_MS, 15 * MINUTE_MS)
    )

    assert clock_ms(zone, local, 15 * quarter) == next(at_ms for at_ms, shows in shown if shows >= wall)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Beirut"])
def test_minute_1440_ends_the_day(zone: str) -> None:
    """It is the midnight after."""
    assert clock_ms(zone, day("2026-03-28"), 1440) == clock_ms(zone, day("2026-03-29"), 0)
