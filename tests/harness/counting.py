"""Two tiny stages, a generator and an oracle for the engine: counts per key, then sums per group of keys."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from pipeline.kernel.flows import FACTS, Flow
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store
from schemas.control import KIND_HEADER

GROUPS = 7
SLICE = 64
POISON = b"poison"
"""A value that makes the fold raise, as a defect would."""

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder().decode


def group_of(key: str) -> str:
    """The group whose sum a key belongs to."""
    return f"group-{int(key.rpartition('-')[2]) % GROUPS}"


class CountStage:
    """Counts the records of each key, and sends a 1 for each to the partition of its group."""

    def __init__(self, partition: int, store: Store, partitions: int) -> None:
        self.partition = partition
        self.store = store
        self.partitions = partitions

    def restore(self) -> None:
        """Nothing is derived."""

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """Facts are packed per destination, at most SLICE to a record, and never split one offset."""
        facts: dict[int, list[tuple[int, str]]] = {}
        for record in records:
            if dict(record.headers).get(KIND_HEADER) is not None or record.key is None:
                self.store.scalars["ticks"] = self.store.scalars.get("ticks", 0) + 1
                continue
            if record.value == POISON:
                raise ValueError("poison")
            self.store.put(record.key, (self.store.get(record.key) or 0) + 1)
            group = group_of(record.key.decode())
            facts.setdefault(partition_of(group, self.partitions), []).append((record.offset, group))
        for target, rows in sorted(facts.items()):
            for start in range(0, len(rows), SLICE):
                yield [Send("facts", target, encode([self.partition, rows[start : start + SLICE]]))]


class SumStage:
    """Adds the facts up; what was applied already is dropped by position."""

    def __init__(self, partition: int, store: Store) -> None:
        self.store = store

    def restore(self) -> Iterator[None]:
        """Nothing is derived; a generator, as a long restore is."""
        yield

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """Sends nothing."""
        applied: dict[str, int] = dict(self.store.scalars.get("applied", {}))
        for record in records:
            assert record.value is not None
            source, rows = decode(record.value)
            for offset, group in rows:
                if offset > applied.get(str(source), -1):
                    self.store.put(group.encode(), (self.store.get(group.encode()) or 0) + 1)
                    applied[str(source)] = offset
        self.store.scalars["applied"] = applied
        yield ()


def counting_stages(partitions: int, *, ticks: bool = True) -> tuple[StageSpec, StageSpec]:
    """Both stages, on the topics of the first and the second stage."""

    def counts(partition: int, store: Store) -> CountStage:
        return CountStage(partition, store, partitions)

    return (
        StageSpec("crm", "crm.events", "state.crm", counts, (Flow(FACTS, "facts"),), ticks=ticks),
        StageSpec("scoreboard", "facts", "state.scoreboard", SumStage),
    )


def expected_sums(counts: dict[str, int]) -> dict[str, int]:
    """What the second stage must say, from what was produced."""
    sums: dict[str, int] = {}
    for key, count in counts.items():
        sums[group_of(key)] = sums.get(group_of(key), 0) + count
    return sums


def values(stores: Sequence[Store]) -> dict[str, Any]:
    """All values of several partitions, by key."""
    return {key.decode(): value for store in stores for key, value in store.items()}
