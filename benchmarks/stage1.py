"""`python -m benchmarks.stage1`: what stage 1 costs an event in processor time, part by part; no broker, one process.

The ledgers of all partitions take the benchmark's events in batches, as the engine would hand them over, and the state
log's records are encoded after each batch. `--profile` says which functions the time goes to.
"""

import argparse
import cProfile
import pstats
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.events import Arrival, Floor, arrivals, organisation
from pipeline.engine import garbage
from pipeline.engine.log_writer import LogWriter, WriterPolicy
from pipeline.engine.partitioner import partition_of
from pipeline.engine.stage import Headers, Send
from pipeline.engine.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.retention import LedgerPolicy
from pipeline.ledger.verdicts import Judge
from pipeline.organisation.roster import Roster, RosterPolicy

PARTITIONS = 4
DOMAINS = {"crm.events": "crm", "telephony.events": "telephony"}
END_MS = 1_793_000_000_000
KINDS = ("call", "email", "meeting", "deal")
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
        self.ledger = Ledger(DOMAINS[topic], topic, number, PARTITIONS, self.store, LedgerPolicy())
        self.writer = LogWriter(self.store, 0, 0, WriterPolicy())
        self.waiting: list[Delivered] = []
        self._end = 0

    def append(self, timestamp: int, key: bytes | None, value: bytes | None, headers: Headers = ()) -> None:
        """Put a record at the end of its log."""
        self.waiting.append(Delivered(self._end, timestamp, key, value, headers))
        self._end += 1


@dataclass(slots=True)
class Run:
    """Processor seconds and bytes of some events, by part."""

    events: int
    seconds: Counter[str]
    sent_bytes: int = 0
    log_bytes: int = 0


def main() -> None:
    """Measure and print: each kind of object by itself, then all as they come."""
    options = _options()
    floor = Floor(options.events, end_ms=END_MS)
    people, events = organisation(floor), arrivals(floor)
    garbage.tune()
    print(f"{'':10}{'events':>9}{'judge':>8}{'fold':>8}{'encode':>8}{'µs/event':>10}{'sent B':>9}{'state log B':>12}")
    for name in (*KINDS, "all"):
        chosen = [event for event in events if name == "all" or event.key.startswith(f"{name}:")]
        best = min((run(people, chosen, options.batch) for _ in range(options.repeat)), key=lambda r: r.seconds["all"])
        _print(name, best)
    if options.profile:
        with cProfile.Profile() as profile:
            run(people, events, options.batch)
        pstats.Stats(profile).sort_stats("tottime").print_stats(SHOWN_FUNCTIONS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stage1", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=1000, help="records of a partition folded at once")
    parser.add_argument("--repeat", type=int, default=2, help="the best of so many runs is shown")
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


def _print(name: str, done: Run) -> None:
    parts = [done.seconds[part] / done.events * 1e6 for part in ("judge", "fold", "encode")]
    shown = "".join(f"{part:8.1f}" for part in parts)
    each = f"{done.sent_bytes / done.events:9.0f}{done.log_bytes / done.events:12.0f}"
    print(f"{name:10}{done.events:9}{shown}{parts[1] + parts[2]:10.1f}{each}")


def run(people: Sequence[Arrival], events: Sequence[Arrival], batch: int) -> Run:
    """One pass over the events, in ledgers that know the organisation; `judge` is the part of `fold` before merging."""
    logs = {(topic, number): Partition(topic, number) for topic in DOMAINS for number in range(PARTITIONS)}
    _settle(logs, people)
    for number, event in enumerate(events):
        at_ms = END_MS - (len(events) - number) * 10
        logs[event.topic, partition_of(event.key, PARTITIONS)].append(at_ms, event.key.encode(), event.value)
    done = Run(len(events), Counter())
    done.seconds["judge"] = _judged(logs.values())
    while any(log.waiting for log in logs.values()):
        for log in logs.values():
            records, log.waiting = log.waiting[:batch], log.waiting[batch:]
            if records:
                _batch(log, records, done)
    done.seconds["all"] = done.seconds["fold"] + done.seconds["encode"]
    return done


def _batch(log: Partition, records: Sequence[Delivered], done: Run) -> None:
    began = time.process_time()
    sends = [send for slice_ in log.ledger.fold(records) for send in slice_]
    folded = time.process_time()
    log.store.position = records[-1].offset
    entries = list(log.writer.entries(log.store.take_changes()))
    done.seconds["encode"] += time.process_time() - folded
    done.seconds["fold"] += folded - began
    done.sent_bytes += sum(len(send.value or b"") for send in sends)
    done.log_bytes += sum(len(entry.value) for entry in entries)


def _judged(logs: Iterable[Partition]) -> float:
    judges = {topic: Judge(domain, 300_000, LedgerPolicy().retention_ms()) for topic, domain in DOMAINS.items()}
    began = time.process_time()
    for log in logs:
        judge = judges[log.topic].judge
        for record in log.waiting:
            judge(record.value, record.timestamp)
    return time.process_time() - began


def _settle(logs: dict[tuple[str, int], Partition], people: Iterable[Arrival]) -> None:
    """Let every ledger take in the organisation, before anything is measured."""
    at_ms = END_MS - 86_400_000
    arrived: defaultdict[int, list[Delivered]] = defaultdict(list)
    for person in people:
        log = arrived[partition_of(person.key, PARTITIONS)]
        log.append(Delivered(len(log), at_ms, person.key.encode(), person.value))
    for number, records in arrived.items():
        roster = Roster(number, PARTITIONS, Store(), RosterPolicy())
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
