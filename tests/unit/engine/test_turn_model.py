"""A random model of turns over several partitions, with the real inbox, pumps and state logs.

Acks come late and out of order between partitions, turns end in the middle of folds, and partitions are revoked in the
middle of everything.
"""

import asyncio
import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka.structs import RecordMetadata
from faust.types import TP

from pipeline.clock import elapsed_seconds
from pipeline.engine.changelog.log_reader import LogReader
from pipeline.engine.changelog.log_record import Claim, Delta, decode, encode
from pipeline.engine.changelog.log_writer import LogWriter
from pipeline.engine.changelog.state_log import StateLog
from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.faust.inbox import Inbox
from pipeline.engine.faust.turn import Turn
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.engine_settings import EngineSettings, WriterPolicy
from pipeline.engine.partition.pump import Pump
from pipeline.kernel.flows import FACTS, Flow
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store
from tests.unit.engine.seeds import seen_over

PARTITIONS = 4
FIRST_APPEND_MS = 1_700_000_000_000
Ack = tuple["asyncio.Future[RecordMetadata]", int]


class Brokers:
    """Take every record at once, and acknowledge it when they are told to, in the order of its partition."""

    def __init__(self) -> None:
        self.logs: defaultdict[tuple[str, int], list[bytes]] = defaultdict(list)
        self.acked: set[tuple[int, int]] = set()
        self._unacked: defaultdict[tuple[str, int], deque[Ack]] = defaultdict(deque)

    async def send(self, topic: str, partition: int, value: bytes, *_: Any) -> "asyncio.Future[RecordMetadata]":
        """One record. A delta is not to come before what it covers is acknowledged."""
        if topic == "state.crm":
            self._check(partition, value)
        log, ack = self.logs[topic, partition], asyncio.get_running_loop().create_future()
        self._unacked[topic, partition].append((ack, len(log)))
        log.append(value)
        return ack

    def _check(self, partition: int, value: bytes) -> None:
        record = decode(value)
        if isinstance(record, Delta) and record.last:
            assert all((partition, offset) in self.acked for offset in range(record.position + 1))

    @property
    def waiting(self) -> list[tuple[str, int]]:
        """The partitions that owe an ack."""
        return sorted(place for place, acks in self._unacked.items() if acks)

    def acknowledge(self, place: tuple[str, int]) -> None:
        """The oldest record of a partition is acknowledged, whether or not anybody waits for it still."""
        ack, offset = self._unacked[place].popleft()
        if place[0] == "facts":
            self.acked.add(origin(self.logs[place][offset]))
        if not ack.done():
            ack.set_result(cast(Any, SimpleNamespace(offset=offset)))


def origin(fact: bytes) -> tuple[int, int]:
    """The source partition and offset of a fact."""
    partition, offset = fact.split(b"/")
    return int(partition), int(offset)


class Copying:
    """Adds up offsets by key, and sends a fact for each record, in a slice of its own."""

    def __init__(self, partition: int, store: Store) -> None:
        self._partition = partition
        self._store = store

    def restore(self) -> None:
        """Nothing is derived."""

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """One slice a record."""
        for record in records:
            key = b"key-%d" % (record.offset % 7)
            self._store.put(key, (self._store.get(key) or 0) + record.offset)
            yield [Send("facts", record.offset % PARTITIONS, b"%d/%d" % (self._partition, record.offset))]


def state_at(position: int) -> dict[bytes, int]:
    """What the stage holds after a position."""
    state: Counter[bytes] = Counter()
    for offset in range(position + 1):
        state[b"key-%d" % (offset % 7)] += offset
    return dict(state)


SPEC = StageSpec("crm", "crm.events", "state.crm", Copying, (Flow(FACTS, "facts"),))
SETTINGS = EngineSettings(
    ["localhost:1"], "group", lambda name: name, PARTITIONS, embedded=True, batch_records=5,
    policy=WriterPolicy(part_bytes=60, shard_pace=300),
)  # fmt: skip


@dataclass(frozen=True)
class Fetched:
    """A source record."""

    offset: int
    timestamp: int = 0


