"""The parts topic: what the scoreboards hand on to the stage of larger scopes."""

import asyncio
from collections.abc import Sequence

from aiokafka.structs import RecordMetadata

from pipeline.sinks.sink import Batch, Bookmark, Owner, SendRecord, Shown, Survey


class PartsTopic:
    """The sink on the parts topic. Panes are absolute and carry their version, so one sent twice changes nothing."""

    name = "parts_topic"
    fast = False
    carries_parts = True

    def __init__(self, send: SendRecord) -> None:
        self._send = send

    async def survey(self, owner: Owner, bookmark: Bookmark, shown: Shown) -> Survey:  # noqa: ARG002
        return Survey(bookmark)

    async def write(self, owner: Owner, bookmark: Bookmark, batch: Batch) -> Bookmark:  # noqa: ARG002
        sent: list[asyncio.Future[RecordMetadata]] = [
            await self._send(part.topic, part.partition, part.value, part.key, part.headers) for part in batch.parts
        ]
        for each in sent:
            await each
        return Bookmark(batch.position, now_ms=batch.now_ms) if batch.complete else bookmark

    def missing(self) -> Sequence[str]:
        return ()  # What brokers lack, the engine says.

    async def close(self) -> None:
        """Nothing of its own is open."""
