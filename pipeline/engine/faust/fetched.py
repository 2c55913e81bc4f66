"""Records as they were fetched. Of each, aiokafka makes a second object, which takes longer than to read it."""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher

from pipeline.engine.faust.skipped import Skipped

SKIPPED = Skipped()
"""Of all consumers of this process: aiokafka has one class of records for all of them."""


class FetchedRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    """Hands on what the C reader gives: offset, timestamp, key, value and headers are all that is ever asked for.

    What it passes over, it tells: a gap that is a transaction's is no loss.
    """

    def _consumer_record(self, tp: Any, record: Any) -> Any:  # noqa: ARG002
        return record

    def _unpack_records(self) -> Iterator[Any]:
        due: int = self.next_fetch_offset
        for record in super()._unpack_records():
            if record.offset != due:
                SKIPPED.note(self._tp, due, record.offset)
            due = record.offset + 1
            yield record
        if self.next_fetch_offset > due:
            SKIPPED.note(self._tp, due, self.next_fetch_offset)


def give_as_fetched() -> None:
    """Called before a consumer is made; from then on every consumer of this process gives such records."""
    fetcher.PartitionRecords = FetchedRecords
