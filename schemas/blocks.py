"""Blocks: many organisation copies in one control record, as the whole organisation is sent again."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from schemas.control import Position

MOST_RECORDS = 1024
LARGEST_BYTES = 128 * 1024
"""A block is closed beyond so many bytes, before it is compressed."""
MOST_BYTES = 4 * 1024 * 1024
"""No block is larger, whatever its last record: what inflates to more is none."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, str, int, int, int, int, bytes])
_decode_records = msgspec.msgpack.Decoder(list[tuple[str, dict[str, Any]]])

Copy = tuple[str, dict[str, Any]]
"""An organisation object's key, and its whole merged record."""


@dataclass(frozen=True, slots=True)
class Block:
    """Copies of records that are all there, in the order of their keys, from one partition of `org.changes`.

    `timestamp_ms` is the append time of the record that caused it to be sent. What it does not name it says nothing of.
    """

    topic: str
    partition: int
    position: Position
    timestamp_ms: int
    packed: bytes

    def records(self) -> list[Copy]:
        """The copies; ValueError where `packed` is not what `cut` made."""
        try:
            inflating = zlib.decompressobj()
            found = _decode_records.decode(inflating.decompress(self.packed, MOST_BYTES))
        except (zlib.error, msgspec.MsgspecError, RecursionError) as error:
            raise ValueError("not a block of copies") from error
        if not inflating.eof:
            raise ValueError("a block of copies that is cut off or too large")
        return found


def cut(records: Iterable[Copy]) -> Iterator[bytes]:
    """What blocks of these records hold, compressed; some `MOST_RECORDS` or `LARGEST_BYTES` each."""
    held: list[msgspec.Raw] = []
    size = 0
    for record in records:
        held.append(msgspec.Raw(_encode(record)))
        size += len(held[-1])
        if len(held) >= MOST_RECORDS or size >= LARGEST_BYTES:
            yield zlib.compress(_encode(held))
            held, size = [], 0
    if held:
        yield zlib.compress(_encode(held))


def pack(block: Block) -> bytes:
    """The wire form: msgpack, version 1."""
    p = block.position
    return _encode([1, block.topic, block.partition, p.offset, p.part, block.timestamp_ms, block.packed])


def unpack(value: bytes) -> Block:
    """Read what `pack` wrote; ValueError for anything else or a version from the future."""
    try:
        version, topic, partition, offset, part, timestamp_ms, packed = _decode.decode(value)
    except msgspec.MsgspecError as error:
        raise ValueError("not a block") from error
    if version != 1:
        raise ValueError("not a block of version 1")
    return Block(topic, partition, Position(offset, part), timestamp_ms, packed)
