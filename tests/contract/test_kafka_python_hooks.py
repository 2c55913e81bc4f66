"""The private hooks of kafka-python that bounded reading stands on: a new version that moves one fails here."""

import inspect
from importlib.metadata import version
from typing import Any

from kafka.consumer.fetcher import Fetcher
from kafka.consumer.group import KafkaConsumer
from kafka.record.default_records import DefaultRecordBatch

from pipeline.audit import unpacked
from pipeline.topics.bounded_consumer import BoundedPartition


def source(thing: Any) -> str:
    """The source text of a function or class."""
    return inspect.getsource(thing)


def test_the_pinned_version_is_installed() -> None:
    """The hooks were read in kafka-python 3.0."""
    assert version("kafka-python").startswith("3.0.")


def test_every_fetch_of_a_partition_is_read_by_the_class_of_its_consumer() -> None:
    """The fetcher asks itself for the class, so each consumer has its own."""
    assert "self.PartitionRecords(fetch_offset, tp, records," in source(Fetcher)
    assert "self._fetcher = Fetcher(" in source(KafkaConsumer)
    for ours in (BoundedPartition, unpacked._Partition):
        assert issubclass(ours, Fetcher.PartitionRecords)


def test_batches_are_asked_for_one_by_one_and_unpacked_when_they_are_read() -> None:
    """What stands for a batch is asked for its header, and for its records by iteration alone."""
    read = source(Fetcher.PartitionRecords)
    assert "self._unpack_records(tp, records, key_deserializer, value_deserializer)" in read
    assert "records.has_next()" not in read
    assert "batch = records.next_batch()" in source(Fetcher.PartitionRecords._unpack_records)
    assert "for record in batch:" in read
    assert "self._maybe_uncompress()" in source(DefaultRecordBatch.__iter__)
    assert "_buffer" in DefaultRecordBatch.__slots__


def test_what_was_committed_is_asked_for_all_partitions_at_once() -> None:
    """The public method asks for one of them by the same call; `pipeline.topics.lag` asks for all."""
    committed = source(KafkaConsumer.committed)
    assert "self._coordinator.fetch_committed_offsets([partition]" in committed
    assert "committed[partition].offset" in committed
