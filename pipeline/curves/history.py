"""What teams reached on each day that is over, as their KPI records say, with the working time of these days."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from pipeline.curves.learning import Past
from pipeline.measures import COMPANY
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.working_time import worked_ms
from pipeline.scores.home_calendar import HomeCalendar
from pipeline.scores.windows import Window, calendar_windows, window_of

TOPICS = ("kpis.scoreboard", "kpis.rollup")
KINDS = ("week", "month", "quarter", "year")
"""The kinds of periods that consist of several days."""
Days = Mapping[int, Mapping[str, int]]
"""By local day: what was reached of each KPI."""


class _Value(msgspec.Struct):
    value: float | None = None


class _Window(msgspec.Struct):
    id: str
    kind: str


class _Record(msgspec.Struct):
    scope: str
    window: _Window
    version: tuple[int, int]
    kpis: dict[str, _Value] = {}


_decode = msgspec.json.Decoder(_Record).decode


class DayRecords:
    """The days of teams, groups and the company, as the KPI topics tell them. Records may come in any order."""

    def __init__(self, scopes: Iterable[str]) -> None:
        self._scopes = frozenset(scopes)
        self._told: dict[tuple[str, str], _Record] = {}

    def take(self, key: bytes | None, value: bytes | None) -> None:
        """Take in a record; of two about one day that of the higher version holds."""
        scope, _, window = (key or b"").decode().partition("|")
        if scope not in self._scopes or not window.startswith("day:"):
            return
        if value is None:
            self._told.pop((scope, window), None)
            return
        record, known = _decode(value), self._told.get((scope, window))
        if known is None or record.version >= known.version:
            self._told[scope, window] = record

    def days(self, scope: str, organisation: Organisation) -> dict[int, dict[str, int]]:
        """What a scope reached on each day of which there is a record; a KPI of which there was nothing is left out."""
        rules = HomeCalendar(organisation).period_rules(scope)
        found: dict[int, dict[str, int]] = {}
        for (name, window_id), record in self._told.items():
            window = window_of(window_id, rules) if name == scope else None
            if window is not None:
                kpis = {kpi: round(told.value) for kpi, told in record.kpis.items() if told.value}
                found[window.first_day] = kpis
        return found


def aims(organisation: Organisation) -> dict[str, set[tuple[str, str]]]:
    """By scope that shows a target: the KPIs and kinds of periods for which it ever had one."""
    found: dict[str, set[tuple[str, str]]] = {}
    for _, target in organisation.records("target"):
        team, kpi, kind = (target.get(name) for name in ("team_id", "kpi", "period"))
        if team is not None and kpi is not None and kind in KINDS:
            found.setdefault(scope_of(team, organisation), set()).add((kpi, kind))
    return found


def scope_of(team: str, organisation: Organisation) -> str:
    """The scope that shows the target of a team."""
    if team == COMPANY:
        return COMPANY
    return f"group:{team}" if organisation.children(team) else f"team:{team}"


def past_of(scope: str, wanted: Iterable[tuple[str, str]], days: Days, organisation: Organisation) -> Past:
    """The periods of a scope that are over and wholly known, by its present hours; empty where nobody works."""
    found, calendar = Past(), HomeCalendar(organisation)
    hours, today = calendar.hours(scope), calendar.local_day(scope, organisation.now_ms)
    wanted = sorted(wanted)
    if hours is None or not days:
        return found
    first, kinds = min(days), {kind for _, kind in wanted}
    found.aim = [{"scope": scope, "kpi": kpi, "kind": kind} for kpi, kind in wanted]
    found.period = [
        {"scope": scope, "kind": each.kind, "first_day": each.first_day, "last_day": each.last_day}
        for each in _over(first, today, calendar, scope)
        if each.kind in kinds
    ]
    zones = calendar.zone_rules(scope)
    for day in range(first, today):
        span = calendar.day_start_ms(scope, day), calendar.day_start_ms(scope, day + 1)
        found.worked.append({"scope": scope, "day": day, "work_ms": worked_ms(hours, zones, *span)})
        for kpi in sorted({kpi for kpi, _ in wanted}):
            if amount := days.get(day, {}).get(kpi):
                found.amount.append({"scope": scope, "kpi": kpi, "day": day, "amount": amount})
    return found


def _over(first: int, today: int, calendar: HomeCalendar, scope: str) -> Iterator[Window]:
    rules = calendar.period_rules(scope)
    windows = {window for day in range(first, today) for window in calendar_windows(day, rules)}
    return (each for each in sorted(windows) if first <= each.first_day and each.last_day < today)
