"""Clients whose start is cut off, on the embedded broker: nothing of them stays open."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from aiokafka.errors import KafkaConnectionError

from pipeline.engine.kafka.bulk import BulkProducer
from pipeline.engine.kafka.clients import Clients
from pipeline.engine.kafka.engine_settings import EngineSettings

Use = Callable[[str, AsyncExitStack], Awaitable[object]]
MOST_TURNS = 200


async def read(brokers: str, _: AsyncExitStack) -> None:
    """Start a reader and stop it."""
    async with Clients({"bootstrap_servers": [brokers]}).reader():
        pass


async def look(brokers: str, stack: AsyncExitStack) -> None:
    """Start the client that asks about topics."""
    clients = Clients({"bootstrap_servers": [brokers]})
    stack.push_async_callback(clients.close)
    await clients.partition_counts(["any"])


async def send(brokers: str, stack: AsyncExitStack) -> None:
    """Start the second producer."""
    bulk = BulkProducer(EngineSettings([brokers], "any", str, 1))
    stack.push_async_callback(bulk.close)
    await bulk.send_all("kpis", 0, ())


@pytest.mark.parametrize("use", [read, look, send])
async def test_a_start_that_is_cut_off_anywhere_leaves_no_connection(mock_broker: str, use: Use) -> None:
    """Cancelled after each number of turns of the loop, until it ends before that: what stays open fails the test."""
    for turns in range(MOST_TURNS):
        async with AsyncExitStack() as stack:
            using = asyncio.ensure_future(use(mock_broker, stack))
            for _ in range(turns):
                await asyncio.sleep(0)
            whole = using.done()
            using.cancel()
            await asyncio.wait([using])
        if whole:
            break
    gc.collect()


@pytest.mark.parametrize("use", [read, look])
async def test_a_start_that_fails_leaves_no_connection(use: Use) -> None:
    """Nobody listens: the error is the client's own, and nothing stays open."""
    async with AsyncExitStack() as stack:
        with pytest.raises(KafkaConnectionError):
            await use("127.0.0.1:1", stack)
    gc.collect()
