"""How far a deployment has come with its sources, by what its group has committed and what its states say."""

from confluent_kafka import Consumer, TopicPartition

from pipeline.topics.table import SOURCES, full_name
from tests.faults.cluster import Cluster
from tests.harness.state import end_offsets, read_state


def lag(cluster: Cluster) -> int:
    """The records of all sources that the group has not committed."""
    settings = cluster.settings
    names = {full_name(settings.namespace, topic): settings.partitions for topic in SOURCES}
    ends = end_offsets(settings.brokers, names)
    return sum(ends.values()) - sum(sum(_committed(cluster, topic)) for topic in SOURCES)


def commits_are_behind_the_state(cluster: Cluster, topic: str, stage: str) -> bool:
    """Whether everything that was acknowledged to Kafka is in the state log; called while no worker runs."""
    settings = cluster.settings
    stores = read_state(settings.brokers, full_name(settings.namespace, f"state.{stage}"), settings.partitions)
    pairs = zip(_committed(cluster, topic), stores, strict=True)
    return all(committed <= store.position + 1 for committed, store in pairs)


def _committed(cluster: Cluster, topic: str) -> list[int]:
    settings = cluster.settings
    group = {"bootstrap.servers": settings.brokers, "group.id": settings.namespace, "log_level": 0}
    consumer = Consumer(group)
    try:
        name = full_name(settings.namespace, topic)
        asked = [TopicPartition(name, n) for n in range(settings.partitions)]
        return [max(int(found.offset), 0) for found in consumer.committed(asked, timeout=20)]
    finally:
        consumer.close()
