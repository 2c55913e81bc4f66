"""Current figures for Prometheus, read from the boards of the leases held now, at the moment of the scrape.

So a partition that was lost stops being shown at once, which stored gauges would not. The snapshot is taken in the
event loop, a few scopes at a time; turning it into text is left to a thread.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from pipeline.kernel.lease import Lease
from pipeline.organisation.minor_units import minor_digits
from pipeline.scores.figures import Figure
from pipeline.scores.kpis import BY_NAME, KPIS, Kpi, Unit
from pipeline.sinks.sink import Alert

SCOPES_AT_ONCE = 10
MOST_REPS = 5000
OTHER = "other"
UNITS: Mapping[Unit, str] = {
    "ratio": " (ratio)",
    "seconds": " (seconds)",
    "days": " (days)",
    "minor": " (major units of the currency)",
    "minor_per_day": " (major units of the currency a day)",
}
Labels = tuple[str, ...]
Samples = dict[Labels, float]


class ShownBoard(Protocol):
    """What is shown of a board."""

    @property
    def now_ms(self) -> int: ...
    def current_by_scope(self, *, reps: bool = True) -> Iterator[list[Figure]]: ...


class ShownStage(Protocol):
    """A stage that has figures to show."""

    @property
    def stage(self) -> str: ...
    @property
    def board(self) -> ShownBoard: ...
    def cut(self) -> dict[str, Any] | None: ...
    def open_alerts(self) -> Sequence[Alert]: ...
    def working(self) -> Mapping[str, bool]:
        """Whether each team that has a working calendar works now, by home."""

    def feeds(self) -> Mapping[str, int]:
        """When each source system was last heard, epoch milliseconds."""

    def missed_feeds(self) -> Mapping[tuple[str, str], bool]:
        """Whether each source system is missed by each team that expects it, by home and source."""


@dataclass(slots=True)
class Snapshot:
    """What is shown in one scrape."""

    figures: list[Figure] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    working: dict[str, bool] = field(default_factory=dict)
    heard_ms: dict[str, int] = field(default_factory=dict)
    missed: dict[tuple[str, str], bool] = field(default_factory=dict)
    cuts: dict[tuple[str, str], int] = field(default_factory=dict)
    now_ms: dict[tuple[str, str], int] = field(default_factory=dict)


class PrometheusBoards:
    """Takes snapshots of the boards of all leases held, for the health server."""

    def __init__(
        self, namespace: str, leases: Callable[[], Iterable[tuple[Lease, ShownStage]]], *, reps: bool,
        dropped: Callable[[str, int], None], most_reps: int = MOST_REPS,
    ) -> None:  # fmt: skip
        self._namespace = namespace
        self._leases = leases
        self._reps = reps
        self._dropped = dropped
        self._most_reps = most_reps
        self._known_dropped: set[str] = set()

    async def snapshot(self) -> "SnapshotCollector":
        """Called on the loop for each scrape."""
        snapshot = Snapshot()
        for lease, stage in self._leases():
            await self._look(lease, stage, snapshot)
        return SnapshotCollector(self._namespace, snapshot, self._shown_reps(snapshot.figures), reps=self._reps)

    async def _look(self, lease: Lease, stage: ShownStage, snapshot: Snapshot) -> None:
        await lease.until_settled()
        position = lease.computed
        for number, figures in enumerate(stage.board.current_by_scope(reps=self._reps), 1):
            snapshot.figures += figures
            if number % SCOPES_AT_ONCE == 0:
                await asyncio.sleep(0)
                await lease.until_settled()
        place = (stage.stage, str(lease.partition))
        snapshot.now_ms[place] = stage.board.now_ms
        snapshot.alerts += stage.open_alerts()
        snapshot.working |= stage.working()
        snapshot.missed |= stage.missed_feeds()
        for source, heard_ms in stage.feeds().items():
            snapshot.heard_ms[source] = max(heard_ms, snapshot.heard_ms.get(source, 0))
        cut = stage.cut()
        if cut is not None and lease.computed == position:
            snapshot.cuts[place] = cut["offset"]

    def _shown_reps(self, figures: Iterable[Figure]) -> frozenset[str]:
        """Scopes of reps that get series of their own: the first so many by name."""
        reps = sorted({figure.scope for figure in figures if _rep_of(figure.scope)})
        left_out = set(reps[self._most_reps :])
        if new := left_out - self._known_dropped:
            self._dropped("scope", len(new))
            self._known_dropped |= new
        return frozenset(reps[: self._most_reps])


class SnapshotCollector(Collector):
    """One snapshot as metric families; collected in a thread."""

    def __init__(self, namespace: str, snapshot: Snapshot, shown_reps: frozenset[str], *, reps: bool) -> None:
        self._namespace = namespace
        self._snapshot = snapshot
        self._shown_reps = shown_reps
        self._scope_labels = ("team", "scope", "rep", "window") if reps else ("team", "scope", "window")
        self._reps = reps

    def collect(self) -> Iterator[Metric]:
        snapshot = self._snapshot
        samples = self._of_kpis()
        for kpi in KPIS:
            text = kpi.description + UNITS.get(kpi.unit, "")
            yield self._family(f"kpi_{kpi.name}", text, self._labels(kpi), samples[kpi.name])
        alerts = {(alert.kind, alert.home, alert.scope, _rep_of(alert.scope)): 1.0 for alert in snapshot.alerts}
        yield self._family("alert_open", "Open alerts.", ("kind", "team", "scope", "rep"), alerts)
        working = {(team,): float(works) for team, works in snapshot.working.items()}
        yield self._family("working_hours", "1 within the team's working hours.", ("team",), working)
        missed = {place: float(is_missed) for place, is_missed in snapshot.missed.items()}
        yield self._family("feed_missed", "1 while the team misses the source.", ("team", "source"), missed)
        heard = {(source,): heard_ms / 1000 for source, heard_ms in snapshot.heard_ms.items()}
        yield self._family("last_event_timestamp_seconds", "When a source was last heard.", ("source",), heard)
        cuts = {place: float(offset) for place, offset in snapshot.cuts.items()}
        text = "Position in the stage's input that the figures of this scrape equal."
        yield self._family("cut_offset", text, ("stage", "partition"), cuts)
        now = {place: now_ms / 1000 for place, now_ms in snapshot.now_ms.items() if now_ms >= 0}
        text = "Now, by the clock of the log, of a partition's figures."
        yield self._family("now_timestamp_seconds", text, ("stage", "partition"), now)

    def _of_kpis(self) -> dict[str, Samples]:
        """By KPI; each figure is read once."""
        samples: dict[str, Samples] = {kpi.name: {} for kpi in KPIS}
        for figure in self._snapshot.figures:
            where = self._where(figure)
            for name, found in figure.kpis.items():
                self._place(BY_NAME[name], figure, where, found, samples[name])
        return samples

    def _labels(self, kpi: Kpi) -> Labels:
        labels = self._scope_labels
        if kpi.unit in ("minor", "minor_per_day"):
            labels = (*labels, "currency")
        if kpi.formula == "stages":
            labels = (*labels, "process", "stage")
        return labels

    def _place(self, kpi: Kpi, figure: Figure, where: Labels, found: Mapping[str, Any], samples: Samples) -> None:
        if kpi.formula == "stages":
            for name, stage in found["stages"].items():
                if stage["value"] is not None:
                    process, _, stage_id = name.partition(":")
                    _add(samples, (*where, process, stage_id), float(stage["value"]), summed=where[1] == OTHER)
            return
        value = found["value"]
        if value is None or (where[1] == OTHER and kpi.formula != "count"):
            return
        if kpi.unit in ("minor", "minor_per_day"):
            where = (*where, figure.currency)
            value = value / 10 ** minor_digits(figure.currency)
        _add(samples, where, float(value), summed=where[1] == OTHER)

    def _where(self, figure: Figure) -> Labels:
        window = figure.window if figure.kind == "rolling" else figure.kind
        rep = _rep_of(figure.scope)
        if not self._reps:
            return (figure.home, figure.scope, window)
        if rep and figure.scope not in self._shown_reps:
            return (OTHER, OTHER, OTHER, window)
        return (figure.home, figure.scope, rep, window)

    def _family(self, name: str, text: str, labels: Labels, samples: Mapping[Any, float]) -> Metric:
        family = GaugeMetricFamily(f"salespulse_{name}", text, labels=("namespace", *labels))
        for values, value in samples.items():
            family.add_metric((self._namespace, *values), value)
        return family


class Collectors(Collector):
    """Several collectors in one scrape."""

    def __init__(self, *collectors: Collector) -> None:
        self._collectors = collectors

    def collect(self) -> Iterator[Metric]:
        for collector in self._collectors:
            yield from collector.collect()


def _add(samples: Samples, where: Labels, value: float, *, summed: bool) -> None:
    samples[where] = samples.get(where, 0.0) + value if summed else value


def _rep_of(scope: str) -> str:
    return scope.removeprefix("rep:").partition("@")[0] if scope.startswith("rep:") else ""
