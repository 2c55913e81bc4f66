"""What is usual of a whole day: the median of the weekday's last days of work, with the band around it. Pure.

It is worked out of the days that are published when somebody asks, so no event pays for it. A day that is not over
stands beside the usual of a whole one, and the name says so: how much of it is usual by now is told of activities alone
(`activities_usual`).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from pipeline.measures import COMPANY
from pipeline.scores.activity_hours import WEEKS
from pipeline.scores.home import home_of
from pipeline.scores.kpi import QUANTILES, Kpi
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.units import parts_of
from pipeline.scores.usual import BAND, by_chance, spread_of
from pipeline.views.asked import Asked, Place, chosen_kpis
from pipeline.views.pooled import ADDABLE, WHOLE_DAYS
from pipeline.views.readings import Kpis, Reading
from pipeline.views.wording import MISSING, say

DAY = "day"
DAYS_BEFORE = 7 * WEEKS
"""So many days before one are looked at."""
ACTIVITIES = "activities"
AT_WORK = "bookings_per_rep_day"
"""Divides by the reps who are at work on a day by the calendar, so it says on which days nobody is."""
UsualDay = dict[str, Any]
"""`value`, `low` and `high` of a KPI, and of how many days they are (`n`)."""
UsualDays = Mapping[str, Mapping[str, UsualDay]]
"""By the id of a day's window, and by KPI."""


@dataclass(frozen=True, slots=True)
class WorkDays:
    """The days of a scope that are kept, by their ordinals, and on which days anybody is at work by its calendars."""

    told: Mapping[int, Kpis]
    calendars: Sequence[Mapping[int, bool]]

    @classmethod
    def read(cls, days: Reading, calendars: Iterable[Reading]) -> "WorkDays":
        """The days of a scope, and those of `calendars_of` it, in their order."""
        return cls(_by_day(days), [_at_work(each) for each in calendars])

    def before(self, day: int) -> list[Kpis]:
        """The days of the weekday in the eight weeks before a day on which work was done, the latest first.

        Those are days on which anybody is at work by the calendar, and the scope did anything: the first calendar by
        which anybody is at work in these weeks. A scope without any activity goes by that alone, one without a calendar
        by its activities. Of a day on which nobody is at work nothing is usual.
        """
        span = range(day - DAYS_BEFORE, day)
        at_work = next((each for each in self.calendars if any(map(each.get, (*span, day)))), None)
        active = any(map(self._is_active, span))
        if at_work is None:
            if not active:
                return []
            at_work = {}
        if at_work.get(day) is False:
            return []
        return [
            self.told[each]
            for each in range(day - 7, day - DAYS_BEFORE - 1, -7)
            if each in self.told and at_work.get(each) is not False and (self._is_active(each) or not active)
        ]

    def _is_active(self, day: int) -> bool:
        return (self.told.get(day, {}).get(ACTIVITIES, {}).get("value") or 0) > 0


def has_usual_day(kpi: Kpi) -> bool:
    """Whether a KPI is a number that days have: not what stands now, nor what is told by stage, state or target."""
    return kpi.where in WHOLE_DAYS and kpi.formula in (*ADDABLE, *QUANTILES, "per_rep")


def usual_day(kpi: Kpi, days: Sequence[Kpis]) -> UsualDay:
    """The usual value of a KPI on some days, with its band; null of fewer than four that have a value.

    A count that a day does not tell is 0: nothing of its family had been told by then. What never was below 0 has no
    band that begins there, and a share that never was above 1 none that ends there.
    """
    nothing = {"value": 0 if kpi.formula == "count" else None}
    told = [said for each in days if (said := each.get(kpi.name, nothing)).get("value") is not None]
    values = [each["value"] for each in told]
    spread = spread_of(values, lambda middle: _least(kpi, middle, told))
    if spread is None:
        return {"value": None, "low": None, "high": None, "n": len(values)}
    reach = BAND * spread.deviation
    low, high = spread.median - reach, spread.median + reach
    if min(values) >= 0:
        low = max(low, 0)
    if kpi.formula == "ratio" and max(values) <= 1:
        high = min(high, 1)
    return {"value": spread.median, "low": low, "high": high, "n": len(values)}


def usual_days(reading: Reading, work: WorkDays, kpis: Iterable[str]) -> UsualDays:
    """By the id of each window of a reading that is a day: what is usual of those KPIs that it has."""
    wanted = [BY_NAME[name] for name in kpis if has_usual_day(BY_NAME[name])]
    found = {}
    for window in reading.windows.values():
        if (day := day_of(window.id)) is not None:
            before = work.before(day)
            found[window.id] = {kpi.name: usual_day(kpi, before) for kpi in wanted if kpi.name in window.kpis}
    return found


def compared_kpis(question: Asked, named: Sequence[str]) -> list[str]:
    """The KPIs of which what is usual is told: of one window all, of all days of a time those that were named.

    So an answer of all KPIs on years of days is no longer than it has to be.
    """
    return chosen_kpis(named) if question.window or named else []


def asked_before(reading: Reading) -> Asked | None:
    """The question for the days that those of a reading are compared with; None where it has no day."""
    days = [day for window in reading.windows.values() if (day := day_of(window.id)) is not None]
    return Asked("", DAY, _place(min(days) - DAYS_BEFORE), _place(max(days))) if days else None


def calendars_of(scope: str) -> list[str]:
    """Whose days say when anybody is at work: its home's, or else the company's.

    Those of a rep over all teams never do, nor those of a team of which no rep is known, or that never won a deal.
    """
    return list(dict.fromkeys((home_of(scope), COMPANY)))


def day_of(window: str) -> int | None:
    """The ordinal of a day by the id of its window; None of another window."""
    kind, _, name = window.partition(":")
    return date.fromisoformat(name).toordinal() if kind == DAY and name else None


def said(kpi: str, usual: UsualDay | None, currency: str) -> str:
    """For people: `34 (20 to 48)`."""
    if usual is None or usual["value"] is None:
        return MISSING
    value, low, high = (say(kpi, _rounded(kpi, usual[name]), currency) for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _rounded(kpi: str, value: float) -> float:
    return round(value, 1) if BY_NAME[kpi].unit == "count" else value


def _least(kpi: Kpi, middle: float, told: Sequence[Mapping[str, Any]]) -> float:
    """How far days differ by chance at least: counts, and shares of counts. Of all else nobody can say."""
    if kpi.formula == "count" and kpi.unit == "count":
        return by_chance(middle)
    if kpi.formula == "ratio" and set(parts_of(kpi).values()) == {"count"}:
        of = median(each["denominator"] for each in told)
        return math.sqrt(max(middle * (1 - middle), 0) / of)
    return 0


def _at_work(calendar: Reading) -> dict[int, bool]:
    told = ((day, kpis[AT_WORK]) for day, kpis in _by_day(calendar).items() if AT_WORK in kpis)
    return {day: (each.get("denominator") or 0) > 0 for day, each in told}


def _by_day(reading: Reading) -> dict[int, Kpis]:
    return {day: each.kpis for each in reading.windows.values() if (day := day_of(each.id)) is not None}


def _place(day: int) -> Place:
    at = date.fromordinal(max(day, 1))
    return at.year, at.month, at.day
