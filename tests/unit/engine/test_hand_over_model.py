"""A random model of a stage between stages: the real driver, outlet, gate, pumps and state logs.

What this worker sends is appended, acknowledged and fetched whenever the brokers like, other workers write in between,
and partitions are revoked in the middle of everything.
"""

import asyncio
import logging
import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka.structs import RecordMetadata, TopicPartition
from faust.types import TP

from pipeline.engine.changelog.log_reader import LogReader
from pipeline.engine.changelog.log_record import Claim, encode
from pipeline.engine.changelog.log_writer import LogWriter
from pipeline.engine.changelog.state_log import StateLog
from pipeline.engine.faust.driver import ChunkConsumer
from pipeline.engine.faust.gate import Gate
from pipeline.engine.faust.inbox import Inbox
from pipeline.engine.faust.skipped import Skipped
from pipeline.engine.faust.turn import Turn
from pipeline.engine.kafka.acknowledged import Acknowledged
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.engine_settings import EngineSettings, WriterPolicy
from pipeline.engine.kafka.outlet import Outlet
from pipeline.engine.partition.pump import Pump
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Headers, Record, Send
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store
from tests.unit.engine.seeds import seen_over

PARTITIONS = 2
FIRST_APPEND_MS = 1_700_000_000_000
FACTS = [TP("facts", number) for number in range(PARTITIONS)]
Ack = tuple[int, "asyncio.Future[RecordMetadata]"]


@dataclass(frozen=True)
class Fetched:
    """A record of a log."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Brokers:
    """Queue what is sent, append it and acknowledge it when they are told to, in the order of each partition."""

    def __init__(self) -> None:
        self.logs: defaultdict[TP, list[Fetched]] = defaultdict(list)
        self._queued: defaultdict[TP, deque[tuple[Any, ...]]] = defaultdict(deque)
        self._unacked: defaultdict[TP, deque[Ack]] = defaultdict(deque)

    async def send(
        self, topic: str, key: bytes | None, value: bytes, partition: int, timestamp: None, headers: list[Any]
    ) -> "asyncio.Future[RecordMetadata]":
        """As Faust's producer does."""
        assert timestamp is None
        ack: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
        self._queued[TP(topic, partition)].append((key, value, tuple(headers), ack))
        return ack

    def append(self, place: TP, key: bytes | None, value: bytes, headers: Headers = ()) -> int:
        """Take a record into the log, at a time of the broker's."""
        log = self.logs[place]
        log.append(Fetched(len(log), FIRST_APPEND_MS + 3 * len(log), key, value, headers))
        return len(log) - 1

    @property
    def queued(self) -> list[TP]:
        """The partitions for which something is queued."""
        return sorted(place for place, records in self._queued.items() if records)

    @property
    def unacked(self) -> list[TP]:
        """The partitions that owe an ack."""
        return sorted(place for place, acks in self._unacked.items() if acks)

    def take(self, place: TP) -> None:
        """Append the oldest record that is queued."""
        key, value, headers, ack = self._queued[place].popleft()
        self._unacked[place].append((self.append(place, key, value, headers), ack))

    def acknowledge(self, place: TP) -> None:
        """The oldest record that owes one, whether or not anybody waits for it still."""
        offset, ack = self._unacked[place].popleft()
        if not ack.done():
            stamp = self.logs[place][offset].timestamp
            ack.set_result(RecordMetadata(*place, TopicPartition(*place), offset, stamp, 1, 0))


class Thread:
    """The consumer's thread: a position for each partition, and at most one fetch that waits for an answer."""

    def __init__(self, brokers: Brokers, rnd: random.Random) -> None:
        self._brokers = brokers
        self._rnd = rnd
        self._positions: dict[TP, int] = {}
        self._asked: tuple[set[TP], asyncio.Future[dict[TP, list[Fetched]]]] | None = None

    def gather(self, seconds: float) -> None:
        """Brokers take their time as they are told to by the model."""

    async def getmany(self, partitions: set[TP], _: float) -> dict[TP, list[Fetched]]:
        """The answer of the model."""
        assert self._asked is None
        answer: asyncio.Future[dict[TP, list[Fetched]]] = asyncio.get_running_loop().create_future()
        self._asked = partitions, answer
        return await answer

    async def seek_wait(self, wanted: Mapping[TP, int]) -> None:
        """Read on from there. What the thread answered before arrives before."""
        self._positions.update(wanted)
        await asyncio.sleep(0)

    def answer(self) -> None:
        """Give some of what follows, of each partition that was asked for; or nothing."""
        if self._asked is None:
            return
        (partitions, answer), self._asked = self._asked, None
        found = {}
        for partition in sorted(partitions & self._positions.keys()):
            at, log = self._positions[partition], self._brokers.logs[partition]
            until = self._rnd.randint(at, len(log))
            if until > at:
                found[partition], self._positions[partition] = log[at:until], until
        answer.set_result(found)


