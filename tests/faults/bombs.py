"""Batches that weigh little and unpack to much, each a single one for a broker."""

from aiokafka import AIOKafkaProducer

from pipeline.config.kafka_options import client_options
from pipeline.config.settings import Settings
from pipeline.topics.table import SOURCES, full_name

MIB = 1024 * 1024
CODECS = ("gzip", "lz4", "zstd")
"""Snappy packs no better than to a twentieth: what a broker takes of it never unpacks to much."""


async def send_bombs(settings: Settings, times: int) -> int:
    """So many records of zeros, a MiB each, in one batch of each codec, to every source; and one of empty records.

    Gives how many batches were sent.
    """
    sent = 0
    for codec in CODECS:
        producer = AIOKafkaProducer(
            **client_options(settings), compression_type=codec, max_batch_size=2**31 - 1, max_request_size=2**31 - 1,
            request_timeout_ms=120_000,
        )  # fmt: skip
        await producer.start()
        try:
            for topic in SOURCES:
                bombs = [[bytes(MIB)] * times, [b""] * 300_000] if codec == "zstd" else [[bytes(MIB)] * times]
                for values in bombs:
                    batch = producer.create_batch()
                    for value in values:
                        assert batch.append(key=None, value=value, timestamp=None) is not None
                    batch.close()
                    await (await producer.send_batch(batch, full_name(settings.namespace, topic), partition=sent % 4))
                    sent += 1
        finally:
            await producer.stop()
    return sent
