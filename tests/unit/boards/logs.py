"""Facts, parts and organisation copies as they lie in a log, for folding them without a broker."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.engine.changelog.log_record import Shard, SnapshotStart, decode, encode
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.store import Store
from pipeline.scores.board import BoardPolicy
from pipeline.scores.definition import DEFINITION, Definition
from pipeline.scores.figures import Figure
from schemas import blocks, control, facts
from schemas.blocks import Block
from schemas.control import Control, Position

PARTITIONS = 1
WEEK: dict[str, Any] = {day: [["09:00", "17:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
"""On weekdays from nine to five."""


@dataclass(frozen=True)
class LogRecord:
    """One record of a log."""

    offset: int
    value: bytes | None
    timestamp: int = 0
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


def at(text: str, zone: str = "UTC") -> int:
    """Epoch milliseconds of a local time, `2026-11-23 09:30`."""
    local = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    return int(local.astimezone(UTC).timestamp() * 1000)


def day(text: str) -> int:
    """The ordinal of a date."""
    return date.fromisoformat(text).toordinal()


def cell(team: str, rep: str, when_ms: int, zone: str = "UTC", **measures: int) -> facts.Cell:
    """A cell of something that happened at an instant."""
    local = datetime.fromtimestamp(when_ms / 1000, ZoneInfo(zone)).date()
    return (team, rep, local.toordinal(), when_ms // 60_000, measures)


@dataclass
class FactsLog:
    """A facts partition: records with rising offsets, from one source partition."""

    records: list[LogRecord] = field(default_factory=list)
    source_offset: int = 0

    def add(self, now_ms: int, *cells: facts.Cell, feeds: dict[str, int] | None = None) -> LogRecord:
        """Append one record with one entry; without cells it only carries the clock. Its feeds serve its teams."""
        self.source_offset += 1
        entries = [facts.Entry(self.source_offset, 0, True, list(cells))] if cells else []
        served = {source: {team: at_ms for team, *_ in cells} for source, at_ms in (feeds or {}).items()}
        packed = facts.pack(facts.Facts(1, "crm.events", 0, now_ms, feeds or {}, entries, served))
        return self.append(packed)

    def organise(self, subject: str, payload: dict[str, Any] | None) -> LogRecord:
        """Append a copy of an organisation record."""
        position = Position(len(self.records), 0)
        copy = Control("org.changes", 0, position, 0, "org", subject, subject, payload)
        return self.append(control.pack(copy), ((control.KIND_HEADER, control.ORG),))

    def organise_all(self, records: dict[str, dict[str, Any]]) -> list[LogRecord]:
        """Append blocks of copies, as the whole organisation is sent again."""
        headers = ((control.KIND_HEADER, control.BLOCK),)
        return [
            self.append(blocks.pack(Block("org.changes", 0, Position(len(self.records), 0), 0, packed)), headers)
            for packed in blocks.cut(sorted(records.items()))
        ]

    def append(self, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> LogRecord:
        """Append a record as it is."""
        record = LogRecord(len(self.records), value, headers=headers)
        self.records.append(record)
        return record

    def employ(self, team: str, *reps: str) -> None:
        """Append a team in UTC that works by `WEEK`, and reps who belong to it."""
        self.organise(f"team:{team}", {"time_zones": [[None, "UTC"]], "calendar": WEEK})
        for rep in reps:
            self.organise(f"rep:{rep}", {"active": True})
            self.organise(f"membership:{rep}", {"rep_id": rep, "team_id": team})


def scoreboard(
    store: Store | None = None,
    policy: BoardPolicy | None = None,
    definition: Definition = DEFINITION,
    alerts: AlertPolicy | None = None,
) -> Scoreboard:
    """A restored scoreboard, on an empty store if none is given."""
    stage = Scoreboard(0, store or Store(), PARTITIONS, policy, definition, alerts)
    list(stage.restore())
    return stage


def rollup(store: Store | None = None) -> Rollup:
    """A restored rollup, on an empty store if none is given."""
    stage = Rollup(0, store or Store(), PARTITIONS)
    list(stage.restore())
    return stage


def fold(stage: Scoreboard | Rollup, records: Iterable[Record]) -> None:
    """Fold records as one batch."""
    batch = list(records)
    list(stage.fold(batch))
    if batch:
        stage.store.position = batch[-1].offset


def reread(store: Store) -> Store:
    """The store as another worker reads it from the state log."""
    held = decode(encode(Shard(0, 0, True, 0, dict(store.items()))))
    said = decode(encode(SnapshotStart(0, 0, 0, store.scalars)))
    assert isinstance(held, Shard)
    assert isinstance(said, SnapshotStart)
    copy = Store()
    copy.apply(held.entries)
    copy.scalars = said.scalars
    copy.position = store.position
    return copy


def values(figures: Iterable[Figure], kpi: str = "calls") -> dict[tuple[str, str], Any]:
    """The value of one KPI by scope and window."""
    return {(f.scope, f.window): f.kpis[kpi]["value"] for f in figures if kpi in f.kpis}


def send_on(sends: Iterable[Send], log: list[LogRecord]) -> list[LogRecord]:
    """Append what a scoreboard sent to a parts log; return the new records."""
    start = len(log)
    for send in sends:
        log.append(LogRecord(len(log), send.value))
    return log[start:]


class TwoReps:
    """A scoreboard with reps 1 and 2 of team north, in UTC."""

    def __init__(self) -> None:
        self.log = FactsLog()
        self.log.employ("north", "1", "2")
        self.board = scoreboard()
        fold(self.board, self.log.records)
