"""The compacted alerts topic: each alert as it stands, open or resolved, for other programs to read.

For a week it keeps every record, so it is the log of changes too.
"""

import asyncio
from collections.abc import Sequence

import msgspec
from aiokafka.structs import RecordMetadata

from pipeline.kernel.partitioner import partition_of
from pipeline.sinks.sink import Batch, Bookmark, Owner, SendRecord, Shown, Survey
from schemas.described import NOW_HEADER, headers_of
from schemas.published import json_schema

TOPIC = "alerts"
_json = msgspec.json.Encoder().encode


class AlertsTopic:
    """The sink on the alerts topic, for all leases of a worker. Readers take the higher version of an alert."""

    name = "alerts_topic"
    fast = True
    carries_parts = False

    def __init__(self, send: SendRecord, partitions: int) -> None:
        self._send = send
        self._partitions = partitions
        self._headers = headers_of(json_schema("alert")["$id"])

    async def survey(self, owner: Owner, bookmark: Bookmark, shown: Shown) -> Survey:  # noqa: ARG002
        return Survey(bookmark)

    async def write(self, owner: Owner, bookmark: Bookmark, batch: Batch) -> Bookmark:  # noqa: ARG002
        headers = (*self._headers, (NOW_HEADER, str(batch.now_ms).encode()))
        sent: list[asyncio.Future[RecordMetadata]] = []
        for alert in (*(batch.open_alerts or ()), *batch.alerts):
            partition = partition_of(alert.id, self._partitions)
            sent.append(await self._send(TOPIC, partition, _json(alert.record()), alert.id.encode(), headers))
        for each in sent:
            await each
        return Bookmark(batch.position, now_ms=batch.now_ms) if batch.complete else bookmark

    def missing(self) -> Sequence[str]:
        return ()  # What brokers lack, the engine says.

    async def close(self) -> None:
        """Nothing of its own is open."""
