"""What an audit costs: reading the logs, and working out every cell and every figure in SQL.

A process of its own, without a broker: the logs lie in files, with the organisation's copies as workers append them.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.events import Arrival
from benchmarks.inbox import Line
from benchmarks.scene import scene
from benchmarks.sizes import Sizes
from pipeline.audit.comparison import Comparison
from pipeline.audit.cut import Cut
from pipeline.audit.database import ROWS_AT_ONCE, THREADS, Database
from pipeline.audit.oracle import Oracle, Rules
from pipeline.audit.plan import Unit
from pipeline.audit.positions import Positions
from pipeline.audit.records import LogReader
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Headers, Send
from pipeline.kernel.store import Store
from pipeline.ledger.roster import Roster, RosterPolicy
from pipeline.topics.table import SOURCES
from tests.harness.proofs import PROOFS, own_records

PARTITIONS = 4
MEMORY_MB = 1024
EVENTS_AN_OBJECT = 1.45
"""Three events in ten are updates, and some come twice."""
DAYS = 30
"""So far back they reach."""
ORG = "org.changes"
BOARDS = {"scoreboard": "facts", "rollup": "parts"}
"""The stages that publish figures, and the logs that they read."""
LENGTH_BYTES = 4
Kept = tuple[bytes | None, bytes | None, Headers]
"""Key, value and headers."""
_encode, _decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(Kept).decode


class Record(NamedTuple):
    """A record as Kafka clients give it."""

    offset: int
    timestamp: int
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    key: bytes | None = None


def run(sizes: Sizes) -> dict[str, Any]:
    """The events of so many objects are written to files, a log each, and audited from them."""
    events = round(sizes.objects * EVENTS_AN_OBJECT)
    given = scene(events, seed=sizes.seed, stretch=max(1, DAYS * 86_400 * 100 // events))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), given.organisation, given.arrivals)
        del given
        command = [sys.executable, "-m", "benchmarks.audit", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def write(folder: Path, organisation: Sequence[Arrival], arrivals: Sequence[Arrival]) -> None:
    """A file for each partition of each log: the organisation and its copies, then what arrives."""
    logs: dict[tuple[str, int], list[bytes]] = defaultdict(list)
    for send in _copies(organisation):
        logs[send.topic, send.partition].append(_encode((send.key, send.value, send.headers)))
    for each in (*organisation, *arrivals):
        place = each.topic, partition_of(each.key, PARTITIONS)
        logs[place].append(_encode((each.key.encode(), each.value, ())))
    for (topic, partition), records in logs.items():
        with (folder / f"{topic}-{partition}").open("wb") as file:
            for record in records:
                file.write(len(record).to_bytes(LENGTH_BYTES) + record)


def _copies(organisation: Sequence[Arrival]) -> Iterator[Send]:
    """What the stage of the organisation sends to all other logs."""
    for number in range(PARTITIONS):
        line = Line(partial(_roster, number))
        mine = [each for each in organisation if partition_of(each.key, PARTITIONS) == number]
        yield from line.fold([Send(ORG, number, each.value, each.key.encode()) for each in mine], _now_ms())


def _roster(number: int, store: Store) -> Roster:
    return Roster(number, PARTITIONS, store, RosterPolicy(), PROOFS)


def _now_ms() -> int:
    return int(time.time() * 1000)


def _records(file: Path, append_ms: int) -> Iterator[Record]:
    offset = 0
    with file.open("rb") as log:
        while size := log.read(LENGTH_BYTES):
            key, value, headers = _decode(log.read(int.from_bytes(size)))
            yield Record(offset, append_ms, value or b"", headers, key)
            offset += 1


def audited(folder: Path) -> dict[str, Any]:
    """Called in the process that is measured: the audit of the logs in a folder."""
    began, append_ms = time.monotonic(), _now_ms()
    with Database(MEMORY_MB, threads=THREADS) as database:
        oracle = Oracle(database, Rules())
        ends, events = _read(oracle, folder, append_ms)
        read = time.monotonic()
        oracle.settle()
        comparison = Comparison(database, oracle, Positions(), PARTITIONS)
        numbers = sum(comparison.expect(unit) for unit in _units(ends, append_ms))
        oracle.cover()
        ended = time.monotonic()
        objects, cells = (database.rows(f"SELECT count(*) FROM {table}")[0][0] for table in ("object", "cell"))
        kpis = database.rows("SELECT count(DISTINCT kpi) FROM expected")[0][0]
        on_disk = sum(file.stat().st_size for file in database.folder.rglob("*") if file.is_file())
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "events": events,
        "objects": objects,
        "cells": cells,
        "kpis": kpis,
        "numbers": numbers,
        "read_seconds": round(read - began, 1),
        "sql_seconds": round(ended - read, 1),
        "core_seconds": round(used.ru_utime + used.ru_stime, 1),
        "memory_limit_mib": MEMORY_MB,
        "peak_memory_mib": round(used.ru_maxrss / 1024),
        "on_disk_mib": round(on_disk / 1024**2),
    }


def _read(oracle: Oracle, folder: Path, append_ms: int) -> tuple[dict[str, int], int]:
    """Where each log ends, and how many events they hold."""
    ends, events = {}, 0
    for file in sorted(folder.iterdir()):
        topic, _, partition = file.name.rpartition("-")
        reader = LogReader(topic, int(partition), PARTITIONS, own_records(PARTITIONS))
        for record in _records(file, append_ms):
            reader.read(record)
            events += topic in SOURCES and not record.headers
            if len(reader.rows) >= ROWS_AT_ONCE:
                oracle.take_in(reader.hand_over())
            ends[f"{topic}/{partition}"] = record.offset + 1
        oracle.take_in(reader.hand_over())
    return ends, events


def _units(ends: Mapping[str, int], now_ms: int) -> Iterator[Unit]:
    """All figures of each stage, at the ends of all logs."""
    below = {log: end for log, end in ends.items() if log.startswith(("crm", "telephony"))}
    trees = {log: end for log, end in ends.items() if log.startswith("facts/")}
    for stage, topic in BOARDS.items():
        lasts = {n: ends[f"{topic}/{n}"] - 1 for n in range(PARTITIONS)}
        cuts = {(stage, n): Cut(stage, n, last, now_ms, (1, last), {}) for n, last in lasts.items()}
        yield Unit(stage, cuts, dict.fromkeys(range(PARTITIONS), below), trees)


if __name__ == "__main__":
    print(json.dumps(audited(Path(sys.argv[1]))))
