"""Sinks of the tests. They keep what every sink promises (tests/contract/test_sinks.py), as the real ones do."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka.structs import RecordMetadata, TopicPartition
from redis.asyncio import Redis

from pipeline.kernel.stage import Headers, Send
from pipeline.sinks.memory import MemorySink
from pipeline.sinks.redis import RedisSink
from pipeline.sinks.sink import Batch, Bookmark, Owner, Shown, Survey


class PartsSink:
    """Keeps the parts it was given, as the topic does: in a list of the test's, where it gives one."""

    name = "parts"
    fast = False
    carries_parts = True

    def __init__(self, parts: list[Send] | None = None) -> None:
        self.parts: list[Send] = [] if parts is None else parts

    async def survey(self, owner: Owner, bookmark: Bookmark, shown: Shown) -> Survey:
        return Survey(bookmark)

    async def write(self, owner: Owner, bookmark: Bookmark, batch: Batch) -> Bookmark:
        self.parts += batch.parts
        return Bookmark(batch.position, now_ms=batch.now_ms) if batch.complete else bookmark

    def missing(self) -> Sequence[str]:
        return ()

    async def close(self) -> None:
        """Nothing is open."""


class SlowTopic(MemorySink):
    """A topic whose brokers acknowledge nothing until they are told to."""

    def __init__(self) -> None:
        super().__init__(fast=False)
        self.name = "slow"
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()

    async def write(self, owner: Owner, bookmark: Bookmark, batch: Batch) -> Bookmark:
        self.asked.set()
        await self.answers.wait()
        return await super().write(owner, bookmark, batch)


class EndingRedisSink(RedisSink):
    """The real sink of a worker that comes to no more than so many batches."""

    def __init__(self, client: Redis, namespace: str, definition: str) -> None:
        super().__init__(client, namespace, 3600, definition)
        self.written = 0
        self.left: int | None = None

    async def write(self, owner: Owner, bookmark: Bookmark, batch: Batch) -> Bookmark:
        if self.left == 0:
            await asyncio.Event().wait()
        if self.left is not None:
            self.left -= 1
        bookmark = await super().write(owner, bookmark, batch)
        self.written += 1
        return bookmark


class ClosingSink(MemorySink):
    """Counts how often it was closed; with an error, that is what comes of it."""

    def __init__(self, name: str, error: Exception | None = None) -> None:
        super().__init__()
        self.name = name
        self.closed = 0
        self._error = error

    async def close(self) -> None:
        self.closed += 1
        if self._error is not None:
            raise self._error


@dataclass
class Wire:
    """Takes records as the engine does, and acknowledges them when it is told to."""

    sent: list[tuple[str, int, bytes | None, bytes | None]] = field(default_factory=list)
    headers: list[Headers] = field(default_factory=list)
    acks: list["asyncio.Future[RecordMetadata]"] = field(default_factory=list)
    held: bool = False

    async def send(
        self, topic: str, partition: int, value: bytes | None, key: bytes | None = None, headers: Headers = ()
    ) -> "asyncio.Future[RecordMetadata]":
        """Queue one record."""
        self.sent.append((topic, partition, value, key))
        self.headers.append(headers)
        ack: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
        self.acks.append(ack)
        if not self.held:
            self.acknowledge()
        return ack

    def acknowledge(self) -> None:
        """Acknowledge everything that was sent."""
        for number, ack in enumerate(self.acks):
            if not ack.done():
                place = TopicPartition("t", 0)
                ack.set_result(RecordMetadata("t", 0, place, number, 0, 0, 0))
