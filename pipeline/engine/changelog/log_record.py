"""The records of a state log on the wire: a version byte, a checksum, and a msgpack body."""

import struct
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from pipeline.kernel.diagnosis import Diagnosis
from schemas.integers import encoded, read_extension

VERSION = 1
_HEAD = struct.Struct(">BI")


class CorruptRecordError(Diagnosis):
    """Raised by `decode` for bytes that are no state-log record, are damaged, or come from a newer version."""


class Claim(msgspec.Struct, array_like=True, tag=1):
    """A fencing record: a worker takes the partition over. The claim's offset is its epoch."""

    worker: str


class Delta(msgspec.Struct, array_like=True, tag=2):
    """A part of what one batch changed: values by key, None for a deleted key.

    Parts are numbered from 0; they count together once the last one is there. `position`, `generation` and `scalars`
    belong to the last part (the others carry no scalars).
    """

    epoch: int
    part: int
    last: bool
    position: int
    generation: int
    scalars: dict[str, Any]
    changes: dict[bytes, Any]


class Shard(msgspec.Struct, array_like=True, tag=3):
    """A part of one slice of the state in a snapshot. Once the last part is there, it replaces the slice."""

    epoch: int
    part: int
    last: bool
    shard: int
    entries: dict[bytes, Any]


class SnapshotStart(msgspec.Struct, array_like=True, tag=4):
    """The start of a snapshot (a round of shards). It repeats all scalars, so that the log is complete from here on."""

    epoch: int
    position: int
    generation: int
    scalars: dict[str, Any]


class Piece(msgspec.Struct, array_like=True, tag=5):
    """A part of a delta, or of the slice `shard` where that is not -1, with a piece of one value too long for a record.

    The value is what all its pieces hold together, up to the first without `more`. No piece is the last part.
    """

    epoch: int
    part: int
    shard: int
    key: bytes
    more: bool
    held: bytes


LogRecord = Claim | Delta | Shard | SnapshotStart | Piece

_encode = msgspec.msgpack.Encoder().encode
_decode_value = msgspec.msgpack.Decoder(ext_hook=read_extension).decode
_decode: Callable[[memoryview], LogRecord] = msgspec.msgpack.Decoder(LogRecord, ext_hook=read_extension).decode


def encode(record: LogRecord) -> bytes:
    """The wire form: version, CRC-32 of the body, body."""
    body = encoded(_encode, record)
    return _HEAD.pack(VERSION, zlib.crc32(body)) + body


def decode(value: bytes | None) -> LogRecord:
    """Read what `encode` wrote; CorruptRecordError for anything else."""
    if value is None or len(value) <= _HEAD.size:
        raise CorruptRecordError("empty or too short")
    version, checksum = _HEAD.unpack_from(value)
    if version != VERSION:
        raise CorruptRecordError(f"version {version}, this program reads {VERSION}")
    body = memoryview(value)[_HEAD.size :]
    if zlib.crc32(body) != checksum:
        raise CorruptRecordError("checksum mismatch")
    try:
        return _decode(body)
    except (msgspec.MsgspecError, ValueError) as error:
        raise CorruptRecordError(str(error)) from error


def pieces(epoch: int, part: int, shard: int, key: bytes, value: Any, most_bytes: int) -> list[Piece]:
    """One value in pieces, numbered from `part` on."""
    held = encoded(_encode, value)
    starts = range(0, len(held), most_bytes)
    return [
        Piece(epoch, number, shard, key, start + most_bytes < len(held), held[start : start + most_bytes])
        for number, start in enumerate(starts, part)
    ]


def value_of(held: Iterable[Piece]) -> Any:
    """The value of all its pieces; CorruptRecordError for anything else."""
    try:
        return _decode_value(b"".join(piece.held for piece in held))
    except (msgspec.MsgspecError, ValueError) as error:
        raise CorruptRecordError(str(error)) from error
