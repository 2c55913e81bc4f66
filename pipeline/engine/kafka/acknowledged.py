"""Records that the brokers have taken, as a fetch will bring them."""

from collections.abc import Callable
from typing import NamedTuple

from aiokafka.structs import RecordMetadata

from pipeline.kernel.stage import Headers

APPEND_TIME = 1
"""What an ack says of its time when the broker has set it."""


class Acknowledged(NamedTuple):
    """A record of a partition's log, by the ack of its send."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


HandOver = Callable[[str, int, Acknowledged], None]
"""Called with a topic (its full name), a partition, and a record that it holds now: in the order of the partition."""


def acknowledged(ack: RecordMetadata, value: bytes | None, key: bytes | None, headers: Headers) -> Acknowledged | None:
    """The record, once its ack is there; None where the ack does not tell all of it.

    Where the producer's times count, the client gives one for all records of a batch; and to a batch sent again that
    it no longer knows, a broker answers without an offset.
    """
    if ack.timestamp_type != APPEND_TIME or ack.timestamp is None or ack.offset < 0:
        return None
    return Acknowledged(ack.offset, ack.timestamp, key, value, headers)
