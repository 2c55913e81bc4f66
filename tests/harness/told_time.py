"""Time that passes as the test says."""

from kafka import KafkaProducer

from pipeline.audit.records import DOMAINS
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.policies import proofs
from pipeline.topics.table import full_name
from schemas.control import KIND_HEADER, TICK


def tell_time(settings: Settings, append_ms: int) -> None:
    """Every partition of every source log tells of that time."""
    producer = KafkaProducer(**kafka_python_options(settings))
    for topic in DOMAINS:
        for partition in range(settings.partitions):
            name = full_name(settings.namespace, topic)
            headers = proofs(settings).at(topic, partition).signed(b"", None, ((KIND_HEADER, TICK),))
            producer.send(name, b"", None, [*headers], partition, append_ms).get(timeout=20)
    producer.close()
