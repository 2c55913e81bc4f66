"""Control records: ticks, links, organisation copies and forwarded records, which the pipeline itself writes into logs.

And answers, which an operator writes through a command.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from schemas.cloud_events import MOST_OF_BATCH, Headers
from schemas.events import TOPICS
from schemas.types import LIMIT_MS

KIND_HEADER = "sp"
PROOF_HEADER = "sp.proof"
"""Beside the kind, or beside what tells of a replay: the proof that the pipeline or its operator wrote the record."""
OFFSETS = 2**53
"""No log has so many records."""
TICK, LINK, ORG, BLOCK, FORWARDED, ANSWER = b"tick", b"link", b"org", b"orgs", b"fwd", b"answer"
COPY = "org"
"""The kind that a copy of an organisation record has, where a link has its own."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, str, int, int, int, int, str, str, str, dict[str, Any] | None])
_decode_forwarded = msgspec.msgpack.Decoder(tuple[int, str, int, int, int, int, bytes | None, bytes, int])
_decode_answer = msgspec.msgpack.Decoder(tuple[int, int, int, int | None])


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
        [
            1,
            control.topic,
            control.partition,
            p.offset,
            p.part,
            control.timestamp_ms,
            control.kind,
            control.subject,
            control.origin,
            control.payload,
        ]
    )


def unpack(value: bytes) -> Control:
    """Read what `pack` wrote; ValueError for anything else or a version from the future."""
    try:
        fields = _decode.decode(value)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError("not a control record") from error
    if fields[0] != 1:
        raise ValueError("not a control record of version 1")
    _, topic, partition, offset, part, timestamp_ms, kind, subject, origin, payload = fields
    return Control(topic, partition, Position(offset, part), timestamp_ms, kind, subject, origin, payload)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """An event that came on the wrong partition for its object, or with others in one record.

    It has the place and append time that its record had. `element` counts the events of a batch from 1; it is 0 for
    one that was a record by itself.
    """

    topic: str
    partition: int
    position: Position
    timestamp_ms: int
    key: bytes | None
    value: bytes
    element: int = 0


LARGEST_KEY_BYTES = 4096
"""A key that is longer says nothing of its record: it is left behind, or each event of a batch would carry it along."""


def forwarded_key(key: bytes | None) -> bytes | None:
    """The key of a record as its events are passed on with it."""
    return None if key is None or len(key) > LARGEST_KEY_BYTES else key


def pack_forwarded(record: Forwarded) -> bytes:
    """The wire form: msgpack, version 1."""
    r, p = record, record.position
    return _encode([1, r.topic, r.partition, p.offset, p.part, r.timestamp_ms, r.key, r.value, r.element])


def unpack_forwarded(value: bytes) -> Forwarded:
    """Read what `pack_forwarded` wrote; ValueError for anything else or a version from the future."""
    try:
        fields = _decode_forwarded.decode(value)
    except msgspec.MsgspecError as error:
        raise ValueError("not a forwarded record") from error
    if fields[0] != 1:
        raise ValueError("not a forwarded record of version 1")
    _, topic, partition, offset, part, timestamp_ms, key, original, element = fields
    numbers = partition, offset, part, timestamp_ms, element
    if topic not in TOPICS.values() or min(numbers) < 0 or timestamp_ms >= LIMIT_MS or element > MOST_OF_BATCH:
        raise ValueError("not a record that can have been forwarded")
    return Forwarded(topic, partition, Position(offset, part), timestamp_ms, key, original, element)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operator says of append times that are far ahead, in the log in which they are.

    It is of the records from offset `first` to `last` of its own partition, which all come before it. They count as
    appended at `counts_as_ms`, which is when the record before them was, or at their own append times where that is
    None. Of two answers about one record the first holds.
    """

    first: int
    last: int
    counts_as_ms: int | None


def pack_answer(answer: Answer) -> bytes:
    """The wire form: msgpack, version 1."""
    return _encode([1, answer.first, answer.last, answer.counts_as_ms])


def unpack_answer(value: bytes) -> Answer:
    """Read what `pack_answer` wrote; ValueError for anything else or a version from the future."""
    try:
        version, first, last, counts_as_ms = _decode_answer.decode(value)
    except msgspec.MsgspecError as error:
        raise ValueError("not an answer") from error
    if version != 1 or not 0 <= first <= last or (counts_as_ms is not None and counts_as_ms < 0):
        raise ValueError("not an answer of version 1")
    return Answer(first, last, counts_as_ms)


def control_kind(headers: Headers) -> bytes | None:
    """The kind of control record, as the first header says that tells one; None for an event."""
    for name, value in headers:
        if name == KIND_HEADER and value is not None:
            return value
    return None
