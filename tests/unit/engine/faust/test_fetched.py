"""Records as aiokafka's reader gives them: what it passes over is told, whatever lies in the log."""

from functools import cache
from typing import Any

from aiokafka import TopicPartition
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka.consumer.fetcher import IsolationLevel
from kafka.record import MemoryRecords as KafkaRecords

from pipeline.audit.unpacked import _Partition
from pipeline.engine.faust.fetched import SKIPPED, BoundedRecords, FetchedRecords
from pipeline.kernel.packed_batch import MOST_BYTES, UnreadBatch
from pipeline.topics.bounded_consumer import BoundedPartition

PARTITION = TopicPartition("crm.events", 7)
COMMITTED = 1
ABORTED, KEPT, MARK = "aborted", "kept", "mark"


def batch(first: int, what: str, count: int) -> bytes:
    """A batch of a log, from an offset on: records of a producer that aborts or of one that does not, or a mark."""
    producer = {ABORTED: 1, KEPT: -1, MARK: 2}[what]
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=what != KEPT, producer_id=producer, producer_epoch=0,
        base_sequence=0, batch_size=100_000,
    )  # fmt: skip
    for number in range(count):
        builder.append(number, timestamp=1, key=b"\0\0\0\1" if what == MARK else b"k", value=b"v", headers=[])
    made = bytearray(builder.build())
    made[:8] = first.to_bytes(8, "big")
    if what == MARK:
        made[22] |= 0x20  # a control batch; nobody looks at the check sum here
    return bytes(made)


@given(st.lists(st.tuples(st.sampled_from([ABORTED, KEPT, MARK]), st.integers(1, 3)), min_size=1, max_size=8))
def test_what_is_passed_over_is_told(batches: list[tuple[str, int]]) -> None:
    """From the end of what was read on, nothing is left to look for: each offset is a record or was told."""
    written, offset = b"", 5
    kept: list[int] = []
    for what, records in batches:
        count = 1 if what == MARK else records
        written += batch(offset, what, count)
        kept += range(offset, offset + count) if what == KEPT else []
        offset += count
    aborted = [(1, 5)]
    SKIPPED.watch(PARTITION)
    try:
        read = FetchedRecords(PARTITION, MemoryRecords(written), aborted, 5, None, None, False, COMMITTED)
        offsets = [record.offset for record in read]
        due = 5
        for each in [*offsets, offset]:
            assert SKIPPED.past(PARTITION, due) == each
            due = each + 1
    finally:
        SKIPPED.forget([PARTITION])
    assert offsets == kept


def test_what_nobody_watches_is_not_kept() -> None:
    """State logs are read by the same class; what they pass over is of no use to anybody."""
    written = batch(5, MARK, 1) + batch(6, KEPT, 1)
    read: Any = FetchedRecords(PARTITION, MemoryRecords(written), [], 5, None, None, False, COMMITTED)

    assert [record.offset for record in read] == [6]
    SKIPPED.watch(PARTITION)
    assert SKIPPED.past(PARTITION, 5) == 5
    SKIPPED.forget([PARTITION])


def packed(first: int, sizes: list[int], codec: int) -> bytes:
    """A batch of a log, packed, with values of these sizes."""
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=codec, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1,
        batch_size=2**31 - 1,
    )  # fmt: skip
    for number, size in enumerate(sizes):
        builder.append(number, timestamp=7, key=b"k", value=bytes(size), headers=[])
    made = bytearray(builder.build())
    made[:8] = first.to_bytes(8, "big")
    return bytes(made)


SMALL, LARGE = [3, 3, 3], [MOST_BYTES // 2] * 3


@cache
def bomb(codec: int) -> bytes:
    """A batch of three records that is too large."""
    return packed(0, LARGE, codec)


@settings(max_examples=10)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([1, 2, 3, 4])), min_size=1, max_size=4), st.integers(0, 2))
def test_a_batch_that_is_too_large_is_one_record(batches: list[tuple[bool, int]], begins: int) -> None:
    """At its last offset, wherever the fetch begins, for both Kafka clients; its neighbours are read."""
    written, offset, wanted = b"", 5, list[tuple[int, bool]]()
    for large, codec in batches:
        made = bomb(codec) if large else packed(0, SMALL, codec)
        written += offset.to_bytes(8, "big") + made[8:]
        wanted += [(offset + 2, True)] if large else [(offset + n, False) for n in range(3)]
        offset += 3
    start = 5 + begins
    wanted = [each for each in wanted if each[0] >= start]
    SKIPPED.watch(PARTITION)
    try:
        fetched = FetchedRecords(PARTITION, BoundedRecords(written), None, start, None, None, True, COMMITTED)
        found = [(record.offset, isinstance(record.value, UnreadBatch)) for record in fetched]
        due = start
        for each in [*(at for at, _ in found), offset]:
            assert SKIPPED.past(PARTITION, due) == each
            due = each + 1
    finally:
        SKIPPED.forget([PARTITION])
    assert found == wanted
    assert fetched.next_fetch_offset == offset
    for ours, gives in ((BoundedPartition, UnreadBatch), (_Partition, type(None))):
        theirs: Any = ours(start, PARTITION, KafkaRecords(written), isolation_level=IsolationLevel.READ_COMMITTED)
        read = theirs.take()
        assert [(record.offset, isinstance(record.value, gives)) for record in read] == wanted
        assert {record.timestamp for record in read} == {7}
        assert theirs.next_fetch_offset == offset
