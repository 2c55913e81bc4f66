"""The sequencer gate: lets a partition's records through once, in order, and only after the seek. Pure."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from aiokafka import ConsumerRecord
from faust.types import TP

from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.faust.skipped import Skipped
from pipeline.engine.kafka.acknowledged import Acknowledged

Records = Sequence["ConsumerRecord[bytes, bytes]"]
UNFETCHED_BYTES = 4 * 1024 * 1024
"""So much of a partition may be handed over that no fetch has brought yet."""


@dataclass(slots=True)
class _Place:
    """Where a partition is: the offset due next, the one that a fetch is to bring next, and what lies between them."""

    due: int
    session: int
    fetched: int
    handed: deque[Acknowledged] = field(default_factory=deque)
    handed_bytes: int = 0
    sought_again: bool = False
    delivered: bool = False


class Gate:
    """What was fetched before a seek looks like any other record; here it is dropped.

    What this worker has sent itself passes once it is acknowledged. A fetch brings it all the same, and is held
    against it.
    """

    def __init__(self, skipped: Skipped) -> None:
        self._places: dict[TP, _Place] = {}
        self._skipped = skipped

    def close(self) -> None:
        """Called at each change of the assignment: nothing passes until `open`."""
        self._skipped.forget(self._places)
        self._places.clear()

    def expect(self, partitions: Iterable[TP]) -> None:
        """Called before the seek: what is passed over from now on is noted."""
        for partition in partitions:
            self._skipped.watch(partition)

    def open(self, partition: TP, due: int, session: int) -> None:
        """Called after the seek to `due`."""
        self._places[partition] = _Place(due, session, fetched=due)

    def past(self, partition: TP, offset: int) -> int:
        """The first offset from this one on at which there may be a record."""
        return self._skipped.past(partition, offset)

    def hand_over(self, partition: TP, record: Acknowledged) -> Chunk | None:
        """A record that was acknowledged passes if it is the very next one; None: a fetch brings it.

        So it does where anybody else wrote in between, and where fetches have fallen too far behind.
        """
        place = self._places.get(partition)
        if place is None or record.offset != place.due or place.handed_bytes >= UNFETCHED_BYTES:
            return None
        place.handed.append(record)
        place.handed_bytes += len(record.value or b"")
        place.due += 1
        return Chunk(cast(Records, [record]), record.offset, place.session)

    def unfetched(self, partition: TP) -> int:
        """How many records of the partition were handed over that no fetch has brought yet."""
        place = self._places.get(partition)
        return len(place.handed) if place is not None else 0

    def admit(self, partition: TP, records: Records) -> Chunk | None:
        """The fetched records that are to be folded, if any. RefetchNeededError when there is a gap before them.

        None of them are when they are stale, or were handed over. A gap in which there is nothing to read is none. One
        that is still there after a second fetch is real, and is let through.
        What was fetched before the seek comes before anything else: an offset that was fetched comes again only where
        the log has begun anew, which raises LogAnewError. So does a record that is another one than was acknowledged.
        """
        place = self._places.get(partition)
        if place is None:
            return None
        if records and records[0].offset < place.fetched:
            if place.delivered:
                raise LogAnewError(place.fetched, records[0].offset)
            records = [record for record in records if record.offset >= place.fetched]
        if not records:
            return None
        if records[0].offset > self.past(partition, place.fetched) and not place.sought_again:
            place.sought_again = True
            raise RefetchNeededError(place.fetched)
        self._skipped.passed(partition, place.fetched)
        place.fetched = records[-1].offset + 1
        place.sought_again, place.delivered = False, True
        fresh = _without_copies(place, records) if place.handed else records
        if not fresh:
            return None
        follows, place.due = place.due, place.fetched
        return Chunk(fresh, follows, place.session)


def _without_copies(place: _Place, records: Records) -> Records:
    """What was not handed over; all that was must be what the log holds."""
    for at, record in enumerate(records):
        if not place.handed:
            return records[at:]
        handed = place.handed.popleft()
        place.handed_bytes -= len(handed.value or b"")
        if not _same(record, handed):
            raise LogAnewError(handed.offset, record.offset)
    return ()


def _same(record: "ConsumerRecord[bytes, bytes]", handed: Acknowledged) -> bool:
    return (record.offset, record.timestamp, record.key, record.value) == handed[:4] and [
        *map(tuple, record.headers)
    ] == [*handed.headers]


class LogAnewError(Exception):
    """Raised by `Gate.admit` when the log holds other records now where it was read, or written, before."""

    def __init__(self, due: int, got: int) -> None:
        super().__init__(due, got)
        self.due = due
        self.got = got


class RefetchNeededError(Exception):
    """Raised by `Gate.admit` when records are missing before what was fetched: seek to `due` and fetch again."""

    def __init__(self, due: int) -> None:
        super().__init__(due)
        self.due = due
