"""All five stages in one process, each fed by what the one before sends; logs are let go once they were read."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Send
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.repository import WARM_BYTES
from pipeline.ledger.roster import Roster, RosterPolicy
from schemas.cloud_events import ContentError, batch_of
from schemas.control import FORWARDED, TICK, control_kind
from schemas.dead_letters import read_arrival
from tests.harness.any_records import Given
from tests.harness.proofs import PROOFS, signed
from tests.unit.boards.logs import reread
from tests.unit.ledger.world import LogRecord

SOURCES = {"crm.events": "crm", "telephony.events": "telephony", "org.changes": "org"}
Place = tuple[str, int]
LARGEST_STORED_BYTES = 16 << 10
"""No value in the state is larger: links and history beyond 4 KB lie apart, in blocks of at most so much."""
LARGEST_BYTES = {
    "sent to facts": 300_000, "sent to parts": 300_000, "sent to crm.events": 64 << 10,
    "sent to telephony.events": 64 << 10, "sent to org.changes": 128 << 10, "sent to dead-letters": 128 << 10,
    "figure": 205_000, "decoded": WARM_BYTES + LARGEST_STORED_BYTES,
}  # fmt: skip
"""As docs/limits.md says; of values in the state, see above."""
TICK_RECORDS = 500
"""After so many records every source log has a tick."""


@dataclass
class Outcomes:
    """What the folds of the source logs say became of their records."""

    accepted: int = 0
    duplicates: int = 0
    tombstones: int = 0
    forwards: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def named(self) -> Counter[str]:
        """All of them by name."""
        counted = Counter(
            accepted=self.accepted, duplicate=self.duplicates, forwarded=self.forwards, tombstone=self.tombstones
        )
        return counted + self.reasons

    def saw_event(self, _source: str, _event_type: str, count: int = 1, /) -> None:
        """As `IntakeMetrics` says."""
        self.accepted += count

    def saw_old(self, _source: str, _count: int, /) -> None:
        """As `IntakeMetrics` says: they are among those accepted."""

    def refused(self, reason: str, /) -> None:
        """As `IntakeMetrics` says."""
        self.reasons[reason] += 1

    def saw_tombstone(self) -> None:
        """As `IntakeMetrics` says."""
        self.tombstones += 1

    def saw_duplicate(self) -> None:
        """As `IntakeMetrics` says."""
        self.duplicates += 1

    def forwarded(self) -> None:
        """As `IntakeMetrics` says."""
        self.forwards += 1


@dataclass
class Largest:
    """The largest of anything that came about, in bytes or numbers."""

    sent: dict[str, int] = field(default_factory=dict)
    """By topic: the largest value of a record."""
    stored: dict[str, int] = field(default_factory=dict)
    """By topic read: the largest value in the state."""
    figure: int = 0
    decoded: int = 0
    """Stored forms of the objects kept decoded."""

    def named(self) -> dict[str, int]:
        """All of them by name."""
        sent = {f"sent to {topic}": size for topic, size in self.sent.items()}
        stored = {f"stored of {topic}": size for topic, size in self.stored.items()}
        return {**sent, **stored, "figure": self.figure, "decoded": self.decoded}

    def of(self, table: dict[str, int], name: str, size: int) -> None:
        """Note one size."""
        table[name] = max(table.get(name, 0), size)


class Chain:
    """Roster, ledgers, scoreboards and rollups of so many partitions. `feed` takes records to source logs."""

    def __init__(self, partitions: int = 2, batch: int = 200) -> None:
        self.partitions = partitions
        self.outcomes = Outcomes()
        self.largest = Largest()
        self.events = self.odd_controls = self.refused = self.passed_on = 0
        """Records that came as events and as control records; events that became dead letters; those passed on."""
        self._in_batches = 0
        """How many more events there were than records: an empty batch is a record without one."""
        self._place: Place = ("", 0)
        self._controls: set[int] = set()
        self.changed_bytes = self.appended = 0
        self._batch = batch
        self._waiting: dict[Place, deque[LogRecord]] = {}
        self._next: Counter[Place] = Counter()
        self._now_ms = 0
        self._stores: dict[Place, Store] = {}
        topics = (*SOURCES, "facts", "parts")
        self.stages = {(topic, n): self._stage(topic, n, Store()) for topic in topics for n in range(partitions)}

    def _stage(self, topic: str, n: int, store: Store) -> Roster | Ledger | Scoreboard | Rollup:
        stage: Roster | Ledger | Scoreboard | Rollup
        if topic == "org.changes":
            stage = Roster(n, self.partitions, store, RosterPolicy(), PROOFS, self.outcomes)
        elif topic in SOURCES:
            stage = Ledger(SOURCES[topic], topic, n, self.partitions, store, LedgerPolicy(), PROOFS, self.outcomes)
        else:
            stage = (Scoreboard if topic == "facts" else Rollup)(n, store, self.partitions)
            stage.board.generation = 1
        for _ in stage.restore() or ():
            pass
        self._stores[topic, n] = store
        return stage

    def feed(self, records: Iterable[Given]) -> None:
        """Append records to source logs, and let all stages work them off, with what follows from them."""
        for number, record in enumerate(records, 1):
            self.odd_controls += control_kind(record.headers) is not None
            self._now_ms = max(self._now_ms, record.append_ms)
            owner = partition_of((record.key or b"").decode(errors="replace"), self.partitions)
            place = record.topic, (owner + record.astray) % self.partitions
            self._append(place, record.value, record.key, record.headers, record.append_ms)
            if number % TICK_RECORDS == 0:
                self._tick()
                self.work()
        self.work()

    def _tick(self) -> None:
        for topic in SOURCES:
            for n in range(self.partitions):
                self._append((topic, n), b"", None, signed(TICK, b"", topic, n), self._now_ms)

    def _append(
        self, place: Place, value: bytes | None, key: bytes | None, headers: Iterable[tuple[str, bytes]], at_ms: int
    ) -> None:
        self._waiting.setdefault(place, deque()).append(LogRecord(self._next[place], at_ms, key, value, tuple(headers)))
        self._next[place] += 1
        self.appended += 1

    def work(self) -> None:
        """Fold everything that waits, publish what came of it, and so on until nothing waits."""
        while any(self._waiting.values()):
            for place in [place for place, waiting in self._waiting.items() if waiting]:
                self._fold(place)
            if not any(self._waiting.values()):
                self._publish()

    def _fold(self, place: Place) -> None:
        waiting, stage = self._waiting[place], self.stages[place]
        records = [waiting.popleft() for _ in range(min(self._batch, len(waiting)))]
        self._count(place, records)
        for sends in stage.fold(records):
            self._deliver(sends)
        self._measure(place, stage)

    def _count(self, place: Place, records: Sequence[LogRecord]) -> None:
        self._place = place
        self._controls = {record.offset for record in records if control_kind(record.headers) is not None}
        if place[0] in SOURCES:
            self.events += len(records) - len(self._controls)
            self._in_batches += sum(_events_in(each) - 1 for each in records if each.offset not in self._controls)

    def _deliver(self, sends: Iterable[Send]) -> None:
        for send in sends:
            self.largest.of(self.largest.sent, send.topic, len(send.value or b""))
            if send.topic == "dead-letters":
                origin = read_arrival(send.headers).origin
                is_control = (origin.topic, origin.partition) == self._place and origin.offset in self._controls
                self.refused += not is_control
            else:
                self.passed_on += control_kind(send.headers) == FORWARDED
                self._append((send.topic, send.partition), send.value, send.key, send.headers, self._now_ms)

    def _publish(self) -> None:
        for stage in self.stages.values():
            if isinstance(stage, Scoreboard | Rollup):
                self._deliver(stage.take_parts())
                for figure in stage.board.take(slow=True):
                    self.largest.figure = max(self.largest.figure, sum(map(len, figure.families.values())))

    def _measure(self, place: Place, stage: Roster | Ledger | Scoreboard | Rollup) -> None:
        if isinstance(stage, Ledger):
            self.largest.decoded = max(self.largest.decoded, stage.decoded_bytes)
        for value in self._stores[place].take_changes().values():
            if isinstance(value, bytes):
                self.changed_bytes += len(value)
                self.largest.of(self.largest.stored, place[0], len(value))

    def check(self) -> None:
        """Every event has one outcome, and nothing is larger than docs/limits.md says."""
        outcomes = self.outcomes.accepted + self.outcomes.tombstones + self.refused
        events = self.events + self._in_batches
        assert outcomes == events, f"{events} events have {outcomes} outcomes"
        assert self.outcomes.forwards == self.passed_on
        for name, size in self.largest.named().items():
            limit = LARGEST_BYTES.get(name, LARGEST_STORED_BYTES)
            assert size <= limit, f"{name}: {size} bytes, and not at most {limit}"
        assert self.changed_bytes <= LARGEST_STORED_BYTES * self.appended

    def restart(self) -> None:
        """Every stage goes on elsewhere, from its state as another worker reads it."""
        for (topic, n), store in list(self._stores.items()):
            self.stages[topic, n] = self._stage(topic, n, reread(store))


def _events_in(record: LogRecord) -> int:
    """How many outcomes a record has: one for each event of a batch, of which an empty one has none."""
    try:
        batch = batch_of(record.value, record.headers)
    except ContentError:
        return 1
    return 1 if batch is None else len(batch)
