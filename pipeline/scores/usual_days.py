"""The days by which it is told what is usual now: those of the weekday, eight weeks back, on which work was done."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from pipeline.organisation.days import HOUR_MS, clock_ms, midnight_ms
from pipeline.organisation.working_time import WorkingWeek, ZoneRules, is_working_day, zone_on
from pipeline.scores.activity_hours import QUARTER_MINUTES, QUARTER_MS, WEEKS, quarter_of
from pipeline.scores.home import Home, Scope
from pipeline.scores.usual import Usual
from schemas.zones import zone_info

LAST_MINUTE = 1439


class UsualDay(NamedTuple):
    """One of those days, in epoch milliseconds: its span, the time that today has reached, and the hour of that time.

    The hour is None where the clocks skipped or repeated it.
    """

    day: int
    start_ms: int
    end_ms: int
    reached_ms: int
    hour_ms: int | None


def usual_now(scope: Scope, minute: int, first_minute: int) -> Usual:
    """The activities of a scope on those days, as of a running minute. Days without any are no days of its work."""
    worked = [
        day
        for day in usual_days(scope.home, minute)
        if scope.activities(day.start_ms, day.end_ms, first_minute) > 0
    ]  # fmt: skip
    return Usual(
        [scope.activities(day.start_ms, day.reached_ms, first_minute) for day in worked],
        [
            scope.activities(day.hour_ms, day.hour_ms + HOUR_MS, first_minute)
            for day in worked
            if day.hour_ms is not None
        ],
    )


def usual_days(home: Home, minute: int) -> tuple[UsualDay, ...]:
    """The days of a home, the latest first, without those on which its calendar says that nobody works."""
    return _days(home.zone_rules, home.hours, home.today, minute // QUARTER_MINUTES)


def usual_counts(scope: Scope, start_ms: int, end_ms: int, first_minute: int) -> list[int]:
    """The activities of a scope on those days, between the times at which a span of today begins and ends."""
    home = scope.home
    spans = _spans(home.zone_rules, home.hours, home.today, quarter_of(start_ms), quarter_of(end_ms))
    counts = ((day, scope.activities(from_ms, to_ms, first_minute)) for day, from_ms, to_ms in spans)
    # Of a day with any in the span nobody has to ask whether there were any.
    return [count for day, count in counts if count > 0 or scope.activities(day.start_ms, day.end_ms, first_minute) > 0]


@lru_cache(maxsize=1024)
def _spans(
    zones: ZoneRules, hours: WorkingWeek | None, today: int, first: int, end: int
) -> tuple[tuple[UsualDay, int, int], ...]:
    """Each day with its span, where that lasts as long as today's: elsewhere the clocks changed within it."""
    zone = zone_on(zones, today)
    from_minute, to_minute = _clock(zone, today, first), _clock(zone, today, end)
    found = []
    for day in _days(zones, hours, today, end):
        of_day = zone_on(zones, day.day)
        span = clock_ms(of_day, day.day, from_minute), clock_ms(of_day, day.day, to_minute)
        if span[1] - span[0] == (end - first) * QUARTER_MS:
            found.append((day, *span))
    return tuple(found)


@lru_cache(maxsize=1024)
def _days(zones: ZoneRules, hours: WorkingWeek | None, today: int, quarter: int) -> tuple[UsualDay, ...]:
    """The same for all homes with the same zones and hours."""
    reached = min(_clock(zone_on(zones, today), today, quarter), LAST_MINUTE)
    days = [today - 7 * week for week in range(WEEKS + 1)]
    if hours is not None and not is_working_day(hours, today):
        return ()
    return tuple(_day(zones, day, reached) for day in days[1:] if hours is None or is_working_day(hours, day))


def _day(zones: ZoneRules, day: int, reached: int) -> UsualDay:
    zone, hour = zone_on(zones, day), reached - reached % 60
    hour_ms = clock_ms(zone, day, hour)
    lasts_ms = clock_ms(zone, day, hour + 60) - hour_ms
    return UsualDay(
        day,
        midnight_ms(zone, day),
        midnight_ms(zone_on(zones, day + 1), day + 1),
        clock_ms(zone, day, reached),
        hour_ms if lasts_ms == HOUR_MS else None,
    )


def _clock(zone: str, today: int, quarter: int) -> int:
    """The minute of the local day at which a quarter-hour begins; 1440 is its end."""
    at = datetime.fromtimestamp(quarter * QUARTER_MS // 1000, UTC).astimezone(zone_info(zone))
    minute = (at.toordinal() - today) * 1440 + at.hour * 60 + at.minute
    return max(0, min(minute, LAST_MINUTE + 1))
