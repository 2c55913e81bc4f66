"""The pump sends only what its stage declares, nothing that the stage's check forbids, and cuts what waits to size."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.changelog.state_log import StateLog
from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.engine.partition.pump import Event, Pump
from pipeline.kernel.flows import FACTS, Flow
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Halt, Record, Send, UndeclaredSendError
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store
from tests.harness.jumping_log import Clients


@dataclass(frozen=True)
class LogRecord:
    """One record of the source."""

    offset: int = 0
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = b"x"
    headers: Sequence[tuple[str, bytes]] = ()


class Outlet:
    """Notes what is sent."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    async def send(self, topic: str, *_: Any) -> None:
        """Note one record."""
        self.topics.append(topic)


class Delivered:
    """A chunk as Faust delivers it; nobody may acknowledge it here."""

    acknowledged = False

    def __init__(self, *records: LogRecord, follows: int = 0) -> None:
        self.value = Chunk(cast(Any, records), follows, 0)

    def ack(self) -> None:
        """Note that it was acknowledged."""
        self.acknowledged = True


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


async def fold_one(spec: StageSpec, sent: Outlet, record: LogRecord | None = None) -> None:
    """Give the pump one record; what its fold raises comes out."""
    store = Store()
    lease = Lease(spec.source, 0, 0, 0, store, spec.factory(0, store))
    settings = EngineSettings(["localhost:1"], "group", lambda name: name, 1)
    pump = Pump(
        spec, lease, cast(StateLog, None), Broker(settings, cast(Any, sent), cast(Any, None), cast(Any, Clients([])))
    )
    pump.session = 0
    delivered = Delivered(record or LogRecord())
    pump.accept(cast(Event, delivered))
    try:
        await pump.fold()
    finally:
        assert not delivered.acknowledged
        assert (lease.computed, lease.durable) == (-1, -1)


async def test_what_is_not_declared_is_not_sent() -> None:
    """The record before goes out, the undeclared one does not, and the batch is not acknowledged."""
    sent = Outlet()

    with pytest.raises(UndeclaredSendError, match="stage crm sends to parts, which it does not declare"):
        await fold_one(replace(SPEC, factory=lambda _, __: Sending("parts")), sent)
    assert sent.topics == ["facts"]


async def test_nothing_is_sent_that_the_check_forbids() -> None:
    """A stage's check is asked before anything of a slice goes out."""
    sent = Outlet()

    def check(partition: int, store: Store) -> None:
        raise Halt(f"not now: {partition} at {store.position}")

    with pytest.raises(Halt, match="not now: 0 at -1"):
        await fold_one(replace(SPEC, check=check), sent)
    assert not sent.topics


async def test_nothing_is_folded_that_is_stamped_far_ahead() -> None:
    """A record of a source that is ahead of the clock halts before its stage sees it."""
    sent = Outlet()

    with pytest.raises(Halt, match="the record at offset 0 has the append time 2286-11-20T17:46:40Z"):
        await fold_one(replace(SPEC, ticks=True), sent, LogRecord(timestamp=10**13))
    assert not sent.topics


class Counting:
    """Notes the batches that it folds, and halts at the end of the log."""

    def __init__(self, end: int) -> None:
        self.batches: list[list[int]] = []
        self._end = end

    def restore(self) -> None:
        """Nothing is derived."""

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """Nothing is sent."""
        self.batches.append([record.offset for record in records])
        if records[-1].offset == self._end:
            raise Halt("the end")
        yield ()


@given(
    chunks=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    most=st.integers(1, 5),
    computed=st.integers(-1, 4),
)
def test_chunks_are_cut_into_batches(chunks: list[int], most: int, computed: int) -> None:
    """Each record that the state does not cover is folded once, in order, in batches that are full but for the last."""
    asyncio.run(_folded_all(chunks, most, min(computed, sum(chunks) - 2)))


async def _folded_all(sizes: list[int], most: int, computed: int) -> None:
    end = sum(sizes) - 1
    store, stage = Store(), Counting(end)
    lease = Lease("crm.events", 0, 0, 0, store, stage, computed=computed)
    settings = EngineSettings(["localhost:1"], "group", lambda name: name, 1, batch_records=most, pipe_depth=100)
    log = SimpleNamespace(writer=SimpleNamespace(entries=lambda _changes: []))
    broker = Broker(settings, cast(Any, Outlet()), cast(Any, None), cast(Any, Clients([])))
    pump = Pump(SPEC, lease, cast(StateLog, log), broker)
    pump.session, offsets = 0, iter(range(end + 1))
    follows = 0
    for size in sizes:
        delivered = Delivered(*(LogRecord(next(offsets)) for _ in range(size)), follows=follows)
        pump.accept(cast(Event, delivered))
        follows += size
    with pytest.raises(Halt, match="the end"):
        await pump.fold()

    assert [offset for batch in stage.batches for offset in batch] == list(range(computed + 1, end + 1))
    assert all(len(batch) == most for batch in stage.batches[:-1])
