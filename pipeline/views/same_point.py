"""A period that is not over beside the one before it, up to the same point: from the days that are published. Pure.

The point is the end of yesterday. Of the period before as many days count as hold as many worked days: the fourteenth
working day beside the fourteenth. Where nobody has worked yet it is as many local days.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from pipeline.scores.kpi import Kpi
from pipeline.scores.kpis import BY_NAME
from pipeline.views.asked import USUAL, Asked, AskedError, chosen_kpis, number_of
from pipeline.views.past import money
from pipeline.views.pooled import is_addable, pooled
from pipeline.views.readings import Reading, WindowReading
from pipeline.views.usual_day import ACTIVITIES, DAY
from pipeline.views.wording import say

PERIODS = ("week", "month", "quarter")
HEAD = ("KPI", "so far", "period before", "change")


@dataclass(frozen=True, slots=True)
class AskedPoint:
    """A question for a kind of period and some KPIs."""

    kind: str
    kpis: Sequence[Kpi]

    @property
    def days(self) -> Asked:
        """The days to read."""
        return Asked(kind=DAY)

    @property
    def periods(self) -> Asked:
        """The periods to read."""
        return Asked(kind=self.kind)


@dataclass(frozen=True, slots=True)
class SamePoint:
    """Whole days of the current period, and of the one before it as far as they are compared; both in their order."""

    current: str
    before: str
    days: Sequence[WindowReading]
    days_before: Sequence[WindowReading]
    worked: int


def asked_point(kind: str, names: Sequence[str]) -> AskedPoint:
    """The question that a kind of period and names of KPIs or families make; AskedError where they make none."""
    if kind not in PERIODS:
        raise AskedError("against", f"{kind!r} is no period to compare; allowed: {', '.join(PERIODS)}")
    kpis = [BY_NAME[name] for name in chosen_kpis(names or USUAL)]
    for kpi in kpis:
        if not is_addable(kpi):
            allowed = "counts, amounts and quotients that windows of days have"
            raise AskedError("kpi", f"{kpi.name} cannot be added up over days; allowed: {allowed}")
    return AskedPoint(kind, kpis)


def same_point(days: Reading, periods: Reading, kind: str) -> SamePoint:
    """The days to compare; AskedError in words where one of them is not kept."""
    known = [each for each in periods.windows.values() if each.start_ms is not None]
    if len(known) < 2:
        raise AskedError("against", f"there is no {kind} before the current one")
    before, current = sorted(known, key=lambda each: each.start_ms or 0)[-2:]
    if (number_of(current.id) or 0) - (number_of(before.id) or 0) > 1:
        raise AskedError("against", f"the {kind} before {current.id} is not kept; the last one kept is {before.id}")
    whole = sorted(days.windows.values(), key=_date)[:-1]  # The last one is not over.
    now = [each for each in whole if (each.start_ms or 0) >= (current.start_ms or 0)]
    then = [each for each in whole if (before.start_ms or 0) <= (each.start_ms or 0) < (current.start_ms or 0)]
    if not now:
        raise AskedError("against", f"no day of {current.id} is over yet")
    worked = sum(map(_is_worked, now))
    compared = _up_to(then, worked, len(now))
    _require(compared, before)
    _require(now, current)
    if len(compared) == len(then) and _date(now[0]) - timedelta(1) != _date(then[-1]):
        raise AskedError("against", f"day:{_date(now[0]) - timedelta(1)} of {before.id} is not kept")
    return SamePoint(current.id, before.id, now, compared, worked)


def rows_of(found: SamePoint, kpis: Iterable[Kpi]) -> list[dict[str, Any]]:
    """A row for each KPI that any of the days has: what it comes to, what it came to, and the difference."""
    rows = []
    for kpi in kpis:
        now, then = (pooled(kpi, [each.kpis for each in days]) for days in (found.days, found.days_before))
        if now is None and then is None:
            continue
        value, before = ((each or {}).get("value") for each in (now, then))
        change = None if value is None or before is None else value - before
        rows.append({"kpi": kpi.name, "unit": kpi.unit, "current": now, "before": then, "change": change})
    return rows


def as_json(reading: Reading, found: SamePoint, kpis: Iterable[Kpi]) -> dict[str, Any]:
    """The comparison for a program."""
    return {
        "scope": reading.scope, "home": reading.home, **money(reading.currency),
        "current": _span(found.current, found.days), "before": _span(found.before, found.days_before),
        "worked_days": found.worked, "kpis": rows_of(found, kpis),
    }  # fmt: skip


def as_table(rows: Iterable[Mapping[str, Any]], currency: str) -> list[list[str]]:
    """The same for people, titles first."""
    table = [list(HEAD)]
    for row in rows:
        values = [*((row[name] or {}).get("value") for name in ("current", "before")), row["change"]]
        table.append([row["kpi"], *(say(row["kpi"], value, currency) for value in values)])
    return table


def as_cells(rows: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """The same for spreadsheets."""
    table: list[list[Any]] = [["kpi", "so_far", "period_before", "change"]]
    for row in rows:
        table.append([row["kpi"], *((row[name] or {}).get("value") for name in ("current", "before")), row["change"]])
    return table


def in_words(found: SamePoint) -> str:
    """What is compared, in a line."""
    (first, last), (first_before, last_before) = (
        (_date(days[0]), _date(days[-1])) for days in (found.days, found.days_before)
    )
    worked = f"{found.worked} worked days each" if found.worked else "as many local days each"
    return f"{found.current} {first} to {last} beside {found.before} {first_before} to {last_before}, {worked}"


def _up_to(days: Sequence[WindowReading], worked: int, number: int) -> list[WindowReading]:
    """Those up to the same worked day, all where there were fewer; as many days where nobody worked."""
    if not worked:
        return list(days[:number])
    found: list[WindowReading] = []
    for each in days:
        if worked == 0:
            break
        found.append(each)
        worked -= _is_worked(each)
    return found


def _require(days: Sequence[WindowReading], period: WindowReading) -> None:
    """Refuse days of a period of which one is not kept, from its first on: a sum of some of them is none."""
    if not days or days[0].start_ms != period.start_ms:
        raise AskedError("against", f"the first day of {period.id} is not kept")
    for one, other in pairwise(days):
        if _date(other) != _date(one) + timedelta(1):
            raise AskedError("against", f"day:{_date(one) + timedelta(1)} of {period.id} is not kept")


def _is_worked(day: WindowReading) -> bool:
    return (day.kpis.get(ACTIVITIES, {}).get("value") or 0) > 0


def _date(day: WindowReading) -> date:
    return date.fromisoformat(day.id.partition(":")[2])


def _span(window: str, days: Sequence[WindowReading]) -> dict[str, Any]:
    first, last = _date(days[0]).isoformat(), _date(days[-1]).isoformat()
    return {"window": window, "first_day": first, "last_day": last, "days": len(days)}
