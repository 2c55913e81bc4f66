"""The ticker: appends a tick to a source partition that has been silent, so that time goes on there."""

import asyncio

from pipeline.clock import elapsed_seconds
from pipeline.engine.broker import Broker
from pipeline.engine.pump import Pump
from schemas.control import KIND_HEADER, TICK

TICK_HEADERS = ((KIND_HEADER, TICK),)


async def tick(pump: Pump, topic: str, broker: Broker) -> None:
    """Task: as long as the lease is held, append a tick to `topic` (full name) whenever nothing came for so long."""
    silence_seconds = broker.settings.tick_seconds
    while True:
        silent_seconds = elapsed_seconds() - pump.heard_at
        if silent_seconds < silence_seconds or not pump.has_room:
            await asyncio.sleep(max(silence_seconds - silent_seconds, silence_seconds / 10))
            continue
        await (await broker.outlet.send(topic, pump.lease.partition, b"", None, TICK_HEADERS))
        await asyncio.sleep(silence_seconds)
