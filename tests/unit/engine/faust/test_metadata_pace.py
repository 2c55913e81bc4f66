"""The pace of questions about leaders, with nobody there to answer."""

import asyncio

from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata

from pipeline.clock import elapsed_seconds
from pipeline.engine.faust.metadata_pace import pace_metadata

BACKOFF_MS, QUESTIONS = 20, 10


def test_a_client_that_gets_no_answer_waits_before_it_asks_again() -> None:
    """However often it is told to ask."""

    async def asked_often() -> float:
        client = AIOKafkaClient(bootstrap_servers="127.0.0.1:1", retry_backoff_ms=BACKOFF_MS)
        began = elapsed_seconds()
        for _ in range(QUESTIONS):
            assert not await client._metadata_update(ClusterMetadata(), None)
        await client.close()
        return elapsed_seconds() - began

    pace_metadata()
    assert asyncio.run(asked_often()) >= (QUESTIONS - 1) * BACKOFF_MS / 1000
