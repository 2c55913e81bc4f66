"""What a record is by its ack, and which sends are handed over."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata, TopicPartition

from pipeline.engine.kafka.acknowledged import Acknowledged, acknowledged
from pipeline.engine.kafka.outlet import Outlet

HEADERS = (("of", b"crm"),)


def ack(offset: int = 7, timestamp: int | None = 1_700_000_000_000, timestamp_type: int = 1) -> RecordMetadata:
    """Of a record in the first partition."""
    return RecordMetadata("app.facts", 0, TopicPartition("app.facts", 0), offset, timestamp, timestamp_type, 0)


def test_an_ack_with_offset_and_append_time_tells_the_record() -> None:
    """All else of it is what was sent."""
    record = acknowledged(ack(), b"value", b"key", HEADERS)

    assert record == Acknowledged(7, 1_700_000_000_000, b"key", b"value", HEADERS)


@pytest.mark.parametrize(
    "told",
    [ack(timestamp_type=0), ack(offset=-1, timestamp=-1, timestamp_type=0), ack(offset=-1), ack(timestamp=None)],
    ids=["the producer's time", "sent again, and forgotten", "no offset", "no time"],
)
def test_what_an_ack_does_not_tell_is_fetched(told: RecordMetadata) -> None:
    """The producer's time is that of another record of the batch, by the client; a guess would be folded."""
    assert acknowledged(told, b"value", None, ()) is None


class Producer:
    """Queues records; acks are given by the test."""

    def __init__(self) -> None:
        self.acks: list[asyncio.Future[RecordMetadata]] = []

    async def send(self, *_: Any) -> "asyncio.Future[RecordMetadata]":
        """One record."""
        self.acks.append(asyncio.get_running_loop().create_future())
        return self.acks[-1]


async def test_sends_to_a_topic_between_stages_are_handed_over_in_their_order() -> None:
    """Once they are acknowledged; neither those to other topics, nor what failed or nobody waits for any more."""
    producer, handed = Producer(), list[tuple[str, int, int]]()
    outlet = Outlet(
        cast(Any, SimpleNamespace(producer=producer)),
        frozenset({"app.facts"}),
        lambda topic, partition, record: handed.append((topic, partition, record.offset)),
    )
    for topic in ("app.facts", "app.facts", "app.alerts", "app.facts", "app.facts"):
        await outlet.send(topic, 3, b"value")
    first, second, _, failed, left = producer.acks
    failed.set_exception(KafkaError("refused"))
    left.cancel()
    producer.acks[2].set_result(ack(1))
    first.set_result(ack(7))
    second.set_result(ack(8))
    assert handed == []
    await asyncio.sleep(0)

    assert handed == [("app.facts", 3, 7), ("app.facts", 3, 8)]
