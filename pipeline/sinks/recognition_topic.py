"""The compacted recognition topic: each contest and achievement as it stands, or was taken back, for programs."""

import asyncio
from collections.abc import Sequence

import msgspec
from aiokafka.structs import RecordMetadata

from pipeline.kernel.partitioner import partition_of
from pipeline.sinks.sink import Batch, Bookmark, Owner, SendRecord, Shown, Survey
from schemas.described import headers_of
from schemas.published import json_schema

TOPIC = "recognition"
SCHEMAS = {"contest": "contest", "best": "achievement", "milestone": "achievement", "streak": "achievement"}
"""By kind: the schema of its records."""
_json = msgspec.json.Encoder().encode


class RecognitionTopic:
    """The sink on the recognition topic, for all leases of a worker. Readers take the higher version of a record.

    What it has is not sent again, whatever else is published anew: a reader may announce what it reads.
    """

    name = "recognition_topic"
    fast = True
    carries_parts = False

    def __init__(self, send: SendRecord, partitions: int) -> None:
        self._send = send
        self._partitions = partitions
        self._headers = {kind: headers_of(json_schema(name)["$id"]) for kind, name in SCHEMAS.items()}

    async def survey(self, owner: Owner, bookmark: Bookmark, shown: Shown) -> Survey:  # noqa: ARG002
        return Survey(bookmark)

    async def write(self, owner: Owner, bookmark: Bookmark, batch: Batch) -> Bookmark:  # noqa: ARG002
        sent: list[asyncio.Future[RecordMetadata]] = []
        for each in batch.recognition:
            if each.version[1] > bookmark.published:
                partition = partition_of(each.id, self._partitions)
                value = _json(each.record())
                sent.append(await self._send(TOPIC, partition, value, each.id.encode(), self._headers[each.kind]))
        for future in sent:
            await future
        return Bookmark(batch.position, now_ms=batch.now_ms) if batch.complete else bookmark

    def missing(self) -> Sequence[str]:
        return ()  # What brokers lack, the engine says.

    async def close(self) -> None:
        """Nothing of its own is open."""
