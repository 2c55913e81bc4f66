"""Reading a state log: records in, the state of one partition out. Pure."""

from typing import Any

from pipeline.engine.changelog.log_record import Claim, Delta, LogRecord, Piece, Shard, SnapshotStart, decode, value_of
from pipeline.kernel.diagnosis import Diagnosis
from pipeline.kernel.store import SHARDS, Store


class LogBrokenError(Diagnosis):
    """Raised when the log cannot be read to a state that is known to be whole; the message is the diagnosis."""


class LogReader:
    """Folds the records of one state log into a store, in order.

    The one rule: a record counts if its epoch is the claim in force where it stands. Offsets are contiguous; a jump
    means that the log was trimmed meanwhile, so everything is forgotten and reading starts at the new head.

    Reading starts at the claim at offset 0, else at the first mark: what comes before it is skipped, and `whole` tells
    whether every slice was seen since. A trimmed log need not start with its mark: after a crash a broker may have
    forgotten how far it was trimmed and start it with the segment that the mark is in, anywhere in an older round; and
    the embedded broker drops old records by itself.
    """

    def __init__(self, store: Store, name: str) -> None:
        self.store = store
        self.name = name
        self.stale = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything: reading starts at the head of the log."""
        self.store.clear()
        self.next_offset: int | None = None
        self.epoch: int | None = None
        self.generation = -1
        self.started = False
        self.applied = 0
        self._missing = set(range(SHARDS))
        self._passed_claim = -1
        self._parts: list[dict[bytes, Any]] = []
        self._pieces: list[Piece] = []
        self._open: tuple[str, int] | None = None

    def resume(self, next_offset: int, epoch: int, generation: int) -> None:
        """Go on as a follower: the store holds what the log says before `next_offset`, where `epoch` is in force."""
        self.next_offset, self.epoch, self.generation = next_offset, epoch, generation
        self.started = True
        self.applied = 0
        self._missing.clear()
        self._drop_parts()

    @property
    def whole(self) -> bool:
        """Whether the store holds the whole state at this point of the log."""
        return self.epoch is not None and not self._missing

    def feed(self, offset: int, timestamp_ms: int, value: bytes | None) -> None:
        """Apply the record at `offset`, appended at `timestamp_ms`; CorruptRecordError or LogBrokenError."""
        if self.next_offset is not None and offset != self.next_offset:
            self.reset()
        self.next_offset = offset + 1
        record = decode(value)
        if self.epoch is None and not self._start(offset, timestamp_ms, record):
            return
        if isinstance(record, Claim):
            self.epoch = offset
            self._drop_parts()
        elif self._counts(offset, record):
            self._apply(record)

    def _start(self, offset: int, timestamp_ms: int, record: LogRecord) -> bool:
        """Whether `record` is one to read from; if so, take from it what the records before it would have said."""
        if isinstance(record, Claim):
            self._passed_claim = offset
            if offset > 0:
                return False
            self.generation = timestamp_ms
            self._missing.clear()
            return True
        if not isinstance(record, SnapshotStart) or record.epoch < self._passed_claim:
            return False
        self.epoch = record.epoch
        return True

    def _counts(self, offset: int, record: Delta | Shard | SnapshotStart | Piece) -> bool:
        """Whether its claim is in force; one whose claim was never seen shows that reading began at a stale mark."""
        assert self.epoch is not None
        if record.epoch > self.epoch:
            self.reset()
            self.next_offset = offset + 1
            return self._start(offset, 0, record)
        if record.epoch < self.epoch:
            self.stale += 1
        return record.epoch == self.epoch

    def _apply(self, record: Delta | Shard | SnapshotStart | Piece) -> None:
        self.applied += 1
        if isinstance(record, SnapshotStart):
            self._drop_parts()
            self._set_scalars(record)
        elif isinstance(record, Piece):
            self._put_together(record)
        elif isinstance(record, Delta):
            changes = self._collect("delta", -1, record.part, record.last, record.changes)
            if changes is not None:
                self.store.apply(changes)
                self._set_scalars(record)
        else:
            entries = self._collect("shard", record.shard, record.part, record.last, record.entries)
            if entries is not None:
                self.store.shards[record.shard] = entries
                self._missing.discard(record.shard)

    def _put_together(self, piece: Piece) -> None:
        """A value too long for a record counts as the part that its last piece is."""
        if not piece.part:
            self._drop_parts()
        self._pieces.append(piece)
        content: dict[bytes, Any] = {}
        if not piece.more:
            content[piece.key] = value_of(self._pieces)
            self._pieces = []
        kind = "delta" if piece.shard < 0 else "shard"
        self._collect(kind, piece.shard, piece.part, False, content)

    def _set_scalars(self, record: Delta | SnapshotStart) -> None:
        self.started = True
        self.generation = record.generation
        self.store.position = record.position
        self.store.scalars = record.scalars

    def _collect(
        self, kind: str, index: int, part: int, last: bool, content: dict[bytes, Any]
    ) -> dict[bytes, Any] | None:
        """All parts together when this is the last one, else None."""
        if part == 0:
            self._parts, self._open = [], (kind, index)
        elif self._open != (kind, index) or part != len(self._parts):
            raise LogBrokenError(f"{self.name}: part {part} of a {kind} without the parts before it")
        self._parts.append(content)
        if not last:
            return None
        whole, *rest = self._parts
        for more in rest:
            whole.update(more)
        self._drop_parts()
        return whole

    def _drop_parts(self) -> None:
        self._parts, self._open, self._pieces = [], None, []
