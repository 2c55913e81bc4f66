"""The servers that the tests and the demo stand on do what is asked of them."""

import asyncio
from pathlib import Path

import pytest
import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from kafka import KafkaConsumer, KafkaProducer

from pipeline.config.kafka_options import client_options, kafka_python_options
from pipeline.config.settings import EMBEDDED_PARTITIONS, Settings
from pipeline.embedded.redis import embedded_redis
from tests.servers.kafka import KafkaServer
from tests.servers.process import wait_until
from tests.servers.prometheus import Alertmanager, Prometheus, amtool, promtool
from tests.servers.redis import RedisServer


def test_kafka_python_works_on_the_embedded_broker(embedded_settings: Settings) -> None:
    """kafka-python produces, reads back with headers and finds four partitions on the mock cluster."""
    options = kafka_python_options(embedded_settings)
    with KafkaProducer(**options) as producer:
        producer.send("a.b", b"value", key=b"key", headers=[("h", b"1")]).get(timeout=10)
        assert len(producer.partitions_for("a.b")) == EMBEDDED_PARTITIONS

    with KafkaConsumer("a.b", auto_offset_reset="earliest", consumer_timeout_ms=10_000, **options) as consumer:
        record = next(consumer)

    assert (record.key, record.value, list(record.headers)) == (b"key", b"value", [("h", b"1")])


async def test_aiokafka_works_on_the_embedded_broker(embedded_settings: Settings) -> None:
    """Aiokafka's idempotent producer and a consumer in a group work on the mock cluster."""
    options = client_options(embedded_settings)
    async with AIOKafkaProducer(acks="all", enable_idempotence=True, **options) as producer:
        sent = await producer.send_and_wait("a.b", b"value", key=b"key", partition=2)
    async with AIOKafkaConsumer("a.b", group_id="g", auto_offset_reset="earliest", **options) as consumer:
        record = await asyncio.wait_for(consumer.getone(), 20)

    # A consumer of the engine in this process makes aiokafka give records as they were fetched: without a partition.
    assert (sent.partition, sent.offset, record.offset) == (2, 0, 0)


def test_embedded_redis_is_a_real_one_and_gone_afterwards() -> None:
    """The embedded Redis runs Lua on a socket of its own, which is gone with the context."""
    with embedded_redis() as url:
        client = redis.Redis.from_url(url)
        assert client.eval("return redis.call('INCR', KEYS[1])", 1, "n") == 1

    with pytest.raises(redis.ConnectionError):
        client.ping()
    client.close()


def test_a_redis_of_its_own_forgets_when_restarted(own_redis: RedisServer) -> None:
    """A test's own Redis comes back empty on the same port."""
    with redis.Redis.from_url(own_redis.url) as client:
        client.set("a", 1)
    own_redis.kill()
    own_redis.start()

    with redis.Redis.from_url(own_redis.url) as client:
        assert client.get("a") is None


@pytest.mark.kafka
@pytest.mark.slow
def test_a_killed_kafka_comes_back_with_its_records(own_kafka: KafkaServer) -> None:
    """A killed broker restarts on the same port with what was acknowledged."""
    with KafkaProducer(bootstrap_servers=own_kafka.bootstrap, acks="all") as producer:
        admin_create(own_kafka, "a.b")
        producer.send("a.b", b"value").get(timeout=20)
    own_kafka.kill()
    own_kafka.start()

    with KafkaConsumer(
        "a.b", bootstrap_servers=own_kafka.bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=20_000
    ) as consumer:
        assert next(consumer).value == b"value"


@pytest.mark.kafka
async def test_a_paused_kafka_answers_again_after_resume(own_kafka: KafkaServer) -> None:
    """A frozen broker answers nothing until it is resumed."""
    own_kafka.pause()
    assert not own_kafka.answers()
    own_kafka.resume()

    wait_until(own_kafka.answers, "the broker to answer again")


def admin_create(server: KafkaServer, topic: str) -> None:
    """Create a topic of one partition and wait until it can be used."""
    from kafka import KafkaAdminClient

    admin = KafkaAdminClient(bootstrap_servers=server.bootstrap)
    admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
    admin.close()


def test_prometheus_scrapes_and_answers(tmp_path: Path) -> None:
    """Prometheus starts with a checked configuration, scrapes itself and answers a query."""
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s}\n"
        "scrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:PORT']}]}]\n"
    )
    server = Prometheus(tmp_path, config)
    config.write_text(config.read_text().replace("PORT", str(server.port)))
    promtool("check", "config", config)
    server.start()
    try:
        server.until_scraped("self")
        assert server.query("count(up)")[0]["value"][1] == "1"
        with pytest.raises(AssertionError, match="parse error"):
            server.query("count(")
    finally:
        server.stop()


def test_alertmanager_starts_with_a_checked_configuration(tmp_path: Path) -> None:
    """Alertmanager starts alone, with a configuration that amtool accepts, and holds no alerts."""
    config = tmp_path / "alertmanager.yml"
    config.write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    amtool("check-config", config)
    server = Alertmanager(tmp_path, config)
    server.start()
    try:
        assert server.alerts() == []
    finally:
        server.stop()
