"""A consumer of kafka-python's that unpacks no batch which is too large, as the workers do not."""

from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer
from kafka.consumer.fetcher import Fetcher
from kafka.record.default_records import DefaultRecord

from pipeline.kernel.packed_batch import UnreadBatch, is_too_large


class LeftPacked:
    """A batch that is too large to unpack: all that its header says, and one record, at its last offset."""

    def __init__(self, batch: Any) -> None:
        self.batch = batch
        value = UnreadBatch.since(batch.base_offset)
        self.record = DefaultRecord(
            0, batch.last_offset, batch.max_timestamp, batch.timestamp_type, None, value, []
        )  # fmt: skip

    def __getattr__(self, name: str) -> Any:
        return getattr(self.batch, name)

    def __iter__(self) -> Iterator[Any]:
        yield self.record


class BoundedRecords:
    """What one fetch brought of a partition, batch by batch."""

    def __init__(self, records: Any) -> None:
        self._records = records

    def next_batch(self) -> Any:
        """The next batch; None after the last."""
        batch = self._records.next_batch()
        return LeftPacked(batch) if batch is not None and is_too_large(batch._buffer) else batch


class BoundedPartition(Fetcher.PartitionRecords):  # type: ignore[misc]
    """The records of one fetch of a partition."""

    def _unpack_records(self, tp: Any, records: Any, *deserializers: Any) -> Any:
        return super()._unpack_records(tp, BoundedRecords(records), *deserializers)


def bounded_consumer(**options: Any) -> KafkaConsumer:
    """A consumer with these options. Of a batch that is left packed it gives one record, with an empty value."""
    consumer = KafkaConsumer(**options)
    consumer._fetcher.PartitionRecords = BoundedPartition
    return consumer
