"""The whole job beside the same job in stock Faust and in Kafka Streams: events per second on one core."""

from typing import Any

from benchmarks.contest import Entry, contest, run_whole
from benchmarks.kafka_streams.job import IN_MEMORY, ROCKSDB
from benchmarks.scene import scene
from benchmarks.sizes import Sizes
from benchmarks.stock_faust import STOCK_FAUST

TRIAL_EVENTS = 60_000
"""Fewer say too little: whatever a run has at its end, such as the last round of slow figures, would weigh too much."""


def run(sizes: Sizes) -> dict[str, Any]:
    """Peers get a prefix of mixed events that they end within minutes."""
    ours = scene(affordable(sizes), seed=sizes.seed)
    events = scene(max(sizes.peer_events, sizes.stock_events), seed=sizes.seed)
    some, few = events.first(sizes.peer_events), events.first(sizes.stock_events)
    entries = [
        Entry(STOCK_FAUST, few),
        Entry(ROCKSDB, some),
        Entry(IN_MEMORY, some),
    ]
    return contest(ours, entries, sizes)


def affordable(sizes: Sizes) -> int:
    """So many events as a worker takes in the time there is, by a first, small run, which also warms everything up."""
    trial = run_whole(scene(min(TRIAL_EVENTS, sizes.events), seed=sizes.seed), sizes.limit_seconds)
    return min(sizes.events, max(TRIAL_EVENTS, round(trial.events_per_s * sizes.budget_seconds / 1000) * 1000))
