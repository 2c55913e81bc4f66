"""The stages of a deployment in one process, by given append times: source logs, ledgers, roster, scoreboards.

Nothing that a rollup does can reach an alert, so there is none here. Logs are kept only until they are folded; what
arrives on `facts` may be kept, to be folded again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Headers, Send, Stage
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.roster import Roster, RosterPolicy
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.chosen import NOTHING
from schemas.alerts import Alert
from schemas.control import TICK
from tests.harness.proofs import PROOFS, signed
from tests.quarter.events import Told
from tests.unit.boards.logs import reread

SOURCES = {"crm.events": "crm", "telephony.events": "telephony", "org.changes": "org"}
BATCH = 1000
UNSWEPT = LedgerPolicy(swept_objects=0)
"""What has expired counts as absent at once; to free it takes more time here than all the rest."""
UNPUBLISHED = BoardPolicy(chosen=NOTHING)
"""No rule depends on what is published."""
FORGOTTEN_AFTER = 1000
"""After so many facts what larger scopes would be told is let go of."""
Place = tuple[str, int]


class LogRecord(NamedTuple):
    """One record, as the engine would give it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True)
class Opened:
    """One opening of an alert."""

    id: str
    opened_ms: int
    home: str


class Deployment:
    """All stages of some partitions. `taken` are the alerts as they changed, in order."""

    def __init__(self, partitions: int, keep: Callable[[int, LogRecord], None] | None = None) -> None:
        self.partitions = partitions
        self.alerts: list[Alert] = []
        self.events = self.refused = 0
        self._keep = keep
        self._ends: dict[Place, int] = defaultdict(int)
        self._waiting: dict[Place, list[LogRecord]] = defaultdict(list)
        self._stores = {(topic, n): Store() for topic in (*SOURCES, "facts") for n in range(partitions)}
        self._stages: dict[Place, Stage] = {}
        self.restart()

    def restart(self) -> None:
        """All workers end, and others go on from the state."""
        for place, held in self._stores.items():
            topic, number = place
            store = self._stores[place] = reread(held) if held.scalars else held
            self._stages[place] = stage = self._stage(topic, number, store)
            for _ in stage.restore() or ():
                pass

    def _stage(self, topic: str, number: int, store: Store) -> Stage:
        if topic == "facts":
            return Scoreboard(number, store, self.partitions, UNPUBLISHED)
        if topic == "org.changes":
            return Roster(number, self.partitions, store, RosterPolicy(), PROOFS)
        return Ledger(SOURCES[topic], topic, number, self.partitions, store, UNSWEPT, PROOFS)

    def append(self, events: Iterable[Told]) -> None:
        """Append events to the logs they belong to."""
        for each in events:
            self.events += 1
            self._put(each.topic, partition_of(each.key, self.partitions), each.at_ms, each.key.encode(), each.value)

    def tick(self, at_ms: int) -> None:
        """Append a tick to every source log."""
        for topic in SOURCES:
            for number in range(self.partitions):
                self._put(topic, number, at_ms, None, b"", signed(TICK, b"", topic, number))

    def run(self, now_ms: int) -> None:
        """Fold all that is waiting, and what that causes, until nothing is."""
        while any(self._waiting.values()):
            for place in list(self._stages):
                waiting = self._waiting[place]
                if not waiting:
                    continue
                self._waiting[place] = []
                for start in range(0, len(waiting), BATCH):
                    self._fold(place, waiting[start : start + BATCH], now_ms)

    def _fold(self, place: Place, batch: list[LogRecord], now_ms: int) -> None:
        stage = self._stages[place]
        for sends in stage.fold(batch):
            self._deliver(sends, now_ms)
        self._stores[place].position = batch[-1].offset
        self._stores[place].take_changes()
        if isinstance(stage, Scoreboard):
            self.alerts += stage.take_alerts()
            if batch[-1].offset % FORGOTTEN_AFTER == 0:
                stage.take_parts()

    def _deliver(self, sends: Iterable[Send], now_ms: int) -> None:
        for send in sends:
            if send.topic == "dead-letters":
                self.refused += 1
            elif (send.topic, send.partition) in self._stages:
                self._put(send.topic, send.partition, now_ms, send.key, send.value, send.headers)

    def _put(
        self, topic: str, number: int, at_ms: int, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> None:
        place = topic, number
        record = LogRecord(self._ends[place], at_ms, key, value, headers)
        self._ends[place] += 1
        self._waiting[place].append(record)
        if topic == "facts" and self._keep:
            self._keep(number, record)

    def opened(self) -> list[Opened]:
        """All openings of alerts, in order."""
        found = {(alert.id, alert.opened_ms): Opened(alert.id, alert.opened_ms, alert.home) for alert in self.alerts}
        return sorted(found.values(), key=lambda each: (each.opened_ms, each.id))
