"""How many minutes of a stretch of time a team works, asked minute by minute: slow, and easy to check."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import holidays

from schemas.zones import zone_info

MINUTE_MS = 60_000
MOST_MINUTES = 14 * 1440
"""Nobody is asked about for longer."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Calendar = Mapping[str, Any]
"""As organisation records have it: `[["09:00", "17:00"]]` by weekday, and the place whose holidays are free. In
`special`, by date, from which minute of the day on work may be done, and before which."""


def has_hours(calendar: Calendar | None) -> bool:
    """Whether anybody works by it at any time."""
    return calendar is not None and any(calendar.get(day) for day in WEEKDAYS)


def works(calendar: Calendar, zone: str, at_ms: int) -> bool:
    """Whether an instant lies in working hours; a shift over midnight belongs to the day on which it begins."""
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone_info(zone))
    clock, minute, today = f"{local:%H:%M}", local.hour * 60 + local.minute, local.date()
    yesterday = today - timedelta(days=1)
    begun = any(start <= clock < end or (end <= start <= clock) for start, end in _hours(calendar, today))
    goes_on = any(end <= start and clock < end for start, end in _hours(calendar, yesterday))
    return (begun and _is_open(calendar, today, minute)) or (goes_on and _is_open(calendar, yesterday, minute + 1440))


def works_on(calendar: Calendar, day: date) -> bool:
    """Whether there are working hours that begin on a local day: it is no public holiday, and not closed meanwhile."""
    return any(_is_open(calendar, day, minute) for each in _hours(calendar, day) for minute in _minutes(*each))


def worked_minutes(calendar: Calendar, zone: str, from_ms: int, to_ms: int, enough: int) -> int:
    """How many whole minutes between two instants were worked, counted back until there are enough."""
    found, at_ms = 0, to_ms - MINUTE_MS
    while at_ms >= max(from_ms, to_ms - MOST_MINUTES * MINUTE_MS) and found < enough:
        found += works(calendar, zone, at_ms)
        at_ms -= MINUTE_MS
    return found


def _hours(calendar: Calendar, day: date) -> list[tuple[str, str]]:
    place = calendar.get("holidays")
    if place and day in free_days(place, day.year):
        return []
    return [(start, end) for start, end in calendar.get(WEEKDAYS[day.weekday()]) or ()]


def _minutes(start: str, end: str) -> range:
    begin, over = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (start, end))
    return range(begin, over if over > begin else over + 1440)


def _is_open(calendar: Calendar, day: date, minute: int) -> bool:
    """Whether a special day lets what begins on it be done at a minute; those of the next day are after 1440."""
    first, end = calendar.get("special", {}).get(day, (0, 2880))
    return bool(first <= minute < end)


@lru_cache(maxsize=256)
def free_days(place: str, year: int) -> frozenset[date]:
    """The public holidays of a place; none where it is not known."""
    country, _, part = place.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        return frozenset()
