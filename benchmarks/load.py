"""Putting events into Kafka, as fast as the broker takes them, from another core than the job's."""

from collections.abc import Iterable

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from benchmarks.events import Arrival


def send(brokers: str, prefix: str, arrivals: Iterable[Arrival]) -> None:
    """Send all events, in order, to the topics `<prefix>.<topic>`; return once all are acknowledged."""
    producer = Producer({"bootstrap.servers": brokers, "partitioner": "murmur2_random", "acks": "all", "linger.ms": 5})
    refused: list[object] = []

    def acknowledged(error: object, _: object) -> None:
        if error is not None:
            refused.append(error)

    for topic, key, value in arrivals:
        while True:
            try:
                producer.produce(f"{prefix}.{topic}", value, key, on_delivery=acknowledged)
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()
    if refused:
        raise RuntimeError(f"the broker refused {len(refused)} events: {refused[0]}")


def create_topics(brokers: str, names: Iterable[str], partitions: int) -> None:
    """Create plain topics, which must not exist yet."""
    admin = AdminClient({"bootstrap.servers": brokers})
    for done in admin.create_topics([NewTopic(name, partitions, 1) for name in names]).values():
        done.result()
