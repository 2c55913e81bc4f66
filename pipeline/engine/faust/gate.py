"""The sequencer gate: lets a partition's records through once, in order, and only after the seek. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiokafka import ConsumerRecord
from faust.types import TP

from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.faust.skipped import Skipped

Records = Sequence["ConsumerRecord[bytes, bytes]"]


@dataclass(slots=True)
class _Place:
    due: int
    session: int
    sought_again: bool = False
    delivered: bool = False


class Gate:
    """What was fetched before a seek looks like any other record; here it is dropped."""

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
        self._places[partition] = _Place(due, session)

    def past(self, partition: TP, offset: int) -> int:
        """The first offset from this one on at which there may be a record."""
        return self._skipped.past(partition, offset)

    def admit(self, partition: TP, records: Records) -> Chunk | None:
        """The records to be folded. None when they are stale; RefetchNeededError when there is a gap before them.

        A gap in which there is nothing to read is none. One that is still there after a second fetch is real, and is
        let through.
        What was fetched before the seek comes before anything else: an offset that was delivered comes again only
        where the log has begun anew, which raises LogAnewError.
        """
        place = self._places.get(partition)
        if place is None:
            return None
        if records and records[0].offset < place.due:
            if place.delivered:
                raise LogAnewError(place.due, records[0].offset)
            records = [record for record in records if record.offset >= place.due]
        if not records:
            return None
        if records[0].offset > self.past(partition, place.due) and not place.sought_again:
            place.sought_again = True
            raise RefetchNeededError(place.due)
        follows, place.due = place.due, records[-1].offset + 1
        place.sought_again, place.delivered = False, True
        self._skipped.passed(partition, follows)
        return Chunk(records, follows, place.session)


class LogAnewError(Exception):
    """Raised by `Gate.admit` when the log holds other records now where it was read before."""

    def __init__(self, due: int, got: int) -> None:
        super().__init__(due, got)
        self.due = due
        self.got = got


class RefetchNeededError(Exception):
    """Raised by `Gate.admit` when records are missing before what was fetched: seek to `due` and fetch again."""

    def __init__(self, due: int) -> None:
        super().__init__(due)
        self.due = due
