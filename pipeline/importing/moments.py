"""Stamps in zones: which instant a wall clock or a day stands for. Pure; ValueError for one that there is not."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from pipeline.importing.formats import Stamp
from pipeline.importing.texts import NotReadError
from schemas.types import FIRST_DAY, LAST_DAY, LIMIT_MS, to_ms

OUTSIDE = "lies outside of the years 1970 to 2199"
At = Literal["start", "noon", "end"]
PLAUSIBLE_COUNT_MS = 10 * 365 * 86_400_000
"""What was counted and lies before 1980 was counted in another unit."""


class Instant(msgspec.Struct, frozen=True, gc=False):
    """An instant. A wall clock that comes twice, when clocks are set back, has a later one as well."""

    at_ms: int
    later_ms: int | None = None

    def plus(self, milliseconds: int) -> "Instant":
        """So much later; NotReadError where no event can be."""
        later_ms = None if self.later_ms is None else self.later_ms + milliseconds
        _require_instant(self.at_ms + milliseconds)
        return Instant(self.at_ms + milliseconds, later_ms)


class Day(msgspec.Struct, frozen=True, gc=False):
    """A day without a time, in a zone."""

    day: date
    zone: ZoneInfo

    def at(self, at: At, now_ms: int | None = None) -> Instant:
        """Its first millisecond, noon or last millisecond; of today not later than now, where now is given."""
        start_ms, wanted_ms = _of_day(self.day, self.zone, at)
        return Instant(min(wanted_ms, now_ms) if now_ms is not None and start_ms <= now_ms else wanted_ms)


@lru_cache(maxsize=4096)
def _of_day(day: date, zone: ZoneInfo, at: At) -> tuple[int, int]:
    """When a day begins, and what of it is asked for."""
    start_ms = to_ms(datetime.combine(day, time(), zone))
    if at == "noon":
        return start_ms, to_ms(datetime.combine(day, time(12), zone))
    if at == "end":
        return start_ms, to_ms(datetime.combine(day + timedelta(days=1), time(), zone)) - 1
    return start_ms, start_ms


def has_zone(stamp: Stamp) -> bool:
    """Whether the text itself says its zone."""
    return stamp.offset_seconds is not None or stamp.zone is not None


def is_utc_midnight(stamp: Stamp) -> bool:
    """How systems without dates write a day."""
    return stamp.offset_seconds == 0 and stamp.local.time() == time()


@lru_cache(maxsize=4096)
def instant_of(stamp: Stamp, zone: ZoneInfo | None) -> Instant:
    """The instant of a wall clock, by its offset, else in the zone; of two the earlier one, the later beside it."""
    if stamp.offset_seconds is not None:
        return _checked(stamp, Instant(to_ms(stamp.local.replace(tzinfo=_fixed(stamp.offset_seconds)))))
    assert zone is not None
    first, second = (to_ms(stamp.local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first == second:
        return _checked(stamp, Instant(first))
    if first > second:
        raise NotReadError(f"is a time that {zone.key} skipped when clocks were set forward", "is the zone right?")
    return _checked(stamp, Instant(first, second))


def day_of(stamp: Stamp, zone: ZoneInfo) -> Day:
    """The day of a stamp, in a zone."""
    day = stamp.local.date()
    _require_day(day)
    return Day(day, zone)


def local_day(stamp: Stamp, zone: ZoneInfo | None) -> date:
    """The day that a stamp stands for: its own, or, where it says another zone, the one it is in `zone`."""
    if stamp.day_only or stamp.offset_seconds is None or is_utc_midnight(stamp) or zone is None:
        return stamp.local.date()
    _require_day(stamp.local.date())
    return stamp.local.replace(tzinfo=_fixed(stamp.offset_seconds)).astimezone(zone).date()


def _fixed(seconds: int) -> timezone:
    return timezone(timedelta(seconds=seconds)) if seconds else UTC


def _checked(stamp: Stamp, instant: Instant) -> Instant:
    _require_instant(instant.at_ms, "is it of another unit?" if stamp.counted else "")
    if stamp.counted and instant.at_ms < PLAUSIBLE_COUNT_MS:
        year = 1970 + instant.at_ms // (365 * 86_400_000)
        raise NotReadError(f"would be in {year}", "it is counted in another unit than the format says")
    return instant


def _require_day(day: date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise NotReadError(OUTSIDE)


def _require_instant(at_ms: int, cure: str = "") -> None:
    if not 0 <= at_ms < LIMIT_MS:
        raise NotReadError(OUTSIDE, cure)
