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
from pipeline.views.readings import Reading, WindowReading
from pipeline.views.usual_day import ACTIVITIES, DAY, DAYS_BEFORE, WorkDays, has_usual_day, said, usual_day
from pipeline.views.wording import MISSING, say

HEAD = ("day", "state", "value", "day before", "worked before", "week before", "target", "usual whole day")
CELLS = (*(title.replace(" ", "_") for title in HEAD), "usual_low", "usual_high")
COMPARED = ("day_before", "worked_before", "week_before")
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
    earlier = None if begin is None else date.fromordinal(max(begin.toordinal() - DAYS_BEFORE, 1))
    bound = None if earlier is None else (earlier.year, earlier.month, earlier.day)
    return AskedSeries(BY_NAME[kpi], begin, Asked("", DAY, bound, question.last))


def rows_of(reading: Reading, kept: Iterable[str], question: AskedSeries, work: WorkDays) -> list[dict[str, Any]]:
    """A row a day, without gaps: the KPI, and its value on the day before, the last worked one and a week before.

    A day that is not kept has no state. The one that is not over, the last one kept, is not whole: it is compared with
    none. Worked are the days with any activity. `target` is that of the day, and `usual_whole_day` what is usual of a
    whole one, whether the day is over or not. `work` are the days of the reading.
    """
    told = {date.fromisoformat(each.id.partition(":")[2]): each for each in reading.windows.values()}
    if not told:
        return []
    today = max((date.fromisoformat(id_.partition(":")[2]) for id_ in kept if id_.startswith(f"{DAY}:")), default=None)
    values = {day: window.kpis.get(question.kpi.name, {}).get("value") for day, window in told.items()}
    worked = sorted(day for day, window in told.items() if (window.kpis.get(ACTIVITIES, {}).get("value") or 0) > 0)
    usually = has_usual_day(question.kpi) and any(question.kpi.name in each.kpis for each in told.values())
    rows = []
    for day in _days(max(min(told), question.first or date.min), max(told)):
        window = told.get(day)
        before = [day - timedelta(1), max((each for each in worked if each < day), default=None), day - timedelta(7)]
        compared = [None if each is None or day == today else values.get(each) for each in before]
        usual = usual_day(question.kpi, work.before(day.toordinal())) if usually else None
        rows.append({
            "day": day.isoformat(),
            "state": window.state if window else None,
            "whole": window is not None and day != today,
            "kpi": window.kpis.get(question.kpi.name) if window else None,
            **dict(zip(COMPARED, compared, strict=True)),
            "target": _target(window, question.kpi.name),
            "usual_whole_day": usual,
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
        values = [(row["kpi"] or {}).get("value"), *(row[name] for name in COMPARED), row["target"]]
        cells = [say(kpi.name, value, currency) for value in values]
        at = date.fromisoformat(row["day"])
        state = row["state"] or MISSING
        state = state if row["whole"] or not row["state"] else "not over"
        table.append([f"{at} {at:%a}", state, *cells, said(kpi.name, row["usual_whole_day"], currency)])
    if whole := together(rows, kpi):
        table.append(["together", "", say(kpi.name, whole["value"], currency), *[""] * (len(HEAD) - 3)])
    return table


def as_cells(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """The same for spreadsheets: numbers, and nothing where there is none."""
    table: list[list[Any]] = [list(CELLS)]
    for row in rows:
        compared, usual = (row[name] for name in COMPARED), row["usual_whole_day"] or {}
        band = (usual.get(name) for name in ("value", "low", "high"))
        table.append([row["day"], row["state"], (row["kpi"] or {}).get("value"), *compared, row["target"], *band])
    return table


def _target(window: WindowReading | None, kpi: str) -> float | None:
    """What is due on a day of the target that it has itself; those of weeks and months are not cut into days."""
    goals: Mapping[str, Any] = window.kpis.get("goal_attainment", {}).get("goals", {}) if window else {}
    target: float | None = goals.get(kpi, {}).get("denominator")
    return target


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(number) for number in range((last - first).days + 1))
