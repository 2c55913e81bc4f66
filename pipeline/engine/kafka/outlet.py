"""The idempotent producer under Faust, and the one way in which the engine writes to Kafka."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata
from faust.exceptions import ProducerSendError
from faust.transport.drivers import aiokafka as stock
from faust.types import AppT

from pipeline.engine.kafka.acknowledged import HandOver, acknowledged
from pipeline.kernel.stage import Headers

BATCH_BYTES = 900_000
"""Of one partition in one request; a broker takes a MiB unless it is told otherwise."""
REQUEST_TIMEOUT_MS = 40_000
REQUEST_BYTES = 2 * 1_048_588
"""A refused record goes to the dead letters whole, with headers; their topic takes twice what a source takes."""


Records = Sequence[tuple[bytes, bytes | None, Headers]]
"""Keys, values and headers."""


class Sent(NamedTuple):
    """Some records that went out as one batch, with the ack of the first: the others have the offsets after it."""

    ack: "asyncio.Future[RecordMetadata]"
    records: int


def producer_options(compression: str | None) -> dict[str, Any]:
    """What every producer of the engine is set to, in aiokafka's own options."""
    return {
        "acks": "all",
        "enable_idempotence": True,
        "max_batch_size": BATCH_BYTES,
        "max_request_size": REQUEST_BYTES,
        "compression_type": compression,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
    }


class IdempotentProducer(stock.Producer):
    """Faust's producer with acks=all and idempotence: it retries for ever, in order, without duplicates."""

    def _settings_auth(self) -> Mapping[str, Any]:
        return getattr(self.app, "security", None) or super()._settings_auth()

    def _settings_extra(self) -> Mapping[str, Any]:
        return producer_options(self.compression_type)


async def send_all(producer: AIOKafkaProducer, topic: str, partition: int, records: Records) -> list[Sent]:
    """Queue many records for one partition, in order, as few batches: that spares a future for each of them.

    Waits until what was queued for the partition before is on its way.
    """
    sent: list[Sent] = []
    queued = 0
    while queued < len(records):
        batch = producer.create_batch()
        for key, value, headers in islice(records, queued, None):
            if batch.append(timestamp=None, key=key, value=value, headers=[*headers]) is None:
                break
        batch.close()
        sent.append(Sent(await _sent(producer, batch, topic, partition), batch.record_count()))
        queued += batch.record_count()
    return sent


async def _sent(
    producer: AIOKafkaProducer, batch: BatchBuilder, topic: str, partition: int
) -> "asyncio.Future[RecordMetadata]":
    while True:
        try:
            ack: asyncio.Future[RecordMetadata] = await producer.send_batch(batch, topic, partition=partition)
        except KafkaTimeoutError:
            continue  # Brokers take nothing at the moment, and nothing was queued.
        return ack


class Outlet:
    """Sends records through the app's producer; every send is awaited by whoever sent it.

    What the brokers have taken for one of the topics `between` stages (full names) is handed over as soon as it is
    acknowledged: the partition may be this worker's.
    """

    def __init__(self, app: AppT, between: frozenset[str], hand_over: HandOver) -> None:
        self.app = app
        self._between = between
        self._hand_over = hand_over

    async def send(
        self, topic: str, partition: int, value: bytes | None, key: bytes | None = None, headers: Headers = ()
    ) -> "asyncio.Future[RecordMetadata]":
        """Queue one record for `topic` (its full name); the future is its ack.

        Records of one caller to one partition keep their order. Waits while the partition's buffer is full.
        """
        while True:
            try:
                sent: asyncio.Future[RecordMetadata] = await self.app.producer.send(  # type: ignore[assignment]
                    topic, key, value, partition, None, list(headers)
                )
            except ProducerSendError as error:
                # The buffer stayed full: brokers take nothing at the moment, and nothing was queued.
                if not isinstance(error.__cause__, KafkaTimeoutError):
                    raise error.__cause__ or error from None
            else:
                if topic in self._between:
                    sent.add_done_callback(partial(self._acked, topic, partition, value, key, headers))
                return sent

    def _acked(
        self,
        topic: str,
        partition: int,
        value: bytes | None,
        key: bytes | None,
        headers: Headers,
        sent: "asyncio.Future[RecordMetadata]",
    ) -> None:
        """Whoever sent it learns of a failure; a send that nobody waits for any more is fetched as any other."""
        if sent.cancelled() or sent.exception() is not None:
            return
        record = acknowledged(sent.result(), value, key, headers)
        if record is not None:
            self._hand_over(topic, partition, record)
