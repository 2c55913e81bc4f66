"""What a publisher sees of the engine: readiness, leases, companions, and folds that are not half done."""

import asyncio
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, NoReturn

import pytest
from confluent_kafka import Producer

from pipeline.engine.engine import Engine
from pipeline.engine.faust.turn import Round
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Record, Send, Stage
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store
from tests.harness.counting_process import create_topics
from tests.harness.state import read_state
from tests.servers.kafka import KafkaServer

PARTITIONS = 4


class SlowStage:
    """Adds to `begun` before its slices and to `ended` after them."""

    def __init__(self, partition: int, store: Store) -> None:
        self.store = store

    def restore(self) -> None:
        """Nothing is derived."""

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """Ten slices, half of it done before and half after."""
        self.store.put(b"begun", (self.store.get(b"begun") or 0) + len(records))
        for _ in range(10):
            yield ()
        self.store.put(b"ended", (self.store.get(b"ended") or 0) + len(records))


Companions = Callable[[Lease], Sequence[Coroutine[Any, Any, None]]]


@asynccontextmanager
async def running(
    bootstrap: str,
    namespace: str,
    companions: Companions,
    *,
    embedded: bool = True,
    stage: Callable[[int, Store], Stage] = SlowStage,
    rebalance_seconds: float = 30,
) -> AsyncIterator[Engine]:
    """An engine with one stage, started in this loop, ready; stopped at the end."""

    def fail_stop(reason: str) -> NoReturn:
        raise AssertionError(reason)

    settings = EngineSettings(
        brokers=[bootstrap],
        group=f"{namespace}.worker",
        full_name=lambda name: f"{namespace}.{name}",
        partitions=PARTITIONS,
        embedded=embedded,
        turn_ms=0,
        rebalance_timeout_seconds=rebalance_seconds,
        fail_stop=fail_stop,
    )
    engine = Engine(settings, [StageSpec("slow", "crm.events", "state.crm", stage, companions=companions)])

    @engine.agent(engine.stages[0])
    async def slow(rounds: AsyncIterator[Round]) -> None:
        async for round_ in rounds:
            engine.fold(round_)

    assert not engine.ready
    await engine.app.start()
    try:
        await until(lambda: engine.ready)
        yield engine
    finally:
        await engine.app.stop()


async def until(condition: Callable[[], object], limit_seconds: float = 30) -> None:
    """Return once the condition holds."""
    async with asyncio.timeout(limit_seconds):
        while not condition():
            await asyncio.sleep(0.05)


def produce(bootstrap: str, namespace: str, *values: bytes) -> None:
    """Append these values to partition 0."""
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for value in values:
        producer.produce(f"{namespace}.crm.events", value, partition=0)
    producer.flush()


async def test_companions_live_with_the_lease_and_see_only_whole_folds(mock_broker: str, namespace: str) -> None:
    """A companion runs from take-over to the end; settled figures belong to `computed`, durable ones to the log."""
    seen: list[tuple[int, int, int]] = []
    unsettled: list[int] = []
    ended: list[int] = []

    async def publish(lease: Lease) -> None:
        try:
            while True:
                await lease.until_settled()
                seen.append((lease.computed, lease.store.get(b"begun") or 0, lease.store.get(b"ended") or 0))
                await asyncio.sleep(0)
        finally:
            ended.append(lease.partition)

    async def look(lease: Lease) -> None:
        while True:
            if not lease.settled:
                unsettled.append(lease.computed)
            await asyncio.sleep(0)

    def companions(lease: Lease) -> list[Coroutine[Any, Any, None]]:
        return [publish(lease), look(lease)] if lease.partition == 0 else []

    async with running(mock_broker, namespace, companions) as engine:
        leases = engine.leases
        assert [(lease.topic, lease.partition) for lease in leases] == [("crm.events", n) for n in range(PARTITIONS)]
        first = leases[0]
        assert (first.computed, first.durable, first.settled) == (-1, -1, True)
        for turn in range(5):
            produce(mock_broker, namespace, b"x", b"y")
            async with asyncio.timeout(30):
                await first.until_durable(2 * turn + 1)
        assert (first.computed, first.durable) == (9, 9)
        assert read_state(mock_broker, f"{namespace}.state.crm", 1)[0].get(b"ended") == 10
    assert set(seen) >= {(-1, 0, 0), (9, 10, 10)}
    assert all(begun == done == position + 1 for position, begun, done in seen)
    assert unsettled
    assert ended == [0]
    assert not engine.leases
    assert not engine.ready