class Worker:
    """Holds all partitions, as a worker does: turns over what waits, and revocations."""

    def __init__(self, brokers: Brokers, rnd: random.Random) -> None:
        self.brokers = brokers
        self.produced = [0] * PARTITIONS
        self.pumps: dict[int, Pump] = {}
        self.seen: Counter[str] = Counter()
        self._rnd = rnd
        self._session = 0
        self._inbox = Inbox()
        self._fetched = [0] * PARTITIONS
        self._kept: dict[int, tuple[LogReader, LogWriter]] = {}
        self._broker = Broker(SETTINGS, cast(Any, brokers), cast(Any, None), cast(Any, None))

    async def assign(self) -> None:
        """All partitions are taken over: claimed, read, and sought to where their states are."""
        self._session += 1
        for partition in range(PARTITIONS):
            self.pumps[partition] = pump = self._take(partition)
            pump.session = self._session
            self._fetched[partition] = pump.lease.computed + 1

    def _take(self, partition: int) -> Pump:
        log = self.brokers.logs["state.crm", partition]
        epoch = len(log)
        log.append(encode(Claim("worker")))
        reader, _ = self._kept.pop(partition, (LogReader(Store(), "log"), None))
        for offset in range(reader.next_offset or 0, len(log)):
            reader.feed(offset, FIRST_APPEND_MS + offset, log[offset])
        store = reader.store
        assert dict(store.items()) == state_at(store.position)
        assert not self.brokers.waiting or store.position < self.produced[partition]
        writer = LogWriter(store, epoch, reader.generation, SETTINGS.writer_policy)
        lease = Lease(
            "crm.events", partition, 0, epoch, store, Copying(partition, store), store.position, store.position
        )
        replica = SimpleNamespace(spec=SPEC, log_topic="state.crm", partition=partition)
        self._kept[partition] = (reader, writer)
        return Pump(SPEC, lease, StateLog(cast(Any, replica), writer, self._broker), self._broker, asyncio.create_task)

    async def revoke(self) -> None:
        """Whatever is under way is left; where nothing is, the state is read on from where it stands."""
        self._inbox.clear()
        for partition, pump in self.pumps.items():
            tasks = list(pump.tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            reader, writer = self._kept[partition]
            if pump.idle:
                self.seen["kept"] += 1
                reader.resume(writer.expected_offset, writer.epoch, writer.generation)
            else:
                self.seen["left"] += 1
                del self._kept[partition]
        self.pumps.clear()

    def fetch(self, partition: int, records: int) -> None:
        """So many records more arrive."""
        first = self._fetched[partition]
        self.produced[partition] = max(self.produced[partition], first + records)
        self._fetched[partition] += records
        fetched = [Fetched(offset) for offset in range(first, first + records)]
        self._inbox.put(TP("crm.events", partition), Chunk(cast(Any, fetched), first, self._session))

    def turn(self) -> None:
        """Fold what waits and has room, at once or not. Of what is revoked in between nothing is folded later."""
        chunks = {
            partition: self._inbox.take(partition, room)
            for partition in list(self._inbox.partitions())
            if (room := self.pumps[partition.partition].room)
        }
        for round_ in Turn([chunks] if chunks else []).hand_out():
            for partition, chunk in round_.chunks.items():
                pump = self.pumps[partition.partition]
                until = self._rnd.choice([inf, -inf, elapsed_seconds() + 20e-6])
                pump.fold(chunk, until)
                self.seen["split"] += not pump.lease.settled
                assert len(pump.tasks) <= SETTINGS.pipe_depth
            self.seen["rounds over several"] += len(round_.chunks) > 1


async def run(seed: int, steps: int = 400) -> Counter[str]:
    """One random history, to its end; what happened in it, counted."""
    rnd = random.Random(seed)
    brokers = Brokers()
    worker = Worker(brokers, rnd)
    await worker.assign()
    for _ in range(steps):
        chance = rnd.random()
        if chance < 0.02:
            await worker.revoke()
            await worker.assign()
        elif chance < 0.2:
            worker.fetch(rnd.randrange(PARTITIONS), rnd.randrange(1, 9))
        elif chance < 0.4:
            worker.turn()
        elif chance < 0.8 and brokers.waiting:
            brokers.acknowledge(rnd.choice(brokers.waiting))
        else:
            await asyncio.sleep(0)
    await _settle(worker)
    _check(worker)
    return worker.seen


async def _settle(worker: Worker) -> None:
    """Everything that was ever produced is fetched, folded and acknowledged."""
    await worker.revoke()
    await worker.assign()
    for partition, pump in worker.pumps.items():
        if (records := worker.produced[partition] - pump.lease.computed - 1) > 0:
            worker.fetch(partition, records)
    for _ in range(10_000):
        worker.turn()
        for place in worker.brokers.waiting:
            worker.brokers.acknowledge(place)
        await asyncio.sleep(0)
        if all(pump.lease.durable == worker.produced[partition] - 1 for partition, pump in worker.pumps.items()):
            break
    await asyncio.gather(*(task for pump in worker.pumps.values() for task in pump.tasks))


def _check(worker: Worker) -> None:
    """Each state is that of its whole log, and of each record the facts are there: once by position, and in order."""
    facts: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for (topic, target), log in worker.brokers.logs.items():
        for partition, offset in map(origin, log if topic == "facts" else ()):
            found = facts[partition, target]
            if not found or offset > found[-1]:
                found.append(offset)
    for partition, pump in worker.pumps.items():
        produced = worker.produced[partition]
        assert pump.idle
        assert (pump.lease.durable, dict(pump.lease.store.items())) == (produced - 1, state_at(produced - 1))
        for target in range(PARTITIONS):
            assert facts[partition, target] == list(range(target, produced, PARTITIONS))


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_whatever_is_revoked_in_the_middle_of_a_turn_is_folded_once(first: int) -> None:
    """Nothing is lost, counted twice or durable before what it sent; what was folded and not durable is forgotten."""
    total = seen_over(range(first, first + 20), run)
    assert total["left"] > 50
    assert total["kept"] > 50
    assert total["split"] > 20
    assert total["rounds over several"] > 50
