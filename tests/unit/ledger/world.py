"""A deployment in memory: every log, every stage-1 fold, no broker. Facts are summed as a scoreboard would."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

from pipeline.kernel.append_times import AppendTimes
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Record, Send, Stage
from pipeline.kernel.store import Store
from pipeline.kinds import FORMS, contributions
from pipeline.kinds.cells import Cells
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.roster import Roster, RosterPolicy
from pipeline.objects.storage import OBJECT, Storage
from pipeline.organisation.organisation import Organisation
from schemas import facts
from schemas.control import ANSWER, KIND_HEADER, TICK, Answer, pack_answer
from schemas.events import CHANGES, iso
from tests.harness.proofs import PROOFS, proven

NOON_MS = 1_762_167_600_000  # 2025-11-03 11:00 UTC, 12:00 in Berlin, a Monday
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
ORGANISATION = frozenset(CHANGES["org"])
LOGS = {"crm.events": "crm", "telephony.events": "telephony", "org.changes": "org"}


@dataclass(frozen=True)
class LogRecord:
    """One record, as the engine would give it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


def _on_the_wire(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [{key: _on_the_wire(key, each) for key, each in part.items()} if isinstance(part, dict) else part
                for part in value]  # fmt: skip
    instant = name.endswith("_at") or name in ("valid_from", "valid_to", "muted_from", "muted_until")
    return iso(value) if instant and value is not None else value


def event(
    kind: str,
    name: str,
    time_ms: int = NOON_MS,
    /,
    *,
    verb: str = "changed",
    event_id: str | None = None,
    source: str = "crm-1",
    sequence: int = 0,
    corrects: str | None = None,
    ingested: int | None = None,
    **data: Any,
) -> dict[str, Any]:
    """A CloudEvent; instants are given in milliseconds."""
    domain = {"call": "telephony", "agent": "telephony"}.get(kind, "crm")
    if kind in ORGANISATION:
        domain = "org"
    found = {
        "specversion": "1.0",
        "source": source,
        "type": f"{domain}.{kind}.{verb}",
        "subject": f"{kind}:{name}",
        "time": iso(time_ms),
        "sequence": sequence,
        "data": {name: _on_the_wire(name, value) for name, value in data.items()},
    }
    if corrects is not None:
        found["corrects"] = corrects
    if ingested is not None:
        found["ingested"] = iso(ingested)
    found["id"] = event_id or md5(json.dumps(found, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
    return found


Total = dict[tuple[str, str, int | None, int | None], dict[str, int]]


@dataclass
class World:
    """Logs by (topic, partition) and a fold for each source log."""

    partitions: int = 2
    policy: LedgerPolicy = field(default_factory=LedgerPolicy)
    batch: int = 1000
    roster: RosterPolicy = field(default_factory=RosterPolicy)
    straight: bool = True

    def __post_init__(self) -> None:
        """Everything is empty, nothing was read."""
        self.now_ms = NOON_MS + HOUR
        self.logs: dict[tuple[str, int], list[LogRecord]] = {}
        self.read: dict[tuple[str, int], int] = {}
        self.stores: dict[tuple[str, int], Store] = {}
        self.stages: dict[tuple[str, int], Stage] = {}
        self.times: dict[tuple[str, int], AppendTimes] = {}
        for topic in LOGS:
            for partition in range(self.partitions):
                self.stores[topic, partition] = Store()
                self.times[topic, partition] = AppendTimes(None, PROOFS.at(topic, partition))
                self.restart(topic, partition)

    def restart(self, topic: str, partition: int) -> None:
        """Make the fold anew, from what the store holds."""
        store = self.stores[topic, partition]
        stage: Stage = (
            Roster(partition, self.partitions, store, self.roster, PROOFS)
            if topic == "org.changes"
            else Ledger(
                LOGS[topic], topic, partition, self.partitions, store, self.policy, PROOFS, straight=self.straight
            )
        )
        for _ in stage.restore() or ():
            pass
        self.stages[topic, partition] = stage

    def append(self, topic: str, partition: int, value: bytes | None, **other: Any) -> None:
        """Append one record at the present time; one that is marked as the pipeline's own is, unless it is `forged`."""
        log, key, headers = self.logs.setdefault((topic, partition), []), other.get("key"), other.get("headers", ())
        if not other.get("forged"):
            headers = proven(headers, value, topic, partition, key)
        log.append(LogRecord(len(log), self.now_ms, key, value, headers))

    def produce(self, events: Iterable[dict[str, Any]], partition: int | None = None) -> None:
        """Append events to the logs they belong to, or all to one partition."""
        for one in events:
            domain = one["type"].partition(".")[0]
            topic = next(t for t, d in LOGS.items() if d == domain)
            where = partition_of(one["subject"], self.partitions) if partition is None else partition
            self.append(topic, where, json.dumps(one).encode(), key=one["subject"].encode())

    def tick(self) -> None:
        """Append a tick to every source log."""
        for topic in LOGS:
            for partition in range(self.partitions):
                self.append(topic, partition, b"", headers=((KIND_HEADER, TICK),))

    def answer(self, topic: str, partition: int, answer: Answer) -> None:
        """Append what an operator says of append times before."""
        self.append(topic, partition, pack_answer(answer), headers=((KIND_HEADER, ANSWER),))

    def counted(self, where: tuple[str, int], records: Sequence[LogRecord]) -> Sequence[Record]:
        """The next records of a log with the append times that count, as the engine gives them."""
        times, log = self.times[where], self.logs[where]
        found: list[Record] = []
        for record in records:
            if times.jumps(record) and record.offset >= times.known_to:
                for later in log[record.offset :]:
                    times.answers.read(later)
                times.known_to = len(log)
            found.append(times.take(record))
        return found

    def deliver(self, sends: Iterable[Send]) -> None:
        """Append what a fold sends."""
        for send in sends:
            self.append(send.topic, send.partition, send.value, key=send.key, headers=send.headers, forged=True)

    def run(self) -> None:
        """Fold everything that is waiting, and what that causes, until nothing is."""
        busy = True
        while busy:
            busy = False
            for where, stage in self.stages.items():
                start = self.read.get(where, 0)
                records = self.logs.get(where, [])[start : start + self.batch]
                if records:
                    busy = True
                    self.read[where] = start + len(records)
                    for sends in stage.fold(self.counted(where, records)):
                        self.deliver(sends)

    def play(self, *batches: Iterable[dict[str, Any]]) -> "World":
        """Produce and run, batch after batch."""
        for events in batches:
            self.produce(events)
            self.run()
        return self

    def settle(self) -> "World":
        """Let time go on until the rates are copied that are copied together."""
        self.now_ms += self.roster.rates_ms
        self.tick()
        self.run()
        return self

    def entries(self) -> list[tuple[int, str, int, facts.Entry]]:
        """(destination, topic, partition, entry) of all facts, in the order they were sent."""
        found = []
        for partition in range(self.partitions):
            for record in self.logs.get(("facts", partition), []):
                if any(name == KIND_HEADER for name, _ in record.headers):
                    continue
                packed = facts.unpack(record.value or b"")
                found += [(partition, packed.topic, packed.partition, entry) for entry in packed.entries]
        return found

    def total(self) -> Total:
        """What a scoreboard would hold: positions once, cells summed, zeros gone."""
        seen: dict[tuple[int, str, int], tuple[int, int]] = {}
        total: Total = {}
        for destination, topic, partition, entry in self.entries():
            origin, position = (destination, topic, partition), (entry.offset, entry.part)
            if position <= seen.get(origin, (-1, -1)):
                continue
            seen[origin] = position
            for team, rep, day, minute, amounts in entry.cells:
                sums = total.setdefault((team, rep, day, minute), {})
                for measure, amount in amounts.items():
                    sums[measure] = sums.get(measure, 0) + amount
        sums_left = {place: {m: n for m, n in sums.items() if n} for place, sums in total.items()}
        return {place: sums for place, sums in sums_left.items() if sums}

    def stated(self) -> Total:
        """What the objects in the stores contribute, by the organisation in those stores: the batch over the state."""
        total: Total = {}
        for cells in self.statements():
            for place, sums in cells.items():
                cell = total.setdefault(place, {})
                for measure, amount in sums.items():
                    cell[measure] = cell.get(measure, 0) + amount
        left = {place: {m: n for m, n in sums.items() if n} for place, sums in total.items()}
        return {place: sums for place, sums in left.items() if sums}

    def statements(self) -> Iterator[Cells]:
        """What each object in the stores contributes."""
        for (topic, _), store in sorted(self.stores.items()):
            if topic == "org.changes":
                continue
            known = Organisation(self.policy.currency, self.now_ms)
            for key, record in store.items(b"o"):
                known.put(key[1:].decode(), record)
            storage = Storage(store, FORMS)
            for key, _ in store.items(OBJECT):
                item = storage.read(key[1:].decode())
                if item is not None:
                    yield contributions(item, known)

    def measure(self, name: str, team: str | None = None, rep: str | None = None) -> int:
        """The sum of one measure, over all cells or those of a team or rep."""
        return sum(
            sums.get(name, 0) for (t, r, _, _), sums in self.total().items() if team in (None, t) and rep in (None, r)
        )

    def reasons(self) -> list[str]:
        """The reasons of all dead letters."""
        return [
            dict(record.headers)["dlq.reason"].decode()
            for partition in range(self.partitions)
            for record in self.logs.get(("dead-letters", partition), [])
        ]


def organisation(zone: str = "Europe/Berlin") -> list[dict[str, Any]]:
    """Two teams with a rep each, and a process of three open stages."""
    return [
        event("company", "company", 1000, time_zone="Europe/Berlin", currency="EUR"),
        event("team", "north", 1000, time_zone=zone),
        event("team", "south", 1000, time_zone="America/New_York"),
        event("rep", "rep-01", 1000, active=True),
        event("rep", "rep-02", 1000, active=True),
        event("membership", "m1", 1000, rep_id="rep-01", team_id="north"),
        event("membership", "m2", 1000, rep_id="rep-02", team_id="south"),
        event(
            "process",
            "default",
            1000,
            stages=[
                {"id": "new"},
                {"id": "qualified", "qualified": True},
                {"id": "offer", "qualified": True},
                {"id": "won", "kind": "won"},
                {"id": "lost", "kind": "lost"},
            ],
        ),
    ]
