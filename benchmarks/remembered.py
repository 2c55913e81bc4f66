"""`python -m benchmarks.remembered`: how soon remembered objects are back after a crash, and what they take in memory.

The objects of the benchmark's events are put into state logs of four partitions under as many keys as asked for, and
read back: records, store and ledger as a worker would have them, then the first change of the organisation. No broker.
"""

import argparse
import sys
import time
from pathlib import Path

from benchmarks.events import Floor, arrivals, organisation
from benchmarks.stage1 import END_MS, PARTITIONS, Partition, settled
from pipeline.engine.changelog.log_reader import LogReader
from pipeline.engine.changelog.log_record import Claim, encode
from pipeline.engine.changelog.log_writer import LogWriter
from pipeline.engine.kafka.engine_settings import WriterPolicy
from pipeline.engine.supervision import gc_tuning
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.repository import ObjectRepository
from pipeline.objects.storage import OBJECT
from pipeline.organisation.organisation import Organisation
from tests.harness.proofs import PROOFS

SEED_EVENTS = 20_000


def main() -> None:
    """Measure and print."""
    options = _options()
    logs = [_log(count) for count in [options.objects // PARTITIONS] * PARTITIONS]
    size = sum(len(value) for log in logs for value in log)
    gc_tuning.tune()
    began = time.process_time()
    stores = [_read(log) for log in logs]
    read = time.process_time()
    for number, store in enumerate(stores):
        list(Ledger("telephony", "telephony.events", number, PARTITIONS, store, LedgerPolicy(), PROOFS).restore())
    restored = time.process_time()
    before_bytes = _resident_bytes()
    repositories = [ObjectRepository(store, Organisation("EUR"), LedgerPolicy()) for store in stores]
    for repository in repositories:
        for _ in repository.update_index():
            pass
    indexed = time.process_time()
    index_bytes = (_resident_bytes() - before_bytes) / options.objects
    held_bytes = sum(map(_held_bytes, stores)) / options.objects
    print(f"{options.objects} objects in {size / 1e6:.0f} MB of state log ({size / options.objects:.0f} B each)")
    print(f"read back in {read - began:.2f} s, ledgers restored in {restored - read:.2f} s of processor time")
    print(f"in memory {held_bytes:.0f} B an object; an index of {index_bytes:.0f} B takes {indexed - restored:.2f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.remembered", description=__doc__)
    parser.add_argument("--objects", type=int, default=1_000_000)
    return parser.parse_args()


def _log(objects: int) -> list[bytes]:
    """A state log that holds so many objects, as its owner's shards: a claim, then a delta, a mark and all shards."""
    store = Store()
    forms = _forms()
    for number in range(objects):
        kind, form = forms[number % len(forms)]
        store.put(OBJECT + f"{kind}:c-{number:09}".encode(), form)
    store.take_changes()
    writer = LogWriter(store, 0, 0, WriterPolicy(shard_pace=1e9))
    return [encode(Claim("worker")), *(entry.value for entry in writer.entries({b"seed": 1}))]


def _forms() -> list[tuple[str, bytes]]:
    """The stored forms of the benchmark's objects, with their kinds."""
    floor = Floor(SEED_EVENTS, end_ms=END_MS)
    logs: dict[tuple[str, int], Partition] = settled(organisation(floor), arrivals(floor))
    found = []
    for log in logs.values():
        for _ in log.ledger.fold(log.waiting):
            pass
        found += [(key[1:].decode().partition(":")[0], form) for key, form in log.store.items(OBJECT)]
    return found


def _read(log: list[bytes]) -> Store:
    store = Store()
    reader = LogReader(store, "state")
    for offset, value in enumerate(log):
        reader.feed(offset, END_MS, value)
    return store


def _held_bytes(store: Store) -> int:
    """What the keys, forms and dictionaries of a store take, in blocks of 16 bytes as they are given out."""
    entries = (part for shard in store.shards for entry in shard.items() for part in entry)
    return sum(map(sys.getsizeof, store.shards)) + sum((sys.getsizeof(part) + 15) // 16 * 16 for part in entries)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


if __name__ == "__main__":
    main()
