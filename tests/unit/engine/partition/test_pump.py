"""The pump sends only what its stage declares, nothing that the stage's check forbids, and folds each record once."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.changelog.state_log import StateLog
from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.engine.partition.pump import Pump, RecordsMissingError
from pipeline.kernel.flows import FACTS, Flow
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Halt, Record, Send, UndeclaredSendError
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store
from tests.harness.jumping_log import Clients

TIMES = [inf, -inf]
"""Until when a turn lasts: for all of a fold, or for nothing of it."""


@dataclass(frozen=True)
class LogRecord:
    """One record of the source."""

    offset: int = 0
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = b"x"
    headers: Sequence[tuple[str, bytes]] = ()


class Outlet:
    """Notes what is sent, and acknowledges it."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    async def send(self, topic: str, *_: Any) -> "asyncio.Future[None]":
        """Note one record."""
        self.topics.append(topic)
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        acknowledged.set_result(None)
        return acknowledged


class Log:
    """A state log that writes nothing, and acknowledges that."""

    writer = SimpleNamespace(entries=lambda _changes: [])

    async def append(self, entries: list[Any]) -> None:
        """Nothing to write."""
        assert not entries


def chunk(*records: LogRecord, follows: int = 0) -> Chunk:
    """As a turn has it."""
    return Chunk(cast(Any, records), follows, 0)


def pump_of(spec: StageSpec, sent: Outlet, computed: int = -1) -> Pump:
    """A pump of partition 0 whose tasks fail openly."""
    store = Store()
    lease = Lease(spec.source, 0, 0, 0, store, spec.factory(0, store), computed=computed, durable=computed)
    settings = EngineSettings(["localhost:1"], "group", lambda name: name, 1)
    broker = Broker(settings, cast(Any, sent), cast(Any, None), cast(Any, Clients([])))
    pump = Pump(spec, lease, cast(StateLog, Log()), broker, asyncio.create_task)
    pump.session = 0
    return pump


class Sending:
    """Sends one fact, and one record to wherever it is told to."""

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def restore(self) -> None:
        """Nothing is derived."""

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """Two slices of one record each."""
        yield [Send("facts", 0, b"x")]
        yield [Send(self._topic, 0, b"x")]


SPEC = StageSpec("crm", "crm.events", "state.crm", lambda _, __: Sending("facts"), (Flow(FACTS, "facts"),))


async def fold_one(spec: StageSpec, sent: Outlet, until: float, record: LogRecord | None = None) -> None:
    """Give the pump one record; what its fold raises comes out, and nothing is durable."""
    pump = pump_of(spec, sent)
    try:
        pump.fold(chunk(record or LogRecord()), until)
        await asyncio.gather(*pump.tasks)
    finally:
        assert (pump.lease.computed, pump.lease.durable) == (-1, -1)


@pytest.mark.parametrize("until", TIMES)
async def test_what_is_not_declared_is_not_sent(until: float) -> None:
    """And the batch does not become durable."""
    sent = Outlet()

    with pytest.raises(UndeclaredSendError, match="stage crm sends to parts, which it does not declare"):
        await fold_one(replace(SPEC, factory=lambda _, __: Sending("parts")), sent, until)
    assert set(sent.topics) <= {"facts"}


@pytest.mark.parametrize("until", TIMES)
async def test_nothing_is_sent_that_the_check_forbids(until: float) -> None:
    """A stage's check is asked before anything of a slice goes out."""
    sent = Outlet()

    def check(partition: int, store: Store) -> None:
        raise Halt(f"not now: {partition} at {store.position}")

    with pytest.raises(Halt, match="not now: 0 at -1"):
        await fold_one(replace(SPEC, check=check), sent, until)
    assert not sent.topics


@pytest.mark.parametrize("until", TIMES)
async def test_nothing_is_folded_that_is_stamped_far_ahead(until: float) -> None:
    """A record of a source that is ahead of the clock halts before its stage sees it."""
    sent = Outlet()

    with pytest.raises(Halt, match="the record at offset 0 has the append time 2286-11-20T17:46:40Z"):
        await fold_one(replace(SPEC, ticks=True), sent, until, LogRecord(timestamp=10**13))
    assert not sent.topics


async def test_what_does_not_follow_ends_the_worker() -> None:
    """Something was lost between the gate and the fold."""
    pump = pump_of(SPEC, Outlet())
    with pytest.raises(RecordsMissingError, match="offset 1 was delivered, expected 0"):
        pump.fold(chunk(LogRecord(1), follows=1), inf)


async def test_what_is_left_over_from_before_the_last_seek_is_dropped() -> None:
    """It was delivered under another session, and comes again."""
    pump = pump_of(SPEC, Outlet())
    pump.session = 1
    pump.fold(chunk(LogRecord()), inf)
    assert not pump.tasks
    assert pump.idle


class Noting:
    """Notes the batches that it folds, in two slices each."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def restore(self) -> None:
        """Nothing is derived."""

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """One fact."""
        yield ()
        self.batches.append([record.offset for record in records])
        yield [Send("facts", 0, b"x")]


@given(
    sizes=st.lists(st.tuples(st.integers(1, 9), st.sampled_from(TIMES), st.booleans()), min_size=1, max_size=6),
    computed=st.integers(-1, 4),
)
def test_each_record_is_folded_once(sizes: list[tuple[int, float, bool]], computed: int) -> None:
    """Whatever is left to the batches' own tasks: those the state does not cover, in order, a batch for a chunk."""
    asyncio.run(_folded_all(sizes, min(computed, sum(size for size, _, _ in sizes) - 2)))


async def _folded_all(sizes: list[tuple[int, float, bool]], computed: int) -> None:
    stage = Noting()
    sent = Outlet()
    pump = pump_of(replace(SPEC, factory=lambda _, __: stage), sent, computed)
    follows = 0
    for size, until, pause in sizes:
        pump.fold(chunk(*map(LogRecord, range(follows, follows + size)), follows=follows), until)
        follows += size
        if pause:
            await asyncio.sleep(0)
    await asyncio.gather(*pump.tasks)

    assert [offset for batch in stage.batches for offset in batch] == list(range(computed + 1, follows))
    assert len(sent.topics) == len(stage.batches)
    assert pump.idle
    assert pump.lease.durable == follows - 1


async def test_there_is_no_room_while_a_fold_goes_on() -> None:
    """Nor while as many batches as the pipe holds are not durable."""
    stage = Noting()
    pump = pump_of(replace(SPEC, factory=lambda _, __: stage), Outlet())
    assert pump.room
    pump.fold(chunk(LogRecord(0)), -inf)
    assert (pump.room, stage.batches) == (0, [])
    await asyncio.gather(*pump.tasks)
    assert pump.room
    pump.fold(chunk(LogRecord(1), follows=1), inf)
    assert stage.batches == [[0], [1]]
    assert pump.room
    pump.fold(chunk(LogRecord(2), follows=2), inf)
    assert not pump.room
    await asyncio.gather(*pump.tasks)
    assert pump.room
