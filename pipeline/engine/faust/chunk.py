"""Consecutive records of one partition."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import ConsumerRecord


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
