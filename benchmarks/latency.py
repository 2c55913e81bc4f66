"""From produce to Redis: how long an event takes, at two rates of live traffic."""

import time
from collections.abc import Sequence
from statistics import median, quantiles
from threading import Thread
from typing import Any

import redis

from benchmarks.deployment import NAMESPACE, Deployment
from benchmarks.events import Floor, arrivals, organisation
from benchmarks.expected import expected
from benchmarks.load import paced
from benchmarks.probes import Probes
from benchmarks.processes import core_seconds
from benchmarks.servers import servers
from benchmarks.sizes import Sizes
from benchmarks.words import say

RATES = (2_000, 10_000)
WARM_UP_SECONDS = 3
DRAIN_SECONDS = 600


def run(sizes: Sizes) -> dict[str, Any]:
    """One steady load after the other, each on servers of its own, with calls of our own between."""
    return {"seconds": sizes.live_seconds, "rates": [_at(rate, sizes) for rate in RATES]}


def percentiles(latencies_seconds: Sequence[float]) -> dict[str, float]:
    """The usual ones, in milliseconds."""
    cuts = quantiles(latencies_seconds, n=100)
    shown = {
        "p50_ms": median(latencies_seconds),
        "p95_ms": cuts[94],
        "p99_ms": cuts[98],
        "max_ms": max(latencies_seconds),
    }
    return {name: round(value * 1000, 1) for name, value in shown.items()}


def _at(rate: int, sizes: Sizes) -> dict[str, Any]:
    seconds = WARM_UP_SECONDS + sizes.live_seconds
    floor = Floor(rate * seconds, end_ms=int(time.time() * 1000), seed=sizes.seed, events_per_second=rate)
    coming = arrivals(floor)
    with servers() as started, redis.Redis.from_url(started.redis_url) as client, Deployment(started) as deployment:
        probes = Probes(started.brokers, client, floor.teams, sizes.seed)
        people = organisation(floor) + probes.organisation(floor)
        deployment.settle(people)
        load = Thread(target=paced, args=(started.brokers, NAMESPACE, coming, rate))
        begun, before = time.monotonic(), core_seconds(deployment.workers)
        load.start()
        warm = begun + WARM_UP_SECONDS
        probes.run(lambda: time.monotonic() < warm, DRAIN_SECONDS)
        found = probes.run(load.is_alive, DRAIN_SECONDS)
        share = (core_seconds(deployment.workers) - before) / (time.monotonic() - begun)
        load.join()
        checked = deployment.check(expected(people, coming + probes.arrivals), sizes.limit_seconds)
    say(f"  {rate} events/s: {percentiles(found)}")
    return {
        "events_per_s": rate,
        **percentiles(found),
        "samples": len(found),
        "core_share": round(share, 3),
        "figures_checked": checked,
    }
