"""A sales floor in memory: the source logs of one partition, and scoreboard and rollup behind them."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.scores.figures import Figure, State
from tests.unit.boards.logs import LogRecord, fold, rollup, scoreboard
from tests.unit.ledger.world import World, event, organisation

Key = tuple[str, str, str]
"""Scope, id of the window, and KPI."""


def ms(text: str, zone: str = "UTC") -> int:
    """Epoch milliseconds of a local time, `2025-11-03T14:00`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def berlin(text: str) -> int:
    """Epoch milliseconds of a local time in Berlin, where the company and team north are."""
    return ms(text, "Europe/Berlin")


NOW = berlin("2025-11-03T14:00")
"""A Monday."""
TODAY = "day:2025-11-03"


class Floor:
    """A `World` of one partition whose facts go on to a scoreboard, and its parts to a rollup."""

    def __init__(self, org: Iterable[dict[str, Any]] | None = None, *, now_ms: int | None = None) -> None:
        self.world = World(partitions=1)
        if now_ms is not None:
            self.world.now_ms = now_ms
        self.board, self.larger = scoreboard(), rollup()
        self._read = {"facts": 0, "parts": 0}
        self._parts: list[LogRecord] = []
        self.world.play(organisation() if org is None else org)
        self.feed()

    def at(self, now_ms: int, *events: dict[str, Any]) -> "Floor":
        """Time goes on to `now_ms`, then these events arrive."""
        self.world.now_ms = now_ms
        self.world.tick()
        self.world.produce(events)
        return self.feed()

    def live_through(self, events: Iterable[dict[str, Any]], now_ms: int) -> "Floor":
        """Events in the order of their times, each told when it happened, up to `now_ms`."""
        for each in sorted(events, key=lambda each: str(each["time"])):
            self.world.now_ms = max(self.world.now_ms, int(datetime.fromisoformat(each["time"]).timestamp() * 1000))
            self.world.produce([each])
        return self.feed().at(now_ms)

    def feed(self) -> "Floor":
        """Fold all that is waiting, through every stage."""
        self.world.run()
        fold(self.board, self._new("facts"))
        start = len(self._parts)
        for copy in self._new("parts"):
            self._part(copy.value, copy.headers)
        for send in self.board.take_parts():
            self._part(send.value, ())
        fold(self.larger, self._parts[start:])
        return self

    def _part(self, value: bytes | None, headers: Any) -> None:
        self._parts.append(LogRecord(len(self._parts), value, headers=headers))

    def _new(self, topic: str) -> list[LogRecord]:
        log = self.world.logs.get((topic, 0), [])
        start, self._read[topic] = self._read[topic], len(log)
        return [LogRecord(r.offset, r.value, r.timestamp, r.key, r.headers) for r in log[start:]]

    def figures(self) -> dict[Key, Any]:
        """The KPIs of all windows that now lies in."""
        return {
            (figure.scope, figure.window, kpi): value
            for stage in (self.board, self.larger)
            for figure in stage.board.current()
            for kpi, value in figure.kpis.items()
        }

    def value(self, window: str, kpi: str, scope: str = "team:north") -> Any:
        """The value of one KPI in a current window; None where it is not given."""
        return self.figures().get((scope, window, kpi), {}).get("value")

    def taken(self) -> list[Figure]:
        """The figures of all windows, as a sink that holds nothing gets them."""
        found: list[Figure] = []
        for stage in (self.board, self.larger):
            list(stage.board.marking.since(None))
            found += [figure for figure in stage.board.take(slow=True) if not figure.gone]
        return found

    def all_figures(self) -> dict[Key, Any]:
        """The KPIs of all windows, past ones too."""
        return {(f.scope, f.window, kpi): value for f in self.taken() for kpi, value in f.kpis.items()}

    def past(self, window: str, kpi: str, scope: str = "team:north") -> Any:
        """The value of one KPI in any window; None where it is not given."""
        return self.all_figures().get((scope, window, kpi), {}).get("value")

    def state(self, window: str, scope: str = "team:north") -> State:
        """The state of a window."""
        return next(f.state for f in self.taken() if (f.scope, f.window) == (scope, window))

    def alerts(self) -> set[str]:
        """The ids of the alerts that are open."""
        return {alert.id for alert in self.board.open_alerts()}

    def watch(self, moments: Iterable[int], happens: Callable[[int], Iterable[dict[str, Any]]]) -> dict[str, int]:
        """Let what happens at each moment happen; the alerts that were open at any, with the first such moment."""
        first: dict[str, int] = {}
        for moment in moments:
            self.at(moment, *happens(moment))
            for alert in self.alerts():
                first.setdefault(alert, moment)
        return first

    def measures(self, *names: str) -> dict[tuple[str, str, str], int]:
        """The sums of some measures over all days by team and rep, without zeros; what the facts add up to."""
        found: dict[tuple[str, str, str], int] = {}
        for (team, rep, _, _), sums in self.world.total().items():
            for name in names:
                if name in sums:
                    found[team, rep, name] = found.get((team, rep, name), 0) + sums[name]
        return {place: amount for place, amount in found.items() if amount}


def call(name: str, at_ms: int, /, *, rep: str = "rep-01", source: str = "dialer", **data: Any) -> dict[str, Any]:
    """An outbound call that a person answered and that began, and is told of, at `at_ms`."""
    known: dict[str, Any] = {"rep_id": rep, "direction": "outbound", "outcome": "answered", "started_at": at_ms}
    return event("call", name, at_ms, source=source, **(known | data))


def deal(name: str, time_ms: int, stage: str, /, **data: Any) -> dict[str, Any]:
    """A deal of rep-01 that was created a day before."""
    known: dict[str, Any] = {"owner_id": "rep-01", "stage_id": stage, "created_at": time_ms - 86_400_000}
    return event("deal", name, time_ms, **(known | data))


def with_time(told: dict[str, Any], field: str, text: str) -> dict[str, Any]:
    """An event with one of its times as this very text."""
    return json.loads(json.dumps({**told, "data": {**told["data"], field: text}}))  # type: ignore[no-any-return]
