"""Dead letters: a refused record as it came, with the reason and where it stood in its headers.

Of a record that is longer than any event the letter has the beginning, and a digest of the value.

The same record may be written twice after a crash, and once more for each time it is replayed and refused again: what
makes a dead letter unique is its origin, and of those the highest attempt counts. An empty record with the header
`dlq.replayed` is no letter: it notes that the letter of its origin was replayed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, get_args

from schemas.cloud_events import LARGEST_EVENT_BYTES

Reason = Literal[
    "empty",
    "too_large",
    "oversized_batch",
    "invalid_json",
    "unknown_type",
    "invalid_event",
    "future",
    "late",
    "full",
    "invalid_control",
]
"""Why a record is refused; nothing else is ever given.

`empty`: nothing in its value, or neither key nor value. `too_large`: over the limit. `oversized_batch`: a
whole batch of records that was not unpacked, since it would take too much memory. `invalid_json`: no JSON.
`unknown_type`: no event type of this log.
`invalid_event`: an event that breaks its schema. `future`: a time further ahead than allowed. `late`: older than what
is remembered. `full`: about an object of which as much is remembered as may be. `invalid_control`: marked as the
pipeline's own record, but not one.
"""
REASONS: tuple[str, ...] = get_args(Reason)
DETAIL_CHARACTERS = 500
"""More than any detail has: none is ever cut."""
APP = b"salespulse"
CUT = "dlq.cut"
"""The header of a letter that holds the beginning of its record only: how many bytes its value had, and its SHA-256."""
HEAD_BYTES = 1024
LARGEST_KEPT_KEY = 4096
ATTEMPT_HEADER = "dlq.attempt"
"""What tells a record that is a letter sent again."""

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where a refused record stood when it came first; `topic` is the logical name.

    `element` is 0 for a whole record, else which event of a batch was refused, counted from 1.
    """

    topic: str
    partition: int
    offset: int
    element: int = 0

    def __str__(self) -> str:
        place = f"{self.topic}/{self.partition}/{self.offset}"
        return f"{place}/{self.element}" if self.element else place


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record's origin, its append time there, and which attempt at taking it in this is (the first is 1)."""

    origin: Origin
    timestamp_ms: int
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the headers of a dead letter say.

    `detail` says where the record breaks its schema and never repeats what it holds. `refused_ms` is the append time
    of the attempt that was refused, `version` that of the program which refused it.
    """

    arrival: Arrival
    reason: str
    detail: str
    refused_ms: int
    version: str


def headers(refusal: Refusal) -> Headers:
    """The headers of a dead letter; key and value stay as they came."""
    return (
        ("dlq.schema", b"1"),
        ("dlq.app", APP),
        ("dlq.version", refusal.version.encode()),
        ("dlq.reason", refusal.reason.encode()),
        ("dlq.detail", printable(refusal.detail)[:DETAIL_CHARACTERS].encode()),
        *arrival_headers(refusal.arrival),
        ("dlq.ts", str(refusal.refused_ms).encode()),
    )


def arrival_headers(arrival: Arrival) -> Headers:
    """What a replayed record carries: where it came from, and the attempt that was refused."""
    origin = arrival.origin
    return (
        ("dlq.orig.topic", origin.topic.encode()),
        ("dlq.orig.partition", str(origin.partition).encode()),
        ("dlq.orig.offset", str(origin.offset).encode()),
        *((("dlq.orig.element", str(origin.element).encode()),) if origin.element else ()),
        ("dlq.orig.timestamp", str(arrival.timestamp_ms).encode()),
        (ATTEMPT_HEADER, str(arrival.attempt).encode()),
    )


def replayed_headers(arrival: Arrival) -> Headers:
    """The headers of the note that a letter was replayed, with the attempt that had been refused."""
    return (("dlq.schema", b"1"), ("dlq.replayed", b"1"), *arrival_headers(arrival))


def read_arrival(given: Iterable[tuple[str, bytes]]) -> Arrival:
    """Read what `arrival_headers` wrote; ValueError for anything else."""
    found = dict(given)
    try:
        topic = found["dlq.orig.topic"].decode("ascii")
        numbers = [_whole(found[f"dlq.{name}"]) for name in ("orig.partition", "orig.offset", "orig.timestamp")]
        element = _whole(found.get("dlq.orig.element", b"0"))
        attempt = _whole(found[ATTEMPT_HEADER])
    except (KeyError, AttributeError) as error:
        raise ValueError("no arrival") from error
    partition, offset, timestamp_ms = numbers
    return Arrival(Origin(topic, partition, offset, element), timestamp_ms, attempt)


def read(given: Iterable[tuple[str, bytes]]) -> Refusal | None:
    """Read the headers of a dead letter; None for the note of a replay, ValueError for anything else."""
    found = dict(given)
    if found.get("dlq.schema") != b"1":
        raise ValueError("no dead letter of schema 1")
    if "dlq.replayed" in found:
        return None
    try:
        texts = [found[f"dlq.{name}"].decode("ascii") for name in ("reason", "detail", "version")]
        refused_ms = _whole(found["dlq.ts"])
    except (KeyError, AttributeError) as error:
        raise ValueError("headers are missing") from error
    reason, detail, version = texts
    if reason not in REASONS:
        raise ValueError("unknown reason")
    return Refusal(read_arrival(found.items()), reason, detail, refused_ms, version)


def kept(
    key: bytes | None, value: bytes | None, carried: Headers, *, bodies: bool = True
) -> tuple[bytes | None, bytes | None, Headers]:
    """Key, value and headers of a refused record as its letter has them: of what no event can be as long as, the head.

    Whoever may write records could otherwise have the topic store what a batch unpacks to. The source has it whole.
    Without `bodies` nothing of it is kept but length and digest.
    """
    size = sum(len(name) + len(told) for name, told in carried)
    if bodies and len(value or b"") + size <= LARGEST_EVENT_BYTES and len(key or b"") <= LARGEST_KEPT_KEY:
        return key, value, carried
    whole = value or b""
    told = f"{len(whole)} {sha256(whole).hexdigest()}".encode()
    if not bodies:
        return None, b"", ((CUT, told),)
    some = carried if size <= HEAD_BYTES else ()
    return (None if key is None else key[:HEAD_BYTES]), whole[:HEAD_BYTES], ((CUT, told), *some)


def cut(given: Iterable[tuple[str, bytes]]) -> tuple[int, str] | None:
    """How many bytes the value had of which a letter has the head, and their SHA-256; None where it is whole."""
    told = dict(given).get(CUT)
    if told is None:
        return None
    size, _, digest = told.partition(b" ")
    return _whole(size), printable(digest.decode(errors="replace"))[:64]


def printable(text: str) -> str:
    """The text in printable ASCII, so that it can be shown anywhere."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)


def _whole(given: bytes) -> int:
    if not given.isdigit() or len(given) > 18:
        raise ValueError("no number")
    return int(given)
