"""What becomes of a refused record: its dead letter, and how many of a log's events were refused in which minute."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from pipeline.kernel.stage import Record, Send
from pipeline.kernel.store import Store
from pipeline.release import installed_version
from schemas import dead_letters
from schemas.cloud_events import carried
from schemas.control import Forwarded
from schemas.dead_letters import Arrival, Origin, Reason, Refusal

TOPIC = "dead-letters"
MINUTE_MS = 60_000
KEPT_MINUTES = 3
MOST_ATTEMPTS = 1_000_000
UNCOUNTED: frozenset[Reason] = frozenset({"late", "full"})
"""Reasons that say nothing of what producers send now, but of what is remembered."""
TALLY = "tally"
"""The scalar: `[minute of the state's now, events, those of them that were refused]`, the latest minutes."""


class PassedOn(NamedTuple):
    """A record that was forwarded, as it was at its origin; or one event of a batch."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    element: int = 0

    @classmethod
    def of(cls, forwarded: Forwarded) -> "PassedOn":
        """As its first partition had it."""
        f = forwarded
        return cls(f.topic, f.partition, f.position.offset, f.timestamp_ms, f.key, f.value, element=f.element)


def letter(record: Record, topic: str, partition: int, reason: Reason, detail: str) -> Send:
    """The dead letter of a record that came on the partition: key and value as they were, all else in its headers.

    Headers that are part of an event in binary mode stay as well. Of what is longer than any event the head stays.
    """
    came = _arrival(record, topic, partition)
    refusal = Refusal(came, reason, detail, record.timestamp, installed_version())
    key, value, headers = dead_letters.kept(record.key, record.value, carried(record.headers))
    return Send(TOPIC, partition, value, key, (*dead_letters.headers(refusal), *headers))


class Tally:
    """Counts the events of a log that were judged, until `note` puts them into the state.

    They are kept in the state, so that a restart does not begin to count anew. Left out is what says nothing of what
    producers send now: late events, those of full objects, and dead letters that were sent again.
    """

    __slots__ = ("_refused", "events")

    def __init__(self) -> None:
        self.events = self._refused = 0

    def saw(self, record: Record, refused: Reason | None = None) -> None:
        """Called for each event that came on the partition, with the reason where it was refused.

        One that was taken in and has no headers may just as well be added to `events`.
        """
        if record.headers and _attempted(record):
            return
        if refused is not None:
            if refused in UNCOUNTED:
                return
            self._refused += 1
        self.events += 1

    def note(self, store: Store, now_ms: int) -> None:
        """Called at the end of a minute of the state's now and of a batch: all counted since belongs to this minute."""
        if not self.events:
            return
        minute = now_ms // MINUTE_MS
        minutes: list[list[int]] = store.scalars.setdefault(TALLY, [])
        if not minutes or minutes[-1][0] != minute:
            minutes.append([minute, 0, 0])
            del minutes[:-KEPT_MINUTES]
        minutes[-1][1] += self.events
        minutes[-1][2] += self._refused
        self.events = self._refused = 0


def _attempted(record: Record) -> bool:
    return any(name == "dlq.attempt" for name, _ in record.headers)


def _arrival(record: Record, topic: str, partition: int) -> Arrival:
    """Where the record came from: from here, unless it was forwarded, or its headers tell of a replay."""
    if isinstance(record, PassedOn):
        return Arrival(Origin(record.topic, record.partition, record.offset, record.element), record.timestamp)
    here = Arrival(Origin(topic, partition, record.offset), record.timestamp)
    if not _attempted(record):
        return here
    try:
        told = dead_letters.read_arrival(record.headers)
    except ValueError:
        return here
    possible = told.origin.topic == topic and told.timestamp_ms <= record.timestamp and told.attempt < MOST_ATTEMPTS
    return replace(told, attempt=told.attempt + 1) if possible else here
