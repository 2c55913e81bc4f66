"""How often a Kafka client asks where partitions are led: while a broker is away, aiokafka's producer asks without end.

Its sender asks anew as soon as an answer leaves a leader unknown, thousands of times a second, and logs each failure.
"""

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from aiokafka.client import AIOKafkaClient

from pipeline.clock import elapsed_seconds

_ask = AIOKafkaClient._metadata_update
_answered: "WeakKeyDictionary[AIOKafkaClient, float]" = WeakKeyDictionary()


async def _ask_again(client: AIOKafkaClient, cluster_metadata: Any, topics: Any) -> bool:
    """As `_metadata_update`, not before the client's back-off has passed since its last answer."""
    if (answered := _answered.get(client)) is not None:
        await asyncio.sleep(answered + client._retry_backoff - elapsed_seconds())
    try:
        return bool(await _ask(client, cluster_metadata, topics))
    finally:
        _answered[client] = elapsed_seconds()


def pace_metadata() -> None:
    """Called before a client is made; from then on every client of this process keeps to its back-off."""
    AIOKafkaClient._metadata_update = _ask_again
