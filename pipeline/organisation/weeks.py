"""Local weeks: which days one holds, where the weekday that weeks begin on is another from some day on."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, get_args

from schemas.teams import Weekday

WeekStarts = tuple[tuple[int, int], ...]
"""From which local day on (the first: 0, since ever) weeks begin on which weekday, Monday being 0; no two neighbours
are of one weekday."""
MONDAYS: WeekStarts = ((0, 0),)
"""Weeks where nobody says otherwise: those of ISO 8601."""
DAYS = 7
_WEEKDAYS = get_args(Weekday)


def week_starts(told: Sequence[Sequence[Any]]) -> WeekStarts:
    """Read (first local day or None, name of a weekday) in any order; who tells what holds already changes nothing."""
    found = list(MONDAYS)
    for first_day, name in sorted(((day or 0, name) for day, name in told), key=itemgetter(0)):
        weekday = _WEEKDAYS.index(name)
        if first_day == 0:
            found = [(0, weekday)]
        elif weekday != found[-1][1]:
            found.append((first_day, weekday))
    return tuple(found)


def week_of(day: int, starts: WeekStarts) -> tuple[int, int]:
    """The first and last day of the week that a local day lies in.

    A week ends with the day before another weekday holds, and the next begins on that day: both may be short.
    """
    number = bisect_right(starts, day, key=itemgetter(0))
    since, weekday = starts[number - 1]
    first = day - (day - 1 - weekday) % DAYS
    last = first + DAYS - 1
    if number < len(starts):
        last = min(last, starts[number][0] - 1)
    return max(first, since), last
