"""Current figures for Prometheus, read from the boards of the leases held now, at the moment of the scrape.

So a partition that was lost stops being shown at once, which stored gauges would not. Figures are read in the event
loop, some milliseconds at a time: the boards change only there, and a copy of them for a thread would cost as much as
reading them does. Lines are kept, so most scrapes read little; putting them together and packing them is left to a
thread.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, get_args

from prometheus_client.registry import Collector

from pipeline import clock
from pipeline.kernel.lease import Lease, LeaseOverError
from pipeline.kernel.time_slice import TURN_SECONDS
from pipeline.monitoring.exposition import Gauges, gauges
from pipeline.organisation.minor_units import minor_digits
from pipeline.scores.definition import Definition
from pipeline.scores.goal_readings import GoalBoard, GoalReading, goal_readings
from pipeline.scores.kpi_table import WAITING
from pipeline.scores.kpis import KPIS
from pipeline.scores.readings import Choice
from pipeline.scores.usual_readings import UsualBoard, UsualReading, usual_readings
from pipeline.scores.waiting import first_waiting
from pipeline.sinks.alert_gauges import Told, alert_gauges
from pipeline.sinks.freshness import is_present
from pipeline.sinks.kept_lines import Kept, KeptLines, ShownBoard
from pipeline.sinks.sink import Alert
from schemas.recognition import TAKEN_BACK, AchievementKind, ContestState

MOST_SERIES = 1_000_000
"""So many series of reps a worker shows at most: some 60,000 reps with the KPIs and windows shown by default."""
Place = tuple[str, str]
KINDS: tuple[str, ...] = get_args(AchievementKind)
STANDING = "standing"
STATES = tuple(state for state in get_args(ContestState) if state != TAKEN_BACK)
MONEY = frozenset(kpi.name for kpi in KPIS if kpi.unit == "minor")


class WholeBoard(ShownBoard, GoalBoard, UsualBoard, Protocol):
    """What is shown of a board, goals and what is usual too."""

    @property
    def definition(self) -> Definition: ...


class ShownStage(Protocol):
    """A stage that has figures to show."""

    @property
    def stage(self) -> str: ...
    @property
    def board(self) -> WholeBoard: ...
    def cut(self) -> dict[str, Any] | None: ...
    def open_alerts(self) -> Sequence[Alert]: ...
    def working(self) -> Mapping[str, bool]:
        """Whether each team that has a working calendar works now, by home."""

    def feeds(self) -> Mapping[str, int]:
        """When each source system was last heard, epoch milliseconds."""

    def missed_feeds(self) -> Mapping[tuple[str, str], bool]:
        """Whether each source system is missed by each team that expects it, by home and source."""

    def recognised(self) -> Mapping[tuple[str, str], int]:
        """How many contests and achievements were told, by kind and state."""


@dataclass(slots=True)
class Snapshot:
    """What is shown in one scrape."""

    figures: list[Kept] = field(default_factory=list)
    goals: list[tuple[str, GoalReading]] = field(default_factory=list)
    """With the currency of their money."""
    usual: list[UsualReading] = field(default_factory=list)
    waiting_since: dict[tuple[str], int] = field(default_factory=dict)
    """When the one called who has waited longest, seconds since the epoch, by the scope; none where nobody waits."""
    alerts: list[Told] = field(default_factory=list)
    working: dict[Place, bool] = field(default_factory=dict)
    """By team and partition."""
    heard_ms: dict[str, int] = field(default_factory=dict)
    missed: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    """By team, source and partition."""
    recognised: Counter[tuple[str, str]] = field(default_factory=Counter)
    cuts: dict[Place, int] = field(default_factory=dict)
    now_ms: dict[Place, int] = field(default_factory=dict)


class BoardScrape:
    """What one path shows of the boards of all leases held: the figures of a choice, and of which position they are.

    Unless it is of reps, what else the stages tell is shown too; what they say of now only while that is the present.
    """

    def __init__(
        self, namespace: str, leases: Callable[[], Iterable[tuple[Lease, ShownStage]]], choice: Choice, *,
        dropped: Callable[[str, int], None], most_series: int = MOST_SERIES, turn_seconds: float = TURN_SECONDS,
        clock_ms: Callable[[], int] = clock.now_ms,
    ) -> None:  # fmt: skip
        self._namespace = namespace
        self._leases = leases
        self._reps = choice.reps
        self._dropped = dropped
        self._most = most_series // max(choice.most_series, 1)
        self._known_left_out = 0
        self._clock_ms = clock_ms
        self._lines = KeptLines(namespace, choice, turn_seconds)

    async def page(self, own: Collector | None = None) -> "BoardPage":
        """Called on the loop for each scrape; `own` are the worker's own metrics."""
        leases, snapshot = list(self._leases()), Snapshot()
        self._lines.forget([lease for lease, _ in leases])
        left_out = 0
        for lease, stage in leases:
            with suppress(LeaseOverError):  # It is another worker's now.
                left_out += await self._look(lease, stage, snapshot)
        if left_out > self._known_left_out:
            self._dropped("scope", left_out - self._known_left_out)
            self._known_left_out = left_out
        return BoardPage(self._namespace, self._lines, snapshot, own, reps=self._reps)

    async def _look(self, lease: Lease, stage: ShownStage, snapshot: Snapshot) -> int:
        most = max(self._most - len(snapshot.figures), 0)
        seen, left_out = await self._lines.see(lease, stage.board, most)
        snapshot.figures += seen.kept
        place = (stage.stage, str(lease.partition))
        snapshot.now_ms[place] = stage.board.now_ms
        cut = stage.cut()
        if cut is not None and seen.whole:
            snapshot.cuts[place] = cut["offset"]
        if not self._reps:
            board = stage.board
            snapshot.goals += ((board.currency, each) for each in goal_readings(board, board.shown(reps=False)))
            if board.definition.table.usual:
                snapshot.usual += usual_readings(board, board.shown(reps=False))
            self._look_beside(stage, str(lease.partition), snapshot)
        return left_out

    def _look_beside(self, stage: ShownStage, partition: str, snapshot: Snapshot) -> None:
        snapshot.recognised.update(stage.recognised())
        for source, heard_ms in stage.feeds().items():
            snapshot.heard_ms[source] = max(heard_ms, snapshot.heard_ms.get(source, 0))
        if not is_present(stage.board.now_ms, self._clock_ms()):
            return
        snapshot.waiting_since |= _waiting_since(stage.board)
        snapshot.alerts += ((partition, alert) for alert in stage.open_alerts())
        snapshot.working |= {(team, partition): works for team, works in stage.working().items()}
        snapshot.missed |= {(*at, partition): is_missed for at, is_missed in stage.missed_feeds().items()}


