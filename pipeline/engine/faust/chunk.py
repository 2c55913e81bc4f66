"""What one Faust message carries: consecutive records of one partition, as they were fetched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiokafka import ConsumerRecord

CHUNK_RECORDS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Records of one partition, in order.

    `follows` is the offset that was due when they were let through the gate; `session` numbers the seek since which
    they were fetched, so that what is left over from before it can be told.
    """

    records: "Sequence[ConsumerRecord[bytes, bytes]]"
    follows: int
    session: int

    @property
    def last(self) -> int:
        """The last offset."""
        return int(self.records[-1].offset)


def chunks(records: "Sequence[ConsumerRecord[bytes, bytes]]", follows: int, session: int) -> Iterator[Chunk]:
    """Cut what was fetched into chunks, each following the one before it."""
    for start in range(0, len(records), CHUNK_RECORDS):
        chunk = Chunk(records[start : start + CHUNK_RECORDS], follows, session)
        yield chunk
        follows = chunk.last + 1
