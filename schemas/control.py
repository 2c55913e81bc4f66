"""Control records: ticks, links and organisation copies, written into other logs by the pipeline itself."""

from dataclasses import dataclass
from typing import Any

import msgspec

KIND_HEADER = "sp"
TICK, LINK, ORG = b"tick", b"link", b"org"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where a record comes from, within one origin log: offset, then the number of the part made from it."""

    offset: int
    part: int


@dataclass(frozen=True, slots=True)
class Control:
    """A link or an organisation copy, with its origin.

    `timestamp_ms` is the original append time of the record that caused it. For a link, `subject` is the key of the
    object it belongs to (`account:7`), `kind` what it says (`win`, `touch`, `logged`, `merge`), `origin` the key of the
    object it comes from, and `payload` the origin's whole present contribution, None when it is taken back. For an
    organisation copy, `subject` is the organisation object's key (`team:north`), `kind` is `org`, and `payload` the
    whole merged record, None when it was deleted.
    """

    topic: str
    partition: int
    position: Position
    timestamp_ms: int
    kind: str
    subject: str
    origin: str
    payload: dict[str, Any] | None


def pack(control: Control) -> bytes:
    """The wire form: msgpack, version 1."""
    p = control.position
    return _encode(
        [1, control.topic, control.partition, p.offset, p.part, control.timestamp_ms, control.kind, control.subject,
         control.origin, control.payload]
    )


def unpack(value: bytes) -> Control:
    """Read what `pack` wrote; ValueError for anything else or a version from the future."""
    fields = _decode(value)
    if not isinstance(fields, list) or len(fields) != 10 or fields[0] != 1:
        raise ValueError("not a control record of version 1")
    _, topic, partition, offset, part, timestamp_ms, kind, subject, origin, payload = fields
    return Control(topic, partition, Position(offset, part), timestamp_ms, kind, subject, origin, payload)
