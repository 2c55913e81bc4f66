"""Local days: which one an instant lies in, and when one begins."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from schemas.zones import zone_info

EPOCH_DAY = date(1970, 1, 1).toordinal()
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP_MS = 15 * MINUTE_MS
"""Clocks skip whole quarter-hours."""


@lru_cache(maxsize=65_536)
def _day_of_minute(zone: str, minute: int) -> int:
    return (_EPOCH + timedelta(minutes=minute)).astimezone(zone_info(zone)).toordinal()


def local_day(zone: str, at_ms: int) -> int:
    """The ordinal of the local date at an instant."""
    return _day_of_minute(zone, at_ms // MINUTE_MS)


@lru_cache(maxsize=65_536)
def day_of_hour(zone: str, hour: int) -> int | None:
    """The ordinal of the local date all through an hour (since 1970, UTC); None where it changes within."""
    first = (_EPOCH + timedelta(hours=hour)).astimezone(zone_info(zone))
    last = (_EPOCH + timedelta(hours=hour, minutes=59)).astimezone(zone_info(zone))
    unchanged = first.toordinal() == last.toordinal() and first.utcoffset() == last.utcoffset()
    return first.toordinal() if unchanged else None


@lru_cache(maxsize=8192)
def midnight_ms(zone: str, day: int) -> int:
    """The instant at which a local day begins; where there is no midnight, the first instant after the gap."""
    at = datetime.combine(date.fromordinal(day), datetime.min.time(), zone_info(zone))
    return (at - _EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=8192)
def noon_ms(zone: str, day: int) -> int:
    """The instant at which it is 12:00 on a local day; of two the first."""
    at = datetime.combine(date.fromordinal(day), time(12), zone_info(zone))
    return (at - _EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=8192)
def clock_ms(zone: str, day: int, minute: int) -> int:
    """The first instant of a local day at which its clocks show that minute of it or a later one; 1440 ends the day."""
    if minute >= DAY_MS // MINUTE_MS:
        return midnight_ms(zone, day + 1)
    wall = datetime.combine(date.fromordinal(day), time(minute // 60, minute % 60))
    at_ms = (wall.replace(tzinfo=zone_info(zone)) - _EPOCH) // timedelta(milliseconds=1)
    while _wall(zone, at_ms - _STEP_MS) >= wall:  # The clocks skip it.
        at_ms -= _STEP_MS
    return at_ms


def _wall(zone: str, at_ms: int) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone_info(zone)).replace(tzinfo=None)


def utc_day_ms(day: int) -> int:
    """Midnight UTC of a day: where no zone is known."""
    return (day - EPOCH_DAY) * DAY_MS
