"""Records as they were fetched. Of each, aiokafka makes a second object, which takes longer than to read it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from aiokafka.consumer import fetcher
from aiokafka.record.memory_records import MemoryRecords

from pipeline.engine.faust.skipped import Skipped
from pipeline.engine.faust.tolerant_batch import TolerantBatch
from pipeline.kernel.packed_batch import UnreadBatch, is_too_large

SKIPPED = Skipped()
"""Of all consumers of this process: aiokafka has one class of records for all of them."""
LENGTH_AT, LENGTH_END = 8, 12
"""Where a batch says how many bytes of it follow."""


class StandIn(NamedTuple):
    """The record that stands for a batch which was left packed."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class LeftPacked:
    """A batch that is too large to unpack: all that its header says, and one record, at its last offset.

    Wherever within the batch a fetch begins, that record comes.
    """

    def __init__(self, batch: Any) -> None:
        self.batch = batch
        self.record = StandIn(batch.next_offset - 1, batch.max_timestamp, None, UnreadBatch.since(batch.base_offset))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.batch, name)

    def __iter__(self) -> Iterator[StandIn]:
        yield self.record


class BoundedRecords:
    """What one fetch brought of a partition, batch by batch, as aiokafka's own; what is too large stays packed."""

    def __init__(self, raw: bytes) -> None:
        self._records = MemoryRecords(raw)
        self._raw = memoryview(raw)
        self._start = self._at = 0

    def size_in_bytes(self) -> int:
        """Of all batches, packed."""
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """Whether there is another whole batch."""
        return bool(self._records.has_next())

    def next_batch(self) -> Any:
        """The next batch; None after the last."""
        batch = self._records.next_batch()
        if batch is None:
            return None
        self._start = start = self._at
        self._at += LENGTH_END + int.from_bytes(self._raw[start + LENGTH_AT : start + LENGTH_END], "big")
        return LeftPacked(batch) if is_too_large(self._raw[start : self._at]) else batch

    def last_again(self) -> TolerantBatch:
        """The batch that was given last, for one that cannot be read as it was given."""
        return TolerantBatch(bytes(self._raw[self._start : self._at]))


class FetchedRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    """Hands on what the C reader gives: offset, timestamp, key, value and headers are all that is ever asked for.

    What it passes over, it tells: a gap that is a transaction's is no loss. A batch that the C reader cannot read, for
    the name of a header, is read in another way.
    """

    next_fetch_offset: int

    def _consumer_record(self, tp: Any, record: Any) -> Any:  # noqa: ARG002
        return record

    def _unpack_records(self) -> Iterator[Any]:
        due = self.next_fetch_offset
        for record in self._readable():
            if record.offset != due:
                SKIPPED.note(self._tp, due, record.offset)
            due = record.offset + 1
            yield record
        if self.next_fetch_offset > due:
            SKIPPED.note(self._tp, due, self.next_fetch_offset)

    def _readable(self) -> Iterator[Any]:
        while True:
            try:
                yield from super()._unpack_records()
            except UnicodeDecodeError:
                batch = self._records.last_again()
                for record in batch:
                    if record.offset >= self.next_fetch_offset:
                        self.next_fetch_offset = record.offset + 1
                        yield record
                self.next_fetch_offset = batch.next_offset
            else:
                return


def give_as_fetched() -> None:
    """Called before a consumer is made; from then on every consumer of this process gives such records."""
    fetcher.PartitionRecords = FetchedRecords
    fetcher.MemoryRecords = BoundedRecords