class BoardPage:
    """One scrape of the boards; written in a thread."""

    def __init__(
        self, namespace: str, lines: KeptLines, snapshot: Snapshot, own: Collector | None, *, reps: bool
    ) -> None:
        self.own = own
        self._namespace = namespace
        self._lines = lines
        self._snapshot = snapshot
        self._reps = reps

    def families(self) -> Iterator[Gauges]:
        """The KPIs, whether there is a figure of them or not, and what is told beside them."""
        snapshot = self._snapshot
        yield from self._lines.families(snapshot.figures)
        if not self._reps:
            yield from self._beside()
        text = "Position in the stage's input that the figures of this scrape equal."
        yield self._gauges("cut_offset", text, ("stage", "partition"), snapshot.cuts)
        now = {place: now_ms / 1000 for place, now_ms in snapshot.now_ms.items() if now_ms >= 0}
        text = "Now, by the clock of the log, of a partition's figures."
        yield self._gauges("now_timestamp_seconds", text, ("stage", "partition"), now)

    def _beside(self) -> Iterator[Gauges]:
        snapshot = self._snapshot
        yield from self._goals()
        yield from self._usual()
        text = "When the caller called who has waited longest of those who wait now."
        yield self._gauges("longest_wait_since_timestamp_seconds", text, ("team",), snapshot.waiting_since)
        yield from alert_gauges(self._namespace, snapshot.alerts)
        text = "1 within the team's working hours."
        yield self._gauges("team_at_work", text, ("team", "partition"), snapshot.working)
        text = "1 while the team misses the source."
        yield self._gauges("feed_missed", text, ("team", "source", "partition"), snapshot.missed)
        achieved = {(kind,): snapshot.recognised[kind, STANDING] for kind in KINDS}
        yield self._gauges("achievements", "Achievements that stand.", ("kind",), achieved)
        contests = {(state,): snapshot.recognised["contest", state] for state in STATES}
        yield self._gauges("contests", "Contests, by how they stand.", ("state",), contests)
        heard = {(source,): heard_ms / 1000 for source, heard_ms in snapshot.heard_ms.items()}
        yield self._gauges("last_event_timestamp_seconds", "When a source was last heard.", ("source",), heard)

    def _goals(self) -> Iterator[Gauges]:
        """Of teams and all larger scopes, in their current windows; money in main units."""
        shares, targets, projections = [], [], []
        for currency, goal in self._snapshot.goals:
            labels = {"namespace": self._namespace, "team": goal.scope, "kpi": goal.kpi, "window": goal.window}
            if goal.share is not None:
                shares.append((labels, goal.share))
            unit = 10 ** minor_digits(currency) if goal.kpi in MONEY else 1
            amount = {**labels, "currency": currency} if goal.kpi in MONEY else labels
            targets.append((amount, goal.target / unit))
            if goal.projection is not None:
                projections.append((amount, goal.projection / unit))
        yield gauges("salespulse_goal_attainment_ratio", "Share of a target that is reached.", shares)
        yield gauges("salespulse_goal_target", "Targets of current windows.", targets)
        yield gauges("salespulse_goal_projection", "What is reached in the end if it goes on like this.", projections)

    def _usual(self) -> Iterator[Gauges]:
        told = {(each.scope, each.kpi): each for each in self._snapshot.usual}
        text = "Activities that a team usually has: by now, or in this hour."
        for name, of, part in (
            ("activities_usual", "", "value"),
            ("activities_usual_low", " The lower end of the band around it.", "low"),
            ("activities_usual_high", " The upper end of it.", "high"),
        ):
            found = {at: getattr(each, part) for at, each in told.items()}
            yield self._gauges(name, f"{text}{of}", ("team", "kpi"), found)

    def _gauges(self, name: str, text: str, labels: tuple[str, ...], samples: Mapping[Any, float]) -> Gauges:
        names = ("namespace", *labels)
        labelled = ((dict(zip(names, (self._namespace, *at), strict=True)), value) for at, value in samples.items())
        return gauges(f"salespulse_{name}", text, labelled)


def _waiting_since(board: WholeBoard) -> Iterator[tuple[tuple[str], int]]:
    """Of teams and all larger scopes, of those with callers who wait."""
    for scope in board.shown(reps=False):
        asked = scope is scope.home.total and WAITING in scope.home.families
        if asked and (first := first_waiting(scope, board.minute)) is not None:
            yield (scope.name,), first
