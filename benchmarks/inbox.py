"""Logs and folds in memory, one partition of each, for measuring stages without a broker."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from benchmarks.events import Arrival
from pipeline.engine.changelog.log_writer import LogWriter
from pipeline.engine.kafka.engine_settings import WriterPolicy
from pipeline.kernel.stage import Headers, Send, Stage
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.roster import Roster, RosterPolicy
from schemas.control import TICK
from tests.harness.proofs import PROOFS, signed

DOMAINS = {"crm.events": "crm", "telephony.events": "telephony"}
S = TypeVar("S", bound=Stage)


@dataclass(slots=True)
class LogRecord:
    """One record, as the engine would give it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = field(default=())


class Line(Generic[S]):
    """One stage on a log of its own: what is folded is appended to it first."""

    def __init__(self, stage: Callable[[Store], S]) -> None:
        self.store = Store()
        self.stage = stage(self.store)
        self._writer = LogWriter(self.store, 0, 0, WriterPolicy())
        list(self.stage.restore() or ())

    def fold(self, sends: Sequence[Send], now_ms: int = 0) -> list[Send]:
        """Fold what was sent here as one batch; returns what that sends."""
        return [send for slice_ in self.steps(sends, now_ms) for send in slice_]

    def steps(self, sends: Sequence[Send], now_ms: int = 0) -> Iterator[Sequence[Send]]:
        """The same, with what is sent between two turns of others."""
        start = self.store.position + 1
        records = [LogRecord(start + i, now_ms, s.key, s.value, s.headers) for i, s in enumerate(sends)]
        yield from self.stage.fold(records)
        self.store.position += len(records)

    def delta(self) -> int:
        """Encode what changed, and the shards that go with it; how many bytes."""
        changes = self.store.take_changes()
        return sum(len(entry.value) for entry in self._writer.entries(changes)) if changes else 0


class Inbox:
    """Stage 1: an organisation, and the ledgers of both source topics."""

    def __init__(self, organisation: Sequence[Arrival], now_ms: int) -> None:
        roster = Line(lambda store: Roster(0, 1, store, RosterPolicy(), PROOFS))
        events = [Send("org.changes", 0, a.value, a.key.encode()) for a in organisation]
        self._copies = roster.fold(events, now_ms)
        self._ledgers = {topic: Line(ledger_of(topic, domain)) for topic, domain in DOMAINS.items()}
        for topic, ledger in self._ledgers.items():
            ledger.fold(self.copies(topic), now_ms)

    def copies(self, topic: str) -> list[Send]:
        """The organisation's copies for a topic."""
        return [send for send in self._copies if send.topic == topic]

    def facts(self, arrivals: Sequence[Arrival], now_ms: int, *, tick: bool = False) -> list[Send]:
        """The facts that follow from events that are appended now, and from a tick of each source."""
        found = []
        for topic, ledger in self._ledgers.items():
            events = [Send(topic, 0, a.value, a.key.encode()) for a in arrivals if a.topic == topic]
            if tick:
                events.append(Send(topic, 0, b"", None, signed(TICK, b"", topic, 0)))
            if events:
                found += [send for send in ledger.fold(events, now_ms) if send.topic == "facts"]
                ledger.store.take_changes()
        return found


def ledger_of(topic: str, domain: str) -> Callable[[Store], Ledger]:
    """What makes stage 1 of a source topic that has one partition."""
    return lambda store: Ledger(domain, topic, 0, 1, store, LedgerPolicy(), PROOFS)
