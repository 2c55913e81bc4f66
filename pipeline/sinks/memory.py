"""Live values in memory: for tests and small programs. It passes the same contract suite as the real sinks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import json

from pipeline.scores.figures import record
from pipeline.sinks.sink import Batch, Bookmark, Deposed, Owner, Shown, SinkDown, Survey


@dataclass(slots=True)
class MemoryHome:
    """What is held of one home, and who wrote it."""

    owner: tuple[int, int]
    published: int = -1
    figures: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    recognition: dict[str, dict[str, Any]] = field(default_factory=dict)


class MemorySink:
    """A sink that keeps everything in `homes`. `down` makes it fail; `forget` is a flush."""

    name = "memory"
    carries_parts = False

    def __init__(self, *, fast: bool = True) -> None:
        self.fast = fast
        self.homes: dict[str, MemoryHome] = {}
        self.cuts: dict[tuple[str, int], dict[str, Any]] = {}
        self.down = False
        self._surveyed: set[Owner] = set()

    def figure(self, scope: str, window: str) -> dict[str, Any] | None:
        """The figure that a reader sees."""
        found = [home.figures[scope, window] for home in self.homes.values() if (scope, window) in home.figures]
        return found[0] if found else None

    def forget(self) -> None:
        """Lose everything, as a flushed server does."""
        self.homes.clear()

    async def survey(self, owner: Owner, bookmark: Bookmark, shown: Shown) -> Survey:
        self._check(owner, shown)
        first = owner not in self._surveyed
        self._surveyed.add(owner)
        missing = [home for home in shown if home not in self.homes or self.homes[home].published < 0]
        return Survey(bookmark, bookmark.published if first else None, frozenset(missing))

    async def write(self, owner: Owner, bookmark: Bookmark, batch: Batch) -> Bookmark:
        alerts = (*batch.alerts, *(batch.open_alerts or ()))
        told = (*batch.recognition, *(batch.all_recognition or ()))
        beside = {alert.home for alert in alerts} | {each.home for each in told}
        names = sorted({figure.home for figure in batch.figures} | beside)
        self._check(owner, names)
        for name in names:
            home = self.homes.setdefault(name, MemoryHome(owner[2:]))
            home.owner = owner[2:]
            home.published = batch.position if batch.complete else home.published
            if batch.open_alerts is not None:
                home.alerts.clear()
            if batch.all_recognition is not None:
                home.recognition.clear()
        self._keep(batch)
        if batch.cut is not None:
            self.cuts[owner[:2]] = batch.cut
        return Bookmark(batch.position, now_ms=batch.now_ms) if batch.complete else bookmark

    def missing(self) -> Sequence[str]:
        return (f"{self.name} is down",) if self.down else ()

    async def close(self) -> None:
        """Nothing is open."""

    def _check(self, owner: Owner, homes: Iterable[str]) -> None:
        if self.down:
            raise SinkDown("memory: told to be down")
        for home in homes:
            if home in self.homes and self.homes[home].owner > owner[2:]:
                raise Deposed(f"{home} is held by (generation, epoch) {self.homes[home].owner}")

    def _keep(self, batch: Batch) -> None:
        for figure in batch.figures:
            figures = self.homes[figure.home].figures
            if figure.gone:
                figures.pop((figure.scope, figure.window), None)
            else:
                key = figure.scope, figure.window
                shown = json.decode(record(figure))
                before = figures.get(key, {}).get("kpis", {})
                figures[key] = {**shown, "kpis": shown["kpis"] if figure.whole else {**before, **shown["kpis"]}}
        for alert in (*(batch.open_alerts or ()), *batch.alerts):
            alerts = self.homes[alert.home].alerts
            if alert.is_open:
                alerts[alert.id] = alert.record()
            else:
                alerts.pop(alert.id, None)
        for each in (*(batch.all_recognition or ()), *batch.recognition):
            if each.stands:
                self.homes[each.home].recognition[each.id] = each.record()
            else:
                self.homes[each.home].recognition.pop(each.id, None)