class Adding:
    """Adds up what the records say, by key, and by when they were appended."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def restore(self) -> None:
        """Nothing is derived."""

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """One slice a record."""
        for record in records:
            for key, more in sums(record).items():
                self._store.put(key, (self._store.get(key) or 0) + more)
            yield []


def sums(record: Any) -> dict[bytes, int]:
    """What one record adds."""
    return {record.key or b"none": int(record.value), b"times": record.timestamp - FIRST_APPEND_MS}


def state_after(records: Sequence[Any]) -> dict[bytes, int]:
    """What the stage holds after these."""
    state: Counter[bytes] = Counter()
    for record in records:
        state.update(sums(record))
    return dict(state)


SPEC = StageSpec("scoreboard", "facts", "state.scoreboard", lambda _, store: Adding(store))
SETTINGS = EngineSettings(
    ["localhost:1"], "group", lambda name: name, PARTITIONS, embedded=True, batch_records=5, waiting_records=9,
    policy=WriterPolicy(part_bytes=60, shard_pace=300),
)  # fmt: skip


class Member(ChunkConsumer):
    """The driver without Faust: its thread and its engine are the model's."""

    log: Any = logging.getLogger(__name__)
    flow_active = True
    _owner: Any = None

    def __init__(self, thread: Thread, owner: "Worker") -> None:
        self._gate = Gate(Skipped())
        self._inbox = Inbox()
        self._turn = Turn()
        self._session = 0
        self._gathers = self._waits = False
        self._fetching = self._arrival = None
        self._acked = {}
        self._thread = cast(Any, thread)
        self._owner = owner

    def assignment(self) -> set[TP]:
        return set(FACTS)

    def revoke(self) -> None:
        """As Faust does when partitions are revoked."""
        self._close()


