"""What an audit costs: reading the logs, and working out every cell in SQL. A process of its own, without a broker."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.events import Arrival
from benchmarks.scene import scene
from benchmarks.sizes import Sizes
from pipeline.kernel.partitioner import partition_of
from tests.harness.proofs import own_records

PARTITIONS = 4
MEMORY_MB = 1024
EVENTS_AN_OBJECT = 1.45
"""Three events in ten are updates, and some come twice."""


class Record(NamedTuple):
    """A record as Kafka clients give it."""

    offset: int
    timestamp: int
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    key: bytes | None = None


def run(sizes: Sizes) -> dict[str, Any]:
    """The events of so many objects are written to files, a log each, and audited from them."""
    given = scene(round(sizes.objects * EVENTS_AN_OBJECT), seed=sizes.seed)
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), given.organisation + given.arrivals)
        del given
        command = [sys.executable, "-m", "benchmarks.audit", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _write(folder: Path, arrivals: list[Arrival]) -> None:
    logs: dict[tuple[str, int], list[bytes]] = defaultdict(list)
    for each in arrivals:
        logs[each.topic, partition_of(each.key, PARTITIONS)].append(each.value)
    for (topic, partition), values in logs.items():
        (folder / f"{topic}-{partition}").write_bytes(b"\n".join(values))


def _records(file: Path, append_ms: int) -> Iterator[Record]:
    with file.open("rb") as lines:
        for offset, line in enumerate(lines):
            yield Record(offset, append_ms, line.rstrip())


def audited(folder: Path) -> dict[str, Any]:
    """Called in the process that is measured: the audit of the logs in a folder."""
    from pipeline.audit.database import ROWS_AT_ONCE, Database
    from pipeline.audit.oracle import Oracle, Rules
    from pipeline.audit.records import LogReader

    began, append_ms = time.monotonic(), int(time.time() * 1000)
    with Database(MEMORY_MB) as database:
        oracle, ends = Oracle(database, Rules()), {}
        for file in sorted(folder.iterdir()):
            topic, _, partition = file.name.rpartition("-")
            reader = LogReader(topic, int(partition), PARTITIONS, own_records(PARTITIONS))
            for record in _records(file, append_ms):
                reader.read(record)
                if len(reader.rows) >= ROWS_AT_ONCE:
                    oracle.take_in(reader.hand_over())
                ends[f"{topic}/{partition}"] = record.offset + 1
            oracle.take_in(reader.hand_over())
        read = time.monotonic()
        oracle.settle()
        oracle.cut({log: end for log, end in ends.items() if log.startswith(("crm", "telephony"))})
        oracle.cover()
        ended = time.monotonic()
        objects, cells = (database.rows(f"SELECT count(*) FROM {table}")[0][0] for table in ("object", "cell"))
        on_disk = sum(file.stat().st_size for file in database.folder.rglob("*") if file.is_file())
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "events": sum(ends.values()),
        "objects": objects,
        "cells": cells,
        "read_seconds": round(read - began, 1),
        "sql_seconds": round(ended - read, 1),
        "core_seconds": round(used.ru_utime + used.ru_stime, 1),
        "memory_limit_mib": MEMORY_MB,
        "peak_memory_mib": round(used.ru_maxrss / 1024),
        "on_disk_mib": round(on_disk / 1024**2),
    }


if __name__ == "__main__":
    print(json.dumps(audited(Path(sys.argv[1]))))
