"""Processor use of a worker when nothing comes in, and at 100 events/s: the real volume of 10,000 reps."""

import time
from typing import Any

from benchmarks.deployment import NAMESPACE, Deployment
from benchmarks.load import paced, send
from benchmarks.processes import core_seconds
from benchmarks.scene import scene
from benchmarks.servers import servers
from benchmarks.sizes import Sizes

EVENTS_PER_SECOND = 100
EVENTS_BEFORE = 2_000


def run(sizes: Sizes) -> dict[str, Any]:
    """A floor that has been at work is left alone, then works on at 100 events/s, then is checked."""
    seconds = sizes.live_seconds
    given = scene(EVENTS_BEFORE + EVENTS_PER_SECOND * seconds, seed=sizes.seed)
    with servers() as started, Deployment(started) as deployment:
        deployment.settle(given.organisation)
        send(started.brokers, NAMESPACE, given.arrivals[:EVENTS_BEFORE])
        deployment.until_idle()
        time.sleep(2)
        idle = _share(deployment, seconds)
        begun, before = time.monotonic(), core_seconds(deployment.workers)
        paced(started.brokers, NAMESPACE, given.arrivals[EVENTS_BEFORE:], EVENTS_PER_SECOND)
        busy = (core_seconds(deployment.workers) - before) / (time.monotonic() - begun)
        checked = deployment.check(given.wanted)
    return {
        "seconds": seconds,
        "reps": 500,
        "idle_core_share": round(idle, 4),
        "core_share_at_100_events_per_s": round(busy, 4),
        "figures_checked": checked,
    }


def _share(deployment: Deployment, seconds: float) -> float:
    begun, before = time.monotonic(), core_seconds(deployment.workers)
    time.sleep(seconds)
    return (core_seconds(deployment.workers) - before) / (time.monotonic() - begun)
