"""What becomes of a refused record: its dead letter, and how many of a log's events were refused in which minute."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from pipeline.kernel.proofs import Seal
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.store import Store
from pipeline.organisation.days import MINUTE_MS
from pipeline.release import installed_version
from schemas import dead_letters
from schemas.cloud_events import carried
from schemas.control import OFFSETS, Forwarded
from schemas.dead_letters import ATTEMPT_HEADER, Arrival, Origin, Reason, Refusal

TOPIC = "dead-letters"
KEPT_MINUTES = 3
MOST_ATTEMPTS = 1_000_000
UNCOUNTED: frozenset[Reason] = frozenset({"late", "full", "invalid_control"})
"""Reasons that say nothing of the events that producers send now: but of what is remembered, or of a stranger."""
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


class Letters:
    """Makes the dead letters of one partition. Of its records it knows those that are letters sent again.

    That is believed of what bears a proof: what anybody else says in headers `dlq.…` is passed over.
    """

    def __init__(self, topic: str, partition: int, partitions: int, seal: Seal, *, bodies: bool = True) -> None:
        """Without `bodies` a letter holds nothing of its record but length and digest."""
        self._topic = topic
        self._partition = partition
        self._partitions = partitions
        self._seal = seal
        self._bodies = bodies

    def letter(self, record: Record, reason: Reason, detail: str) -> Send:
        """The dead letter of a record that came on the partition: key and value as they were, all else in its headers.

        Headers that are part of an event in binary mode stay as well. Of what is longer than any event the head stays.
        """
        refusal = Refusal(self._arrival(record), reason, detail, record.timestamp, installed_version())
        key, value, headers = dead_letters.kept(record.key, record.value, carried(record.headers), bodies=self._bodies)
        return Send(TOPIC, self._partition, value, key, (*dead_letters.headers(refusal), *headers))

    def sent_again(self, record: Record) -> bool:
        """Whether an operator sent a dead letter back with this record."""
        return any(name == ATTEMPT_HEADER for name, _ in record.headers) and self._seal.holds(record)

    def _arrival(self, record: Record) -> Arrival:
        """Where the record came from: from here, unless it was forwarded, or a letter that was sent again."""
        if isinstance(record, PassedOn):
            return Arrival(Origin(record.topic, record.partition, record.offset, record.element), record.timestamp)
        here = Arrival(Origin(self._topic, self._partition, record.offset), record.timestamp)
        if not self.sent_again(record):
            return here
        try:
            told = dead_letters.read_arrival(record.headers)
        except ValueError:
            return here
        return replace(told, attempt=told.attempt + 1) if self._possible(told, record) else here

    def _possible(self, told: Arrival, record: Record) -> bool:
        origin = told.origin
        return (
            origin.topic == self._topic
            and origin.partition < self._partitions
            and origin.offset < OFFSETS
            and told.timestamp_ms <= record.timestamp
            and told.attempt < MOST_ATTEMPTS
        )


class Tally:
    """Counts the events of a log that were judged, until `note` puts them into the state.

    They are kept in the state, so that a restart does not begin to count anew. Left out is what says nothing of the
    events that producers send now: late ones, those of full objects, dead letters that were sent again, and what only
    claims to be the pipeline's own.
    """

    __slots__ = ("_refused", "_sent_again", "events")

    def __init__(self, sent_again: Callable[[Record], bool]) -> None:
        self._sent_again = sent_again
        self.events = self._refused = 0

    def saw(self, record: Record, refused: Reason | None = None) -> None:
        """Called for each event that came on the partition, with the reason where it was refused.

        One that was taken in and has no headers may just as well be added to `events`.
        """
        if record.headers and self._sent_again(record):
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