class Worker:
    """Holds all partitions; what the driver asks of the engine, it answers."""

    sources = ("facts",)
    linger_seconds = 0.02
    turn_seconds = 60.0
    waiting_records = SETTINGS.waiting_records

    def __init__(self, brokers: Brokers, rnd: random.Random) -> None:
        self.brokers = brokers
        self.pumps: dict[TP, Pump] = {}
        self.seen: Counter[str] = Counter()
        self.thread = Thread(brokers, rnd)
        self.member = Member(self.thread, self)
        self.outlet = Outlet(cast(Any, SimpleNamespace(producer=brokers)), frozenset({"facts"}), self._hand_over)
        self._rnd = rnd
        self._broker = Broker(SETTINGS, self.outlet, cast(Any, None), cast(Any, None))
        self._kept: dict[TP, tuple[LogReader, LogWriter]] = {}

    def _hand_over(self, topic: str, partition: int, record: Acknowledged) -> None:
        self.seen["acknowledged"] += 1
        self.member.hand_over(TP(topic, partition), record)

    async def on_assigned(self, partitions: set[TP]) -> dict[TP, int]:
        """All partitions are taken over: claimed, and read."""
        for partition in sorted(partitions):
            self.pumps[partition] = self._take(partition)
        return {partition: pump.lease.computed + 1 for partition, pump in self.pumps.items()}

    def _take(self, partition: TP) -> Pump:
        place = TP("state.scoreboard", partition.partition)
        epoch = self.brokers.append(place, None, encode(Claim("worker")))
        reader, _ = self._kept.pop(partition, (LogReader(Store(), "log"), None))
        for record in self.brokers.logs[place][reader.next_offset or 0 :]:
            reader.feed(record.offset, record.timestamp, record.value)
        store = reader.store
        assert dict(store.items()) == state_after(self.brokers.logs[partition][: store.position + 1])
        writer = LogWriter(store, epoch, reader.generation, SETTINGS.writer_policy)
        lease = Lease("facts", partition.partition, 0, epoch, store, Adding(store), store.position, store.position)
        replica = SimpleNamespace(spec=SPEC, log_topic="state.scoreboard", partition=partition.partition)
        self._kept[partition] = (reader, writer)
        log = StateLog(cast(Any, replica), writer, self._broker)
        return Pump(SPEC, lease, log, self._broker, asyncio.create_task, self.member.on_room)

    def on_sought(self, session: int) -> None:
        """What is delivered from now on bears this session."""
        for pump in self.pumps.values():
            pump.session = session

    async def revoke(self) -> None:
        """Whatever is under way is left; where nothing is, the state is read on from where it stands."""
        self.member.revoke()
        for partition, pump in self.pumps.items():
            tasks = list(pump.tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            while TP("state.scoreboard", partition.partition) in self.brokers.queued:
                self.brokers.take(TP("state.scoreboard", partition.partition))
            if pump.idle:
                reader, writer = self._kept[partition]
                reader.resume(writer.expected_offset, writer.epoch, writer.generation)
            else:
                del self._kept[partition]
            self.seen["kept" if pump.idle else "left"] += 1
        self.pumps.clear()

    def room(self, partition: TP) -> int:
        """As the engine says."""
        return self.pumps[partition].room if partition in self.pumps else 0

    def broken(self, reason: str) -> None:
        """Nothing is ever wrong with the log."""
        raise AssertionError(reason)

    def turned(self, records: int, seconds: float) -> None:
        """A turn is over."""

    def prefetch_dropped(self, topic: str, records: int) -> None:
        """Something stale was fetched."""
        self.seen["stale"] += records

    def handed_over(self, topic: str, records: int) -> None:
        """Copies were fetched."""
        self.seen["copies"] += records

    async def turns(self) -> None:
        """Task: turn after turn, as Faust asks for them; each folded whole, in part, or later."""
        while True:
            for rounds in (await self.member._getmany(set(FACTS), 1.0)).values():
                for round_ in rounds:
                    for partition, chunk in cast(Any, round_).chunks.items():
                        if partition in self.pumps:
                            self.pumps[partition].fold(chunk, self._rnd.choice([inf, -inf]))
                    cast(Any, round_).folded(0.0)
            await asyncio.sleep(0)


async def run(seed: int, steps: int = 400) -> Counter[str]:
    """One random history, to its end; what happened in it, counted."""
    rnd = random.Random(seed)
    brokers = Brokers()
    worker = Worker(brokers, rnd)
    await worker.member.seek_to_committed()
    turns = asyncio.create_task(worker.turns())
    for step in range(steps):
        chance = rnd.random()
        place = rnd.choice(FACTS)
        if chance < 0.02:
            await worker.revoke()
            if rnd.random() < 0.5:
                worker.thread.answer()
                await asyncio.sleep(0)
            await worker.member.seek_to_committed()
        elif chance < 0.2:
            await worker.outlet.send("facts", place.partition, b"%d" % step, b"key-%d" % (step % 5), (("of", b"crm"),))
        elif chance < 0.22:
            brokers.append(place, None, b"%d" % step)
        elif chance < 0.45 and brokers.queued:
            brokers.take(rnd.choice(brokers.queued))
        elif chance < 0.75 and brokers.unacked:
            brokers.acknowledge(rnd.choice(brokers.unacked))
        elif chance < 0.85:
            worker.thread.answer()
        for _ in range(rnd.choice((0, 1, 5))):
            await asyncio.sleep(0)
        if turns.done():
            turns.result()
    await _settle(worker)
    turns.cancel()
    await asyncio.gather(turns, return_exceptions=True)
    for partition, pump in worker.pumps.items():
        log = brokers.logs[partition]
        assert pump.idle
        assert (pump.lease.durable, dict(pump.lease.store.items())) == (len(log) - 1, state_after(log))
        assert worker.member._gate.unfetched(partition) == 0
    return worker.seen


async def _settle(worker: Worker) -> None:
    """Everything is appended, acknowledged, fetched and folded."""
    brokers = worker.brokers
    for _ in range(2000):
        for place in brokers.queued:
            brokers.take(place)
        for place in brokers.unacked:
            brokers.acknowledge(place)
        worker.thread.answer()
        for _ in range(5):
            await asyncio.sleep(0)
        ends = {partition: len(brokers.logs[partition]) - 1 for partition in FACTS}
        fetched = all(not worker.member._gate.unfetched(partition) for partition in FACTS)
        if fetched and not brokers.queued and all(p.lease.durable == ends[at] for at, p in worker.pumps.items()):
            break
        if not any(worker.room(partition) for partition in worker.member._inbox.partitions()):
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("first", range(0, 36, 12))
def test_however_it_comes_each_record_is_folded_once(first: int) -> None:
    """Handed over, fetched or both; nothing is lost, counted twice or folded as another than the log has it."""
    total = seen_over(range(first, first + 12), run)
    assert total["left"] > 5
    assert total["kept"] > 5
    assert total["copies"] > 100
    assert total["copies"] < total["acknowledged"]
