"""The heartbeat of a worker in Redis: which partitions it holds, and how far each of them is.

It runs beside the publishers and waits for none of them: whoever reads figures learns from it who vouches for them.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from redis.asyncio import Redis

from pipeline import clock
from pipeline.boards.pending import PUBLISHED
from pipeline.kernel.lease import Lease
from pipeline.sinks.redis_guard import answering
from pipeline.sinks.redis_keys import Keys
from pipeline.sinks.sink import Bookmark, SinkDown
from schemas.heartbeat import Heartbeat

log = logging.getLogger(__name__)

BEAT_SECONDS = 2.0
ALIVE_SECONDS = 30
HELD_SECONDS = 86_400
"""How long a beat is kept: so long it can be said since when nobody has held a partition."""

Held = Callable[[], Sequence[tuple[str, Lease]]]
"""The leases in force, each with the name of its stage."""


@dataclass(slots=True)
class Pulse:
    """How far one lease is, and since when it stands there, in elapsed seconds."""

    now_ms: int
    since: float


class RedisHeartbeat:
    """Runs as long as the worker does. A Redis that does not answer gets the next beat."""

    def __init__(self, client: Redis, namespace: str, partitions: int, held: Held) -> None:
        self._client = client
        self._keys = Keys(namespace)
        self._partitions = partitions
        self._held = held
        self._pulses: dict[Lease, Pulse] = {}

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            try:
                await self.beat()
            except SinkDown as error:
                # The sinks say so where it matters, and for longer than a moment.
                log.debug("heartbeat not written: %s", error, extra={"code": "heartbeat_not_written"})
            await asyncio.sleep(BEAT_SECONDS)

    async def beat(self) -> None:
        """Say once what is held; SinkDown where Redis does not take it."""
        at_ms, at = clock.now_ms(), clock.elapsed_seconds()
        held = self._held()
        self._pulses = {lease: self._pulse(lease, at) for _, lease in held}
        with answering():
            async with self._client.pipeline(transaction=False) as pipe:
                pipe.set(self._keys.alive, at_ms, ex=ALIVE_SECONDS)
                for stage, lease in held:
                    said = msgspec.json.encode(self._said(lease, at_ms, at))
                    pipe.set(self._keys.held(stage, lease.partition), said, ex=HELD_SECONDS)
                await pipe.execute()

    async def close(self) -> None:
        """Called once, when the worker stops."""
        await self._client.aclose()

    def _pulse(self, lease: Lease, at: float) -> Pulse:
        now_ms, before = int(lease.store.scalars.get("now_ms", 0)), self._pulses.get(lease)
        return before if before is not None and before.now_ms == now_ms else Pulse(now_ms, at)

    def _said(self, lease: Lease, at_ms: int, at: float) -> Heartbeat:
        pulse = self._pulses[lease]
        still_ms = round(1000 * (at - pulse.since))
        return Heartbeat(at_ms, pulse.now_ms, still_ms, self._partitions, _published_ms(lease))


def _published_ms(lease: Lease) -> int | None:
    """Up to which stream time the lease's figures are in Redis, by the sink's bookmark."""
    held = lease.store.scalars.get(PUBLISHED, {}).get("redis")
    if held is None:
        return None
    *bookmark, _ = held
    now_ms = Bookmark(*bookmark).now_ms
    return now_ms if now_ms > 0 else None
