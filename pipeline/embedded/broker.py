"""The embedded broker: librdkafka's mock cluster, for the demo and for quick tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Producer

API_VERSION = "2.3"
"""What kafka-python must be told: it cannot negotiate with the mock cluster."""


@contextmanager
def embedded_broker() -> Iterator[str]:
    """Run a broker inside this process for as long as the context lasts; gives its host:port on the loopback.

    It keeps 5 MB a partition, in memory, and makes topics up as they are used. It lacks admin calls, DeleteRecords and
    log-append time; what its acks give as the time of append is made up.
    """
    owner = Producer({"bootstrap.servers": "embedded", "test.mock.num.brokers": 1, "log_level": 0})
    broker = next(iter(owner.list_topics(timeout=10).brokers.values()))
    try:
        yield f"{broker.host}:{broker.port}"
    finally:
        del owner
