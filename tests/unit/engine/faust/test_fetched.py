"""Records as aiokafka's reader gives them: what it passes over is told, whatever lies in the log."""

from typing import Any

from aiokafka import TopicPartition
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.faust.fetched import SKIPPED, FetchedRecords

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
