"""When a team of the quarter works, by its own account: local spans of a weekday, without its days off."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Span = tuple[int, int]
"""An instant and the first one after the span, epoch milliseconds."""
Week = tuple[tuple[tuple[str, str], ...], ...]
"""By weekday from Monday on: local times of day."""


@cache
def instant(zone: str, day: date, clock: str) -> int:
    """The instant at which the clocks of a zone show a time of day. None of those used here is skipped or repeated."""
    hour, minute = clock.split(":")
    local = datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZoneInfo(zone))
    return round(local.timestamp()) * 1000


def spans_on(zone: str, week: Week, free: frozenset[date], day: date) -> list[Span]:
    """What is worked on a local day."""
    if day in free:
        return []
    return [(instant(zone, day, begin), instant(zone, day, end)) for begin, end in week[day.weekday()]]


def worked(spans: list[Span], start_ms: int, end_ms: int) -> int:
    """How much of some spans lies between two instants."""
    return sum(max(0, min(end, end_ms) - max(begin, start_ms)) for begin, end in spans)


def after(spans: list[Span], start_ms: int, worked_ms: int) -> int | None:
    """The instant by which so much was worked since another; None where the spans are over before."""
    left = worked_ms
    for begin, end in spans:
        there = max(0, end - max(begin, start_ms))
        if there >= left:
            return max(begin, start_ms) + left
        left -= there
    return None


def days_of(first: date, count: int) -> list[date]:
    """So many days."""
    return [first + timedelta(days=number) for number in range(count)]
