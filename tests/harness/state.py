"""The state of a stage, read back from its state logs by a reader that is no worker."""

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from pipeline.engine.changelog.log_reader import LogReader
from pipeline.kernel.store import Store

ATTEMPTS = 5


def read_state(bootstrap: str, topic: str, partitions: int) -> list[Store]:
    """The store of each partition as the log (full name) has it now; may be trimmed meanwhile."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "reader",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )
    try:
        return [_read_partition(consumer, topic, number) for number in range(partitions)]
    finally:
        consumer.close()


def end_offsets(bootstrap: str, topics: dict[str, int]) -> dict[tuple[str, int], int]:
    """Where each partition of these topics ends now."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "log_level": 0})
    try:
        return {
            (topic, n): consumer.get_watermark_offsets(TopicPartition(topic, n), timeout=10)[1]
            for topic, partitions in sorted(topics.items())
            for n in range(partitions)
        }
    finally:
        consumer.close()


def _read_partition(consumer: Consumer, topic: str, partition: int) -> Store:
    """As its log says; once more where it was trimmed beyond the end that was asked for first."""
    for _ in range(ATTEMPTS):
        if (store := _read_once(consumer, topic, partition)) is not None:
            return store
    raise AssertionError(f"{topic}-{partition} cannot be read to a whole state")


def _read_once(consumer: Consumer, topic: str, partition: int) -> Store | None:
    store = Store()
    reader = LogReader(store, f"{topic}-{partition}")
    _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)])
    while end > 0 and (reader.next_offset is None or reader.next_offset < end):
        message = consumer.poll(1)
        if message is None:
            continue
        offset = message.offset()
        assert offset is not None, message.error()
        reader.feed(offset, message.timestamp()[1], message.value())
    return store if end == 0 or reader.whole else None
