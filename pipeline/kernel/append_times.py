"""When the records of a source partition count as appended, where a broker's clock has jumped. Pure.

An append time that is far ahead of the one before it is either right (the log was quiet) or wrong. Only an operator can
tell, by an answer further on in the same log. So what a record counts as follows from the log alone: whoever meets a
jump has to know the answers behind it. A clock only decides whether to go on without one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.kernel.proofs import Seal
from pipeline.kernel.stage import Record
from schemas.control import ANSWER, Answer, control_kind, unpack_answer

JUMP_MS = 3_600_000
"""A record that is further ahead of the one before it is a jump. No setting: what a replay looks up depends on it."""


@dataclass(frozen=True, slots=True)
class CountedRecord:
    """A record that counts as appended at another time than its own."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    stamped_ms: int
    """Its own append time."""


def stamped_ms(record: Record) -> int:
    """When the broker says that a record was appended, whatever it counts as."""
    return record.stamped_ms if isinstance(record, CountedRecord) else record.timestamp


def is_jump(stamp_ms: int, before_ms: int | None) -> bool:
    """Whether an append time is far ahead of what the record before it counts as; the first of a log always is."""
    return before_ms is None or stamp_ms - before_ms > JUMP_MS


class Answers:
    """The answers in a stretch of one partition's log; of two about one record the first holds.

    Heeded are those that an operator's command wrote, by the seal of the partition; without one none is.
    """

    def __init__(self, seal: Seal | None) -> None:
        self._seal = seal
        self._found: list[Answer] = []

    def read(self, record: Record) -> None:
        """Called with each record of the stretch, in order. What is no answer, or is about later records, says nothing.

        An unreadable one becomes a dead letter where the log is folded.
        """
        if not record.headers or control_kind(record.headers) != ANSWER:
            return
        if self._seal is None or not self._seal.holds(record):
            return
        try:
            answer = unpack_answer(record.value or b"")
        except ValueError:
            return
        if answer.last < record.offset:
            self._found.append(answer)

    def about(self, offset: int) -> Answer | None:
        """What was said of one record."""
        return next((answer for answer in self._found if answer.first <= offset <= answer.last), None)


class AppendTimes:
    """Follows one partition from record to record.

    `before_ms` is what the last record counted as, None at the head of the log. Answers are known up to `known_to`.
    """

    def __init__(self, before_ms: int | None, seal: Seal | None) -> None:
        self.before_ms = before_ms
        self.known_to = 0
        self.answers = Answers(seal)

    def may_jump(self, records: Sequence[Record]) -> bool:
        """Whether there may be a jump among these, the next ones; otherwise `skip` them."""
        stamps = [record.timestamp for record in records]
        return is_jump(max(stamps), None if self.before_ms is None else min(self.before_ms, *stamps))

    def skip(self, records: Sequence[Record]) -> None:
        """Called with records among which there is no jump: they count as they are."""
        self.before_ms = records[-1].timestamp

    def jumps(self, record: Record) -> bool:
        """Whether the next record is a jump: the answers behind it have to be known before it is taken."""
        return is_jump(record.timestamp, self.before_ms)

    def take(self, record: Record) -> Record:
        """The next record as it counts."""
        answer = self.answers.about(record.offset) if self.jumps(record) else None
        if answer is None or answer.counts_as_ms is None:
            self.before_ms = record.timestamp
            return record
        self.before_ms = answer.counts_as_ms
        return CountedRecord(
            record.offset, answer.counts_as_ms, record.key, record.value, record.headers, record.timestamp
        )


def is_held(stamp_ms: int, limit_ms: int, now_ms: int, others_ms: Mapping[str, int]) -> bool:
    """Whether a jump without an answer halts: it is ahead of the clock, and of all other source partitions."""
    return stamp_ms > max(now_ms, *others_ms.values(), 0) + limit_ms


def line_of(log: str, number: int, record: Record, limit_ms: int) -> str:
    """What a worker says that halts at a record."""
    place = f"{log} {number} {record.offset}"
    return (
        f"{log}/{number}: the record at offset {record.offset} has the append time {utc(record.timestamp)}, more than "
        f"{limit_ms // 3_600_000} h ahead of this worker's clock and of every other source partition; nothing of it "
        f"was counted. Mend the broker's clock (or this worker's), then answer with: salespulse append-time {place} "
        f"--before (to count it and those that follow as the record before them), or --pass (if the time is right)"
    )


def utc(instant_ms: int) -> str:
    """An instant for people; one that no calendar holds in milliseconds."""
    try:
        return datetime.fromtimestamp(instant_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{instant_ms} ms"
