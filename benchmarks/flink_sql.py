"""The whole job beside the counting part of it in Flink SQL, the strongest peer: on the heap, and in RocksDB."""

from typing import Any

from benchmarks.contest import Entry, contest
from benchmarks.flink.job import HEAP, ROCKSDB
from benchmarks.scene import scene
from benchmarks.sizes import Sizes
from benchmarks.throughput import affordable


def run(sizes: Sizes) -> dict[str, Any]:
    """Mixed events, as in the throughput of `make bench`."""
    ours = scene(affordable(sizes), seed=sizes.seed)
    events = scene(sizes.peer_events, seed=sizes.seed)
    return contest(ours, [Entry(HEAP, events), Entry(ROCKSDB, events)], sizes)
