"""The whole job beside the same job in stock Faust and in Kafka Streams: events per second on one core."""

from collections import defaultdict
from typing import Any

from benchmarks import peer, whole_job
from benchmarks.kafka_streams.job import IN_MEMORY, ROCKSDB
from benchmarks.measure import Outcome
from benchmarks.peer import Peer, counters
from benchmarks.repeated import repeated
from benchmarks.scene import Scene, scene
from benchmarks.servers import servers
from benchmarks.sizes import Sizes
from benchmarks.stock_faust import STOCK_FAUST
from benchmarks.words import say

TRIAL_EVENTS = 20_000


def run(sizes: Sizes) -> dict[str, Any]:
    """Each contender in turn, as often as there are repetitions, on servers of its own each time."""
    events = scene(sizes.events, seed=sizes.seed)
    ours = events.first(_affordable(events, sizes))
    contenders = (
        (STOCK_FAUST, events.first(sizes.stock_events)),
        (ROCKSDB, events.first(sizes.peer_events)),
        (IN_MEMORY, events.first(sizes.peer_events)),
    )
    outcomes: dict[str, list[Outcome]] = defaultdict(list)
    for _ in range(sizes.repetitions):
        for contender, given in contenders:
            outcomes[contender.name].append(run_peer(contender, given, sizes.limit_seconds))
        outcomes["whole_job"].append(run_whole(ours, sizes.limit_seconds))
    block = {name: repeated(found) for name, found in outcomes.items()}
    rate = block["whole_job"]["events_per_s"]["median"]
    ratios = {name: round(rate / block[name]["events_per_s"]["median"], 2) for name in block if name != "whole_job"}
    return {**block, "ratios": ratios, "mean_event_bytes": ours.mean_event_bytes, "partitions": peer.PARTITIONS}


def run_whole(given: Scene, limit_seconds: float) -> Outcome:
    """Our own worker, once."""
    with servers() as started:
        outcome = whole_job.run(started, given.organisation, given.arrivals, given.wanted, limit_seconds)
    say(f"  whole job: {outcome.events_per_s:.0f} events/s, {outcome.core_microseconds_per_event:.0f} µs/event")
    return outcome


def run_peer(contender: Peer, given: Scene, limit_seconds: float) -> Outcome:
    """Another program, once."""
    with servers() as started:
        wanted = counters(given.wanted)
        outcome = peer.run(contender, started, given.organisation, given.arrivals, wanted, limit_seconds)
    say(f"  {contender.name}: {outcome.events_per_s:.0f} events/s, {outcome.core_microseconds_per_event:.0f} µs/event")
    return outcome


def _affordable(events: Scene, sizes: Sizes) -> int:
    """So many events as a worker takes in the time there is, by a first, small run, which also warms everything up."""
    trial = run_whole(events.first(TRIAL_EVENTS), sizes.limit_seconds)
    return max(TRIAL_EVENTS, min(sizes.events, round(trial.events_per_s * sizes.budget_seconds / 1000) * 1000))
