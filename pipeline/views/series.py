"""A KPI day by day: the days of a scope that are kept, each beside those that people compare it with. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipeline.scores.kpi import Kpi
from pipeline.scores.kpis import BY_NAME
from pipeline.views.asked import Asked, AskedError, asked, chosen_kpis
from pipeline.views.past import money
from pipeline.views.pooled import is_addable, pooled
from pipeline.views.readings import Reading
from pipeline.views.wording import MISSING, say

DAY = "day"
DAYS_BEFORE = 7
"""So many days before the first are read too: those that it is compared with."""
ACTIVITIES = "activities"
HEAD = ("day", "state", "value", "day before", "worked before", "week before")
NOT_BY_DAY = ("now", "90d", "quarter", "today")


@dataclass(frozen=True, slots=True)
class AskedSeries:
    """A question for a KPI day by day, between two days as far as they are given."""

    kpi: Kpi
    first: date | None
    days: Asked

    @property
    def kpis(self) -> list[str]:
        """The KPIs to read: activities tell on which days somebody worked."""
        return [self.kpi.name, ACTIVITIES]


def asked_series(kpi: str, first: str | None, last: str | None) -> AskedSeries:
    """The question that three parameters make; AskedError where they make none."""
    try:
        named = chosen_kpis([kpi])
    except AskedError as error:
        raise AskedError("series", str(error)) from None
    if kpi not in BY_NAME:
        raise AskedError("series", f"{kpi} is a family; allowed: one KPI, such as {named[0]}")
    if BY_NAME[kpi].where in NOT_BY_DAY:
        raise AskedError("series", f"{kpi} is not told by day; allowed: a KPI that windows of days have")
    question = asked(None, DAY, first, last)
    begin = None if question.first is None else date(*question.first)
    earlier = None if begin is None else begin - timedelta(DAYS_BEFORE)
    bound = None if earlier is None else (earlier.year, earlier.month, earlier.day)
    return AskedSeries(BY_NAME[kpi], begin, Asked("", DAY, bound, question.last))


def rows_of(reading: Reading, kept: Iterable[str], question: AskedSeries) -> list[dict[str, Any]]:
    """A row a day, without gaps: the KPI, and its value on the day before, the last worked one and a week before.

    A day that is not kept has no state. The one that is not over, the last one kept, is not whole: it is compared with
    none. Worked are the days with any activity.
    """
    told = {date.fromisoformat(each.id.partition(":")[2]): each for each in reading.windows.values()}
    if not told:
        return []
    today = max((date.fromisoformat(id_.partition(":")[2]) for id_ in kept if id_.startswith(f"{DAY}:")), default=None)
    values = {day: window.kpis.get(question.kpi.name, {}).get("value") for day, window in told.items()}
    worked = sorted(day for day, window in told.items() if (window.kpis.get(ACTIVITIES, {}).get("value") or 0) > 0)
    rows = []
    for day in _days(max(min(told), question.first or date.min), max(told)):
        window = told.get(day)
        before = [day - timedelta(1), max((each for each in worked if each < day), default=None), day - timedelta(7)]
        compared = [None if each is None or day == today else values.get(each) for each in before]
        rows.append({
            "day": day.isoformat(),
            "state": window.state if window else None,
            "whole": window is not None and day != today,
            "kpi": window.kpis.get(question.kpi.name) if window else None,
            **dict(zip(("day_before", "worked_before", "week_before"), compared, strict=True)),
        })  # fmt: skip
    return rows


def as_json(reading: Reading, rows: Sequence[Mapping[str, Any]], kpi: Kpi) -> dict[str, Any]:
    """The series for a program."""
    return {
        "scope": reading.scope, "home": reading.home, **money(reading.currency), "kpi": kpi.name, "unit": kpi.unit,
        "days": rows, "together": together(rows, kpi),
    }  # fmt: skip


def together(rows: Sequence[Mapping[str, Any]], kpi: Kpi) -> dict[str, Any] | None:
    """What the days come to, the one that is not over too: so what changed between any two midnights.

    None where a day is not kept, or days of the KPI do not add up.
    """
    if not is_addable(kpi) or not all(row["state"] for row in rows):
        return None
    return pooled(kpi, [{kpi.name: row["kpi"]} for row in rows if row["kpi"]])


def as_table(rows: Sequence[Mapping[str, Any]], kpi: Kpi, currency: str) -> list[list[str]]:
    """The same for people, titles first: values with their unit."""
    table = [list(HEAD)]
    for row in rows:
        values = [(row["kpi"] or {}).get("value"), row["day_before"], row["worked_before"], row["week_before"]]
        said = [say(kpi.name, value, currency) for value in values]
        at = date.fromisoformat(row["day"])
        state = row["state"] or MISSING
        table.append([f"{at} {at:%a}", state if row["whole"] or not row["state"] else "not over", *said])
    if whole := together(rows, kpi):
        table.append(["together", "", say(kpi.name, whole["value"], currency), "", "", ""])
    return table


def as_cells(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """The same for spreadsheets: numbers, and nothing where there is none."""
    table: list[list[Any]] = [[name.replace(" ", "_") for name in HEAD]]
    for row in rows:
        compared = (row[name] for name in ("day_before", "worked_before", "week_before"))
        table.append([row["day"], row["state"], (row["kpi"] or {}).get("value"), *compared])
    return table


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(number) for number in range((last - first).days + 1))
