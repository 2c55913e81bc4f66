"""Which partition a key belongs to: Kafka's own murmur2, as the Java client, aiokafka and kafka-python have it."""

from functools import lru_cache

from kafka.partitioner.default import murmur2


@lru_cache(maxsize=65536)
def partition_of(key: str, partitions: int) -> int:
    """The partition of `key` in a topic of `partitions` partitions."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions
