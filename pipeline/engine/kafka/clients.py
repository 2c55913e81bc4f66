"""Kafka clients beside Faust's own: readers of state logs, and the one that deletes what is no longer needed."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import NoError, UnknownTopicOrPartitionError

from pipeline.engine.kafka.starting import start, to_the_end

PARTITION_FETCH_BYTES = 4 * 1024 * 1024
FETCH_BYTES = 32 * 1024 * 1024
DELETE_TIMEOUT_MS = 10_000
IsolationLevel = Literal["read_uncommitted", "read_committed"]


class Clients:
    """Makes clients with the options of the deployment."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = dict(options)
        self._admin: AIOKafkaAdminClient | None = None
        self._starting = asyncio.Lock()

    @asynccontextmanager
    async def reader(
        self, partition_bytes: int = PARTITION_FETCH_BYTES, isolation_level: IsolationLevel = "read_uncommitted"
    ) -> AsyncIterator[AIOKafkaConsumer]:
        """A started consumer without a group; partitions are assigned by hand.

        It fetches so much of a partition at once, and one batch of records at least. Our own logs have no transactions;
        source logs are read as they are committed.
        """
        consumer = AIOKafkaConsumer(
            **self._options,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level=isolation_level,
            max_partition_fetch_bytes=partition_bytes,
            fetch_max_bytes=FETCH_BYTES,
        )
        await start(consumer, consumer.stop)
        try:
            yield consumer
        finally:
            await to_the_end(consumer.stop())

    async def delete_before(self, topic: str, partition: int, offset: int) -> None:
        """Delete all records of the partition before `offset`. Raises KafkaError when the broker does not."""
        target = {TopicPartition(topic, partition): RecordsToDelete(before_offset=offset)}
        await (await self._started()).delete_records(target, timeout_ms=DELETE_TIMEOUT_MS)

    async def partition_counts(self, topics: Sequence[str]) -> dict[str, int]:
        """How many partitions each topic has; 0 for one that is not there, nothing where the broker does not tell."""
        described = await (await self._started()).describe_topics(list(topics))
        return {
            each["topic"]: len(each["partitions"])
            for each in described
            if each["error_code"] in (NoError.errno, UnknownTopicOrPartitionError.errno)
        }

    async def _started(self) -> AIOKafkaAdminClient:
        async with self._starting:
            if self._admin is None:
                admin = AIOKafkaAdminClient(**self._options)
                await start(admin, admin.close)
                self._admin = admin
        return self._admin

    async def close(self) -> None:
        """Called when the worker stops and nobody asks any more."""
        if self._admin is not None:
            await self._admin.close()
            self._admin = None
