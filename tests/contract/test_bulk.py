"""The producer for bulk, on the embedded broker."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer

from pipeline.engine.kafka.bulk import BulkProducer
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.engine.kafka.outlet import Records
from schemas.described import headers_of
from tests.servers.proxy import Proxy

TOPIC = "kpis"
REFUSALS = 3
RECORD = b'{"scope":"team:%d","kpis":{"calls":{"value":1,"unit":"calls"},"talk_seconds":{"value":60,"unit":"s"}}}'
HEADERS = headers_of("urn:salespulse:schema:kpi:1.00000000")
SOME: Records = [(b"a", b"1", (("schema", b"any"),)), (b"b", None, ())]


def producer(address: str) -> BulkProducer:
    """One that knows a single broker."""
    return BulkProducer(EngineSettings([address], "any", str, 1))


async def test_records_go_out_in_order_and_are_acknowledged(mock_broker: str) -> None:
    """Each batch has the offset of its first record, and what is sent next comes after it."""
    bulk = producer(mock_broker)
    acks = [(await sent.ack).offset for _ in range(3) for sent in await bulk.send_all(TOPIC, 0, SOME)]
    await bulk.close()

    assert acks == [0, 2, 4]


async def test_brokers_that_are_away_are_waited_for(mock_broker: str, caplog: pytest.LogCaptureFixture) -> None:
    """What is to be sent when nobody answers goes out once somebody does."""
    proxy = Proxy(int(mock_broker.rpartition(":")[2]))
    bulk = producer(f"127.0.0.1:{proxy.port}")
    sending = asyncio.create_task(bulk.send_all(TOPIC, 0, SOME))
    async with asyncio.timeout(30):
        while caplog.text.count(f"127.0.0.1:{proxy.port}") < REFUSALS:
            await asyncio.sleep(0.01)
    assert not sending.done()

    with proxy:
        (sent,) = await asyncio.wait_for(sending, 30)
        assert (await sent.ack).offset == 0
        await bulk.close()


async def test_records_that_repeat_each_other_take_few_bytes(mock_broker: str) -> None:
    """A publication of KPI records is a fraction of what it says, and readers have it as it was."""
    bulk = producer(mock_broker)
    records: Records = [(f"team:{n}|day".encode(), RECORD % n, HEADERS) for n in range(200)]
    client = await bulk._started()
    batch = client.create_batch()
    for key, value, headers in records:
        batch.append(timestamp=None, key=key, value=value, headers=[*headers])
    said = batch.size()
    batch.close()
    await (await client.send_batch(batch, "packed", partition=0))
    await bulk.close()
    assert batch.size() < said / 5
    async with AIOKafkaConsumer("packed", bootstrap_servers=mock_broker, auto_offset_reset="earliest") as consumer:
        read = [await consumer.getone() for _ in records]
    assert [(found.key, found.value, tuple(found.headers)) for found in read] == records


async def test_one_that_was_never_used_closes() -> None:
    """Where no stage publishes, nothing connects."""
    await producer("127.0.0.1:1").close()
