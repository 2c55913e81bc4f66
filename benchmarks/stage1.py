"""`python -m benchmarks.stage1`: what stage 1 costs an event in processor time, part by part; no broker, one process.

The ledgers of all partitions take the benchmark's events in batches, as the engine would hand them over, and the state
log's records are encoded after each batch. `--profile` says which functions the time goes to.
"""

import argparse
import cProfile
import pstats
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from benchmarks.events import Arrival, Floor, arrivals, organisation
from pipeline.engine.changelog.log_writer import LogWriter
from pipeline.engine.kafka.engine_settings import WriterPolicy
from pipeline.engine.supervision import gc_tuning
from pipeline.intake.verdicts import Judge
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Headers, Send
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.roster import Roster, RosterPolicy
from tests.harness.proofs import PROOFS

PARTITIONS = 4
DOMAINS = {"crm.events": "crm", "telephony.events": "telephony"}
END_MS = 1_793_000_000_000
KINDS = ("call", "email", "meeting", "deal")
WARMING_SHARE = 0.5
"""The first events are not measured: at the start nothing is remembered that is asked for again and again."""
APPENDED_TOGETHER = 100
"""So many records have the same append time, as those that a producer sends at once."""
PARTS = ("judge", "fold", "encode")
SHOWN_FUNCTIONS = 45


@dataclass(frozen=True, slots=True)
class Delivered:
    """A record as the consumer gives it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Partition:
    """One source partition: its ledger, its state, and the writer of its state log."""

    def __init__(self, topic: str, number: int) -> None:
        self.topic = topic
        self.store = Store()
        self.ledger = Ledger(DOMAINS[topic], topic, number, PARTITIONS, self.store, LedgerPolicy(), PROOFS)
        self.writer = LogWriter(self.store, 0, 0, WriterPolicy())
        self.waiting: list[Delivered] = []
        self._end = 0

    def append(self, timestamp: int, key: bytes | None, value: bytes | None, headers: Headers = ()) -> None:
        """Put a record at the end of its log."""
        self.waiting.append(Delivered(self._end, timestamp, key, value, headers))
        self._end += 1


@dataclass(slots=True)
class Run:
    """Processor seconds of some events by part, batch after batch, and bytes."""

    events: int = 0
    seconds: dict[str, list[float]] = field(default_factory=lambda: {part: [] for part in PARTS})
    sent_bytes: int = 0
    log_bytes: int = 0

    def at_best(self, other: "Run") -> "Run":
        """Of each batch the shorter time: what else runs on the machine then shows least."""
        best = {part: list(map(min, own, other.seconds[part])) for part, own in self.seconds.items()}
        return replace(self, seconds=best)


def main() -> None:
    """Measure and print: each kind of object by itself, then all as they come."""
    options = _options()
    floor = Floor(options.events, end_ms=END_MS)
    people, events = organisation(floor), arrivals(floor)
    gc_tuning.tune()
    print(f"{'':10}{'events':>9}{'judge':>8}{'fold':>8}{'encode':>8}{'µs/event':>10}{'sent B':>9}{'state log B':>12}")
    for name in (*KINDS, "all"):
        chosen = [event for event in events if name == "all" or event.key.startswith(f"{name}:")]
        _print(name, reduce(Run.at_best, (run(people, chosen, options.batch) for _ in range(options.repeat))))
    if options.profile:
        with cProfile.Profile() as profile:
            run(people, events, options.batch)
        pstats.Stats(profile).sort_stats("tottime").print_stats(SHOWN_FUNCTIONS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stage1", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=250, help="records of a partition folded at once")
    parser.add_argument("--repeat", type=int, default=10, help="the best of so many runs is shown")
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


def _print(name: str, done: Run) -> None:
    parts = [sum(done.seconds[part]) / done.events * 1e6 for part in PARTS]
    shown = "".join(f"{part:8.1f}" for part in parts)
    each = f"{done.sent_bytes / done.events:9.0f}{done.log_bytes / done.events:12.0f}"
    print(f"{name:10}{done.events:9}{shown}{parts[1] + parts[2]:10.1f}{each}")


def run(people: Sequence[Arrival], events: Sequence[Arrival], batch: int) -> Run:
    """One pass over the events, in ledgers that know the organisation; `judge` is the part of `fold` before merging."""
    logs = settled(people, events)
    done = Run()
    _judge(logs.values(), done)
    warming = sum(len(log.waiting) for log in logs.values()) * WARMING_SHARE
    while any(log.waiting for log in logs.values()):
        for log in logs.values():
            records, log.waiting = log.waiting[:batch], log.waiting[batch:]
            warming -= len(records)
            if records:
                _batch(log, records, done if warming < 0 else Run())
    return done


def settled(people: Sequence[Arrival], events: Sequence[Arrival]) -> dict[tuple[str, int], Partition]:
    """All partitions by topic and number; their ledgers know the organisation, and the events are waiting."""
    logs = {(topic, number): Partition(topic, number) for topic in DOMAINS for number in range(PARTITIONS)}
    _settle(logs, people)
    for number, event in enumerate(events):
        at_ms = END_MS - (len(events) - number) // APPENDED_TOGETHER * 1000
        logs[event.topic, partition_of(event.key, PARTITIONS)].append(at_ms, event.key.encode(), event.value)
    return logs


def _batch(log: Partition, records: Sequence[Delivered], done: Run) -> None:
    done.events += len(records)
    began = time.process_time()
    sends = [send for slice_ in log.ledger.fold(records) for send in slice_]
    folded = time.process_time()
    log.store.position = records[-1].offset
    entries = list(log.writer.entries(log.store.take_changes()))
    done.seconds["encode"].append(time.process_time() - folded)
    done.seconds["fold"].append(folded - began)
    done.sent_bytes += sum(len(send.value or b"") for send in sends)
    done.log_bytes += sum(len(entry.value) for entry in entries)


def _judge(logs: Iterable[Partition], done: Run) -> None:
    judges = {topic: Judge(domain, 300_000, LedgerPolicy().retention) for topic, domain in DOMAINS.items()}
    for log in logs:
        judge = judges[log.topic].judge
        began, share = time.process_time(), round(len(log.waiting) * (1 - WARMING_SHARE))
        for record in log.waiting[:share]:
            judge(record.value, record.timestamp)
        done.seconds["judge"].append(time.process_time() - began)


def _settle(logs: dict[tuple[str, int], Partition], people: Iterable[Arrival]) -> None:
    """Let every ledger take in the organisation, before anything is measured."""
    at_ms = END_MS - 86_400_000
    arrived: defaultdict[int, list[Delivered]] = defaultdict(list)
    for person in people:
        records = arrived[partition_of(person.key, PARTITIONS)]
        records.append(Delivered(len(records), at_ms, person.key.encode(), person.value))
    for number, records in arrived.items():
        roster = Roster(number, PARTITIONS, Store(), RosterPolicy(), PROOFS)
        for send in (send for slice_ in roster.fold(records) for send in slice_):
            _deliver(logs, send, at_ms)
    for log in logs.values():
        for _ in log.ledger.fold(log.waiting):
            pass
        log.waiting = []
        log.store.take_changes()


def _deliver(logs: dict[tuple[str, int], Partition], send: Send, at_ms: int) -> None:
    log = logs.get((send.topic, send.partition))
    if log is not None:
        log.append(at_ms, send.key, send.value, send.headers)


if __name__ == "__main__":
    main()
