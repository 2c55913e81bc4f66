"""The idempotent producer under Faust, and the one way in which the engine writes to Kafka."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import RecordMetadata
from faust.exceptions import ProducerSendError
from faust.transport.drivers import aiokafka as stock
from faust.types import AppT

from pipeline.engine.stage import Headers

BATCH_BYTES = 900_000
"""Of one partition in one request; a broker takes a MiB unless it is told otherwise."""
REQUEST_BYTES = 2 * 1_048_588
"""A refused record goes to the dead letters whole, with headers; their topic takes twice what a source takes."""


class IdempotentProducer(stock.Producer):
    """Faust's producer with acks=all and idempotence: it retries for ever, in order, without duplicates."""

    def _settings_auth(self) -> Mapping[str, Any]:
        return getattr(self.app, "security", None) or super()._settings_auth()

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Outlet:
    """Sends records through the app's producer; every send is awaited by whoever sent it."""

    def __init__(self, app: AppT) -> None:
        self.app = app

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
                return sent
