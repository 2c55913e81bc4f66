"""Times of days, read by parts that repeat: the day, `T10:15` and `:34.5Z`. Pure."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipeline.importing.formats import Stamp
from pipeline.importing.texts import Row
from pipeline.organisation.days import DAY_MS
from schemas.types import FIRST_DAY, LAST_DAY, to_ms

MOST = 4096
"""So many parts of a kind are remembered, then they are learned anew."""
DAY_END, MINUTE_END = len("2026-11-23"), len("2026-11-23T10:15")
PARTED = re.compile(r"(?:%[Ymdy][-./]%[Ymdy][-./]%[Ymdy]|%F)[ T](?:%H:%M(?::%S)?|%T|%R)")
"""Formats, beside ISO 8601, of which any day, minute and rest that were read make a text that would be read as they."""
DAY = re.compile(r"\d+[-./]\d+[-./]\d+")
MINUTE = re.compile(r"[Tt ](?!24)\d{2}:\d{2}")


class _Starts(dict[ZoneInfo | None, int | None]):
    """When a day begins in each zone; None where it is not even."""

    def __init__(self, day: date) -> None:
        super().__init__()
        self._day = day

    def __missing__(self, zone: ZoneInfo | None) -> int | None:
        found = self[zone] = even_day_ms(self._day, zone)
        return found


class Clocks:
    """What texts of some formats stand for, as far as their parts were met before."""

    def __init__(self, formats: tuple[str, ...], *, midnights: bool) -> None:
        """Without `midnights` those in UTC are days and no instants."""
        self._learns = formats == ("iso",) or (len(formats) == 1 and PARTED.fullmatch(formats[0]) is not None)
        self._midnights = midnights
        self._days: dict[str, _Starts] = {}
        self._minutes: dict[str, int] = {}
        self._rests: dict[str, tuple[int, bool]] = {}
        """Milliseconds, and whether an offset is among them."""

    def at_ms(self, text: str, zone_of: Callable[[Row], ZoneInfo], row: Row) -> int | None:
        """The instant; None where a part is new, or clocks are changed on the day: then the text has to be read.

        The zone is only asked for where the text has no offset.
        """
        starts, minute_ms = self._days.get(text[:DAY_END]), self._minutes.get(text[DAY_END:MINUTE_END])
        rest = self._rests.get(text[MINUTE_END:])
        if starts is None or minute_ms is None or rest is None:
            return None
        rest_ms, fixed = rest
        start_ms = starts[None if fixed else zone_of(row)]
        return None if start_ms is None else start_ms + minute_ms + rest_ms

    def learn(self, text: str, stamp: Stamp) -> None:
        """Called with a text and what it was read as, where it was an instant."""
        day, minute, at = text[:DAY_END], text[DAY_END:MINUTE_END], stamp.local
        if not self._learns or stamp.zone is not None or not DAY.fullmatch(day) or not MINUTE.fullmatch(minute):
            return
        if not FIRST_DAY < at.date() < LAST_DAY or (stamp.offset_seconds == 0 and not self._midnights):
            return
        for parts in (self._days, self._minutes, self._rests):
            if len(parts) >= MOST:
                parts.clear()
        rest_ms = at.second * 1000 + at.microsecond // 1000 - (stamp.offset_seconds or 0) * 1000
        self._days.setdefault(day, _Starts(at.date()))
        self._minutes[minute] = (at.hour * 60 + at.minute) * 60_000
        self._rests[text[MINUTE_END:]] = rest_ms, stamp.offset_seconds is not None


@lru_cache(maxsize=MOST)
def even_day_ms(day: date, zone: ZoneInfo | None) -> int | None:
    """When a day begins in a zone, or in UTC, if all its hours are of equal length there; else None."""
    if zone is None:
        return (day - FIRST_DAY).days * DAY_MS
    midnight = datetime.combine(day, time())
    hours = [(hour, midnight + timedelta(hours=hour)) for hour in range(25)]
    starts = {to_ms(at.replace(tzinfo=zone, fold=fold)) - hour * 3_600_000 for hour, at in hours for fold in (0, 1)}
    return starts.pop() if len(starts) == 1 else None
