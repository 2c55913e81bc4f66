"""Working time: what lies between two instants by a weekly calendar, in a time zone, without the days that are free."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any, NamedTuple

import holidays

from pipeline.organisation import days
from pipeline.organisation.clock_times import DAY_MINUTES, interval
from pipeline.organisation.special_days import NO_SPECIAL_DAYS, SpecialDays
from schemas.zones import zone_info

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOOK_BACK_DAYS = 60
REMEMBERED_DAYS = 100

Span = tuple[int, int]
"""An instant and the first one after the span, epoch milliseconds."""


@cache
def calendar_version() -> str:
    """Which public holidays working time is counted with; the zones are in the fingerprint of the state."""
    return f"holidays {version('holidays')}"


class WorkingWeek(NamedTuple):
    """A weekly calendar: by weekday from Monday on, local times of day in minutes; and whose holidays are free.

    An interval that ends on the next day ends after minute 1440. It is free when the day on which it begins is, and of
    a special day only what lies within its opening is left of it.
    """

    hours: tuple[tuple[tuple[int, int], ...], ...]
    holidays: str | None
    special: SpecialDays = NO_SPECIAL_DAYS

    @classmethod
    def read(cls, calendar: Mapping[str, Any], special: SpecialDays = NO_SPECIAL_DAYS) -> "WorkingWeek":
        """The calendar of an organisation record, as schemas/teams.py has it."""
        week = tuple(tuple(interval(a, b) for a, b in calendar.get(day) or ()) for day in WEEKDAYS)
        return cls(week, calendar.get("holidays"), special)

    def hours_on(self, day: int) -> tuple[tuple[int, int], ...]:
        """The working hours that begin on a local day, in minutes; none on a day that is free."""
        at = date.fromordinal(day)
        hours = self.hours[at.weekday()]
        if not hours or (self.holidays and day in _holidays(self.holidays, at.year)):
            return ()
        opening = self.special.on(day)
        return hours if opening is None else opening.cut(hours)


class WorkingTime:
    """The working time of one team. `zone_on` gives the IANA zone of a local day, always the same one.

    Elapsed time counts: an hour that the clocks skip is not worked, one that they repeat is worked twice.
    """

    def __init__(self, week: WorkingWeek, zone_on: Callable[[int], str]) -> None:
        self._week = week
        self._zone_on = zone_on
        self._known: dict[int, list[Span]] = {}

    def working(self, at_ms: int) -> bool:
        """Whether an instant lies in working hours."""
        return any(start <= at_ms < end for start, end in self._around(at_ms))

    def between_ms(self, start_ms: int, end_ms: int) -> int:
        """The working time between two instants, in milliseconds; 0 when they are the wrong way round."""
        first, last = self._day(start_ms) - 2, self._day(end_ms) + 1
        spans = (span for day in range(first, last + 1) for span in self._spans(day))
        return sum(max(0, min(end, end_ms) - max(start, start_ms)) for start, end in spans)

    def days(self, first: int, last: int) -> list[int]:
        """The local days of a range on which work begins, both ends included; of a long one its last 61 days."""
        return [day for day in range(max(first, last - LOOK_BACK_DAYS), last + 1) if self._begun(day)]

    def back(self, at_ms: int, worked_ms: int) -> int | None:
        """The latest instant since which so much was worked until `at_ms`; None: not within the last 60 days."""
        left = worked_ms
        today = self._day(at_ms)
        for day in range(today + 1, today - LOOK_BACK_DAYS, -1):
            for start, end in reversed(self._spans(day)):
                worked = min(end, at_ms) - start
                if worked >= left:
                    return start + worked - left
                left -= max(0, worked)
        return None

    def _day(self, at_ms: int) -> int:
        return at_ms // days.DAY_MS + days.EPOCH_DAY

    def _around(self, at_ms: int) -> list[Span]:
        day = self._day(at_ms)
        return [span for each in range(day - 2, day + 2) for span in self._spans(each)]

    def _spans(self, day: int) -> list[Span]:
        """The spans that begin on a day, without what the night shift of the day before covers."""
        spans = self._known.get(day)
        if spans is None:
            before = self._begun(day - 1)
            covered_ms = before[-1][1] if before else 0
            spans = [(max(start, covered_ms), end) for start, end in self._begun(day) if end > covered_ms]
            if len(self._known) >= REMEMBERED_DAYS:
                self._known.clear()
            self._known[day] = spans
        return spans

    def _begun(self, day: int) -> tuple[Span, ...]:
        return _spans(self._week, self._zone_on(day), day)


ZoneRules = tuple[tuple[int | None, str], ...]
"""Zones in order, each with the first local day from which it holds; None is ever."""


def zone_on(zones: ZoneRules, day: int) -> str:
    """The zone that holds on a local day; before the first dated one holds that too."""
    return next((zone for first, zone in reversed(zones) if first is None or first <= day), zones[0][1])


@lru_cache(maxsize=8192)
def worked_ms(week: WorkingWeek, zones: ZoneRules, start_ms: int, end_ms: int) -> int:
    """The working time between two instants, in milliseconds. Those who have the same hours are worked out once."""
    return WorkingTime(week, lambda day: zone_on(zones, day)).between_ms(start_ms, end_ms)


MONDAY_TO_FRIDAY = WorkingWeek((*[((0, 1440),)] * 5, (), ()), None)
"""When work is done where nobody says."""


@lru_cache(maxsize=8192)
def day_before_working_days(week: WorkingWeek, today: int, number: int) -> int:
    """The latest local day after which so many working days have begun up to today, today among them.

    0 where there are not as many within twice as many weeks and two months.
    """
    left = number
    for day in range(today, today - 14 * number - 60, -1):
        left -= is_working_day(week, day)
        if not left:
            return day - 1
    return 0


@lru_cache(maxsize=8192)
def is_working_day(week: WorkingWeek, day: int) -> bool:
    """Whether there are working hours that begin on a local day: it is no public holiday, and nobody closes all day."""
    return bool(week.hours_on(day))


@lru_cache(maxsize=8192)
def _spans(week: WorkingWeek, zone: str, day: int) -> tuple[Span, ...]:
    """The working spans that begin on a local day, in order, none overlapping; one may end on the next day."""
    found: list[Span] = []
    for start, end in sorted((_instant(zone, day, a, 0), _instant(zone, day, b, 1)) for a, b in week.hours_on(day)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif end > start:
            found.append((start, end))
    return tuple(found)


@lru_cache(maxsize=1024)
def _holidays(place: str, year: int) -> frozenset[int]:
    """The public holidays of a country (`DE`) or subdivision (`DE-BY`); none where the place is not known."""
    country, _, subdivision = place.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError:
        return frozenset()
    return frozenset(day.toordinal() for day in found)


def _instant(zone: str, day: int, minute: int, fold: int) -> int:
    """The instant of a local time; of one that the clocks repeat, the first (fold 0) or the second one."""
    if minute >= DAY_MINUTES:
        return _instant(zone, day + 1, minute - DAY_MINUTES, fold)
    if minute == 0:
        return days.midnight_ms(zone, day)
    at = datetime.combine(date.fromordinal(day), time(minute // 60, minute % 60, fold=fold), zone_info(zone))
    return round(at.timestamp()) * 1000
