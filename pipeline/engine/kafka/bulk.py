"""A second producer, for KPI records: they are large, and nothing in the engine waits for them.

A client has one request under way to a broker. Behind megabytes of KPI records, facts and deltas would wait for them.
"""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from tenacity import retry, retry_if_exception_type, wait_random_exponential

from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.engine.kafka.outlet import Records, Sent, producer_options, send_all
from pipeline.engine.kafka.starting import start

COMPRESSION = "zstd"
"""KPI records repeat each other: a fourteenth of the bytes, for three nanoseconds each. Clients since 2018 read it."""


class BulkProducer:
    """As the producer under Faust, on connections of its own; connects when it is first used."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send_all(self, topic: str, partition: int, records: Records) -> list[Sent]:
        """Queue many records for one partition of `topic` (its full name), in order."""
        return await send_all(await self._started(), topic, partition, records)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                self._producer = await self._connected()
        return self._producer

    @retry(retry=retry_if_exception_type(KafkaConnectionError), wait=wait_random_exponential(0.1, max=5.0))
    async def _connected(self) -> AIOKafkaProducer:
        """Brokers that are away come back: a producer that had started would wait for them too."""
        options = producer_options(self._settings.compression or COMPRESSION)
        producer = AIOKafkaProducer(**self._settings.client_options, **options)
        await start(producer, producer.stop)
        return producer

    async def close(self) -> None:
        """Called when the worker stops and nobody sends any more."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None
