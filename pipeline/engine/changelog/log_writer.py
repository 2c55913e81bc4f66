"""Writing a state log: what is appended after each batch, and what the acks of it mean. Pure."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from typing import Any

from pipeline.engine.changelog.log_record import (
    Claim,
    Delta,
    LogRecord,
    Piece,
    Shard,
    SnapshotStart,
    decode,
    encode,
    pieces,
)
from pipeline.engine.kafka.engine_settings import WriterPolicy
from pipeline.kernel.diagnosis import Diagnosis
from pipeline.kernel.store import SHARDS, Store

ENTRIES_AT_ONCE = 2048
RECORD_LIMIT_BYTES = 960 * 1024
LEAST_SHARD_BYTES = 2048
"""What an almost empty slice is counted as, so that a small state is not written round after round."""


class StateTooLargeError(Diagnosis):
    """Raised when the state as a whole does not fit what the broker holds."""


class Role(Enum):
    """What the ack of an entry means to its writer."""

    PLAIN = auto()
    MARK = auto()
    ROUND_END = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One encoded record to append, in the order given."""

    value: bytes
    role: Role = Role.PLAIN


class LogWriter:
    """The owner's side of one state log, from its claim on.

    `entries` encodes; `acked` is told the offset of each entry, in order, after the caller has looked at any gap.
    """

    def __init__(self, store: Store, epoch: int, generation: int, policy: WriterPolicy) -> None:
        self.store = store
        self.epoch = epoch
        self.generation = generation
        self.policy = policy
        self.expected_offset = epoch + 1
        self._shard = SHARDS
        self._shard_bytes = [LEAST_SHARD_BYTES] * SHARDS
        self._budget = 0.0
        self._mark: int | None = None

    def entries(self, changes: dict[bytes, Any]) -> Iterator[Entry]:
        """The delta of a batch, then perhaps a mark and shards, paced by bytes.

        To be exhausted before the next batch may change anything; between two entries others may have their turn.
        """
        delta_bytes = 0
        for value in self._delta(changes):
            delta_bytes += len(value)
            yield Entry(value)
        self._budget = min(self._budget, sum(self._shard_bytes)) + delta_bytes * self.policy.shard_pace
        if self._shard == SHARDS:
            self._shard = 0
            store = self.store
            yield Entry(encode(SnapshotStart(self.epoch, store.position, self.generation, store.scalars)), Role.MARK)
        while self._shard < SHARDS and self._budget >= self._shard_bytes[self._shard]:
            yield from self._next_shard()

    def acked(self, entry: Entry, offset: int) -> int | None:
        """Note that `entry` stands at `offset`. Returns the offset to trim the log up to, when there is one."""
        self.expected_offset = offset + 1
        if entry.role is Role.MARK:
            self._mark = offset
        elif entry.role is Role.ROUND_END and self._mark is not None:
            before, self._mark = self._mark, None
            return before
        return None

    def deposed_by(self, values: Iterable[bytes | None]) -> bool:
        """Whether the records that stand where own ones were expected show a later owner (else: a former one's)."""
        for value in values:
            record = decode(value)
            if isinstance(record, Claim) or record.epoch > self.epoch:
                return True
        return False

    def _delta(self, changes: dict[bytes, Any]) -> Iterator[bytes]:
        store = self.store

        def part_of(part: int, last: bool, content: dict[bytes, Any]) -> LogRecord:
            scalars = store.scalars if last else {}
            return Delta(self.epoch, part, last, store.position, self.generation, scalars, content)

        return self._in_parts(changes, part_of, -1)

    def _next_shard(self) -> Iterator[Entry]:
        index, size = self._shard, 0
        last_shard = index == SHARDS - 1

        def part_of(part: int, last: bool, content: dict[bytes, Any]) -> LogRecord:
            return Shard(self.epoch, part, last, index, content)

        values = list(self._in_parts(self.store.shards[index], part_of, index))
        for number, value in enumerate(values, 1):
            size += len(value)
            yield Entry(value, Role.ROUND_END if last_shard and number == len(values) else Role.PLAIN)
        self._shard_bytes[index] = max(size, LEAST_SHARD_BYTES)
        self._budget -= self._shard_bytes[index]
        self._shard += 1
        self._refuse_large_state()

    def _in_parts(
        self, content: dict[bytes, Any], part_of: Callable[[int, bool, dict[bytes, Any]], LogRecord], shard: int
    ) -> Iterator[bytes]:
        """`content` encoded in at least one part, each of at most so many bytes unless it holds a single entry."""
        number = 0
        waiting = deque(_groups(content))
        while waiting:
            group = waiting.popleft()
            value = encode(part_of(number, not waiting, group))
            if len(value) > self.policy.part_bytes and len(group) > 1:
                items = iter(group.items())
                half = dict(islice(items, len(group) // 2))
                waiting.extendleft((dict(items), half))
            elif len(value) > RECORD_LIMIT_BYTES and group:
                for piece in self._pieces(number, shard, group):
                    yield encode(piece)
                    number = piece.part + 1
                if not waiting:
                    waiting.append({})
            else:
                number += 1
                yield value

    def _pieces(self, number: int, shard: int, group: dict[bytes, Any]) -> list[Piece]:
        """A single value that no record holds."""
        ((key, value),) = group.items()
        return pieces(self.epoch, number, shard, key, value, self.policy.part_bytes)

    def _refuse_large_state(self) -> None:
        limit, state_bytes = self.policy.state_limit_bytes, sum(self._shard_bytes)
        if 0 < limit < state_bytes:
            raise StateTooLargeError(
                f"the state of this partition is {state_bytes} bytes, the embedded broker can hold {limit}: "
                "use a real Kafka (setting brokers)"
            )


def _groups(content: dict[bytes, Any]) -> Iterator[dict[bytes, Any]]:
    if len(content) <= ENTRIES_AT_ONCE:
        yield content
        return
    items = iter(content.items())
    while group := dict(islice(items, ENTRIES_AT_ONCE)):
        yield group
