"""The ticker: appends a tick to a source partition that has been silent, so that time goes on there."""

import asyncio

from pipeline.clock import elapsed_seconds
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.partition.pump import Pump
from schemas.control import KIND_HEADER, TICK

TICK_HEADERS = ((KIND_HEADER, TICK),)
SILENT_SHARE = 0.2
"""A partition that was heard within this share of the interval, at its end, is not silent."""


async def tick(pump: Pump, topic: str, broker: Broker) -> None:
    """Task: as long as the lease is held, append a tick to `topic` (full name) in each interval that ends in silence.

    Intervals end at the same moment for all partitions: what their ticks cause then goes to the broker and comes back
    together, which is most of what an idle worker costs. All ticks of a partition have the same proof.
    """
    interval_seconds = broker.settings.tick_seconds
    seal = broker.settings.seal(pump.lease.topic, pump.lease.partition)
    headers = TICK_HEADERS if seal is None else seal.signed(b"", None, TICK_HEADERS)
    due = 0.0
    while True:
        now = elapsed_seconds()
        due = max(due, now // interval_seconds * interval_seconds) + interval_seconds
        await asyncio.sleep(due - now)
        silent_seconds = elapsed_seconds() - pump.heard_at
        if silent_seconds >= interval_seconds * SILENT_SHARE and pump.room:
            await (await broker.outlet.send(topic, pump.lease.partition, b"", None, headers))
