"""Heartbeats in Redis without a worker: written by the real heartbeat, over leases that hold nothing."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import cast

from pipeline import clock
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Stage
from pipeline.kernel.store import Store
from pipeline.sinks.redis_guard import connect
from pipeline.sinks.redis_heartbeat import RedisHeartbeat
from pipeline.sinks.sink import SinkDown
from pipeline.topics.table import STAGES
from tests.harness.repeating import repeating

PARTITIONS = 4
BEAT_SECONDS = 0.5


def leases(stages: Sequence[str] = STAGES, partitions: int = PARTITIONS) -> list[tuple[str, Lease]]:
    """Every partition of some stages, each as far as it can be now."""
    held = [(stage, Lease(stage, n, 1, 1, Store(), cast("Stage", None))) for stage in stages for n in range(partitions)]
    for _, lease in held:
        lease.store.scalars["now_ms"] = clock.now_ms()
    return held


def vouch(url: str, namespace: str, stages: Sequence[str] = STAGES) -> None:
    """Say once that every partition is held and up to date."""

    async def beat() -> None:
        heartbeat = RedisHeartbeat(connect(url), namespace, PARTITIONS, lambda: leases(stages))
        await heartbeat.beat()
        await heartbeat.close()

    asyncio.run(beat())


@contextmanager
def vouching(url: str, namespace: str) -> Iterator[None]:
    """Say so again and again, for as long as the context lasts."""

    def beat() -> None:
        with suppress(SinkDown):
            vouch(url, namespace)

    vouch(url, namespace)
    with repeating(beat, BEAT_SECONDS, "heartbeat"):
        yield
