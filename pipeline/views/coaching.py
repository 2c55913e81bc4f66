"""What a rep's figures were in the weeks before and after each talk or coaching session. Pure.

It compares what was with what came; it cannot tell why. A session in the last 28 days has fewer days after it, which
`days_after` says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.scores.kpis import BY_NAME, KPIS
from pipeline.views.asked import USUAL, AskedError
from pipeline.views.past import money
from pipeline.views.readings import Kpis, Reading

SPAN_DAYS = 28
SESSIONS = ("one_to_ones", "coaching_sessions")
COMPARED = tuple(
    kpi.name for kpi in KPIS if kpi.formula in ("count", "ratio", "mean") and kpi.where in ("period", "days")
)
"""Those that can be: counts a day, and quotients of sums. Medians of days make no median of weeks."""


@dataclass(frozen=True, slots=True)
class Change:
    """A KPI before and after: of a count how many a calendar day, of a quotient that of all days together.

    None where there is nothing to divide by.
    """

    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Session:
    """A day with sessions: how many of each, how many days have passed since (28 at most), and each KPI compared."""

    day: date
    held: Mapping[str, int]
    days_after: int
    changes: Mapping[str, Change]


def compared_kpis(names: Sequence[str]) -> list[str]:
    """The KPIs that somebody asks for, the usual ones where none is named. AskedError for one that is not compared."""
    for name in names:
        if name not in COMPARED:
            why = "a figure of days cannot be put together to one of weeks" if name in BY_NAME else "no such KPI"
            raise AskedError(
                "kpi", f"{name}: {why}; allowed are counts, ratios and averages, such as {', '.join(USUAL)}"
            )
    return list(names) or list(USUAL)


def sessions_of(days: Reading, kpis: Sequence[str], today: date) -> list[Session]:
    """Each day with a session among the days of a rep, the latest first. Days that are not there held nothing."""
    told = {date.fromisoformat(window.id.partition(":")[2]): window.kpis for window in days.windows.values()}
    return [
        _session(day, told, kpis, today)
        for day in sorted(told, reverse=True)
        if day <= today and any(_value(told[day], name) for name in SESSIONS)
    ]


def today_of(days: Reading) -> date:
    """The last day that there is: the current one, if anything was published of it, else the last one that was."""
    return max(date.fromisoformat(window.id.partition(":")[2]) for window in days.windows.values())


def as_json(days: Reading, sessions: Iterable[Session]) -> dict[str, Any]:
    """For programs; money is in minor units of `currency`."""
    return {
        "scope": days.scope,
        **money(days.currency),
        "sessions": [
            {
                "day": session.day.isoformat(),
                **session.held,
                "days_after": session.days_after,
                "kpis": {name: {"before": each.before, "after": each.after} for name, each in session.changes.items()},
            }
            for session in sessions
        ],
    }


def _session(day: date, told: Mapping[date, Kpis], kpis: Sequence[str], today: date) -> Session:
    days_after = min(SPAN_DAYS, (today - day).days)
    before = [held for each, held in told.items() if 0 < (day - each).days <= SPAN_DAYS]
    after = [held for each, held in told.items() if 0 < (each - day).days <= days_after]
    changes = {name: Change(_over(name, before, SPAN_DAYS), _over(name, after, days_after)) for name in kpis}
    return Session(day, {name: _value(told[day], name) for name in SESSIONS}, days_after, changes)


def _over(name: str, held: Sequence[Kpis], days: int) -> float | None:
    """One KPI of so many days, of which those with figures are held."""
    if BY_NAME[name].formula == "count":
        return sum(_value(kpis, name) for kpis in held) / days if days else None
    above = sum(kpis[name].get("numerator") or 0 for kpis in held if name in kpis)
    below = sum(kpis[name].get("denominator") or 0 for kpis in held if name in kpis)
    return above / below if below > 0 else None


def _value(kpis: Kpis, name: str) -> int:
    return kpis.get(name, {}).get("value") or 0