@pytest.mark.kafka
@pytest.mark.slow
async def test_a_worker_that_joins_gets_its_share_and_one_that_is_left_takes_over(
    kafka: KafkaServer, namespace: str
) -> None:
    """Two workers in one group hold each partition once; when one leaves, the other holds all of them.

    What a worker gave away takes up no memory any longer.
    """

    async def wait(lease: Lease) -> None:
        await lease.until_durable(1000)

    def waits(lease: Lease) -> list[Coroutine[Any, Any, None]]:
        return [wait(lease)]

    create_topics(kafka.bootstrap, namespace)
    async with running(kafka.bootstrap, namespace, waits, embedded=False) as one:
        stores = {lease.partition: weakref.ref(lease.store) for lease in one.leases}
        stages = {lease.partition: weakref.ref(lease.stage) for lease in one.leases}
        async with running(kafka.bootstrap, namespace, lambda _: (), embedded=False) as two:
            await until(lambda: len(one.leases) + len(two.leases) == PARTITIONS and one.ready and two.ready)
            held = [lease.partition for engine in (one, two) for lease in engine.leases]
            assert sorted(held) == list(range(PARTITIONS))
            kept = {lease.partition for lease in one.leases}
            for referents in (stores, stages):
                assert {partition for partition, referent in referents.items() if referent() is not None} == kept
        await until(lambda: len(one.leases) == PARTITIONS and one.ready)


class LongStage(SlowStage):
    """A fold of it takes until `over`, slice after slice."""

    over = asyncio.Event()

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """As the slow one, however long it takes."""
        while not self.over.is_set():
            yield ()
        yield from super().fold(records)


@pytest.mark.kafka
@pytest.mark.slow
async def test_a_worker_joins_while_a_fold_takes_longer_than_a_rebalance(kafka: KafkaServer, namespace: str) -> None:
    """The fold is left and done again by whoever holds its partition then: nobody is given up by the group."""
    create_topics(kafka.bootstrap, namespace)
    LongStage.over.clear()
    produce(kafka.bootstrap, namespace, b"x", b"y")

    def joining() -> AbstractAsyncContextManager[Engine]:
        return running(kafka.bootstrap, namespace, lambda _: (), embedded=False, stage=LongStage, rebalance_seconds=6)

    def first(*engines: Engine) -> Lease:
        return next(lease for engine in engines for lease in engine.leases if lease.partition == 0)

    async with joining() as one:
        await until(lambda: first(one).folding)
        async with joining() as two:
            await until(lambda: len(one.leases) + len(two.leases) == PARTITIONS and one.ready and two.ready, 60)
            await until(lambda: first(one, two).folding)
            LongStage.over.set()
            async with asyncio.timeout(30):
                await first(one, two).until_durable(1)
            assert (first(one, two).store.get(b"begun"), first(one, two).store.get(b"ended")) == (2, 2)


@pytest.mark.kafka
@pytest.mark.slow
async def test_a_spare_is_ready_without_a_partition(kafka: KafkaServer, namespace: str) -> None:
    """Of more workers than partitions, those that hold nothing are in the group and ready all the same."""
    create_topics(kafka.bootstrap, namespace)
    async with AsyncExitStack() as stack:
        engines = [
            await stack.enter_async_context(running(kafka.bootstrap, namespace, lambda _: (), embedded=False))
            for _ in range(PARTITIONS + 1)
        ]
        await until(lambda: sum(len(e.leases) for e in engines) == PARTITIONS and all(e.ready for e in engines), 60)
        assert sorted(len(engine.leases) for engine in engines) == [0, 1, 1, 1, 1]
