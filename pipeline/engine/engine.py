"""The engine: runs stages under Faust, fast and safe. The only thing the rest of the program needs to know of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from aiokafka.structs import RecordMetadata
from faust import streams
from faust.types import TP

from pipeline.clock import elapsed_seconds
from pipeline.engine.changelog.recovery import recover
from pipeline.engine.changelog.replica import Replica
from pipeline.engine.faust.app import EngineApp, PassThrough, faust_app
from pipeline.engine.faust.driver import ChunkConsumer
from pipeline.engine.faust.turn import Round
from pipeline.engine.kafka.acknowledged import Acknowledged
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.bulk import BulkProducer
from pipeline.engine.kafka.clients import Clients
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.engine.kafka.fail_stop import said
from pipeline.engine.kafka.outlet import Outlet, Records, Sent
from pipeline.engine.partition.partition_task import PartitionTask
from pipeline.engine.supervision import gc_tuning
from pipeline.engine.supervision.group_monitor import GroupMonitor
from pipeline.engine.supervision.loop_watchdog import LoopWatchdog
from pipeline.engine.supervision.topic_monitor import TopicMonitor, grown
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Headers, UndeclaredSendError
from pipeline.kernel.stage_spec import StageSpec

log = logging.getLogger(__name__)
AgentFunction = Callable[[AsyncIterator[Round]], Awaitable[None]]
TOPIC_BUFFER_ROUNDS = 16
REBALANCE, RECOVERY = "rebalance", "recovery of partitions"


class Engine:
    """Takes partitions over when the group assigns them, pumps what arrives through the stages, and gives them back.

    Whatever threatens correctness calls `settings.fail_stop` before anything is acknowledged.
    """

    def __init__(self, settings: EngineSettings, stages: Iterable[StageSpec]) -> None:
        if getattr(streams, "_CStreamIterator", None) is None:
            raise RuntimeError("Faust's compiled streams are missing (is NO_CYTHON set?): acknowledgements would leak")
        self.settings = settings
        self.stages = tuple(stages)
        self._declared = frozenset(topic for spec in self.stages for topic in spec.topics)
        self._by_topic = {settings.full_name(spec.source): spec for spec in self.stages}
        pause_limit = settings.session_timeout_seconds / 2 if settings.self_fence else None
        self.watchdog = LoopWatchdog(settings.fail_stop, pause_limit)
        self.app: EngineApp = faust_app(settings, self)
        outlet = Outlet(self.app, self._between, self._hand_over)
        self._broker = Broker(settings, outlet, BulkProducer(settings), Clients(settings.client_options))
        self._topic_monitor = TopicMonitor(
            self._broker.clients, self._all_topics(), settings.partitions, settings.fail_stop, settings.look_seconds
        )
        self._group_monitor = GroupMonitor(self.app, self._topic_monitor, settings)
        self._replicas: dict[TP, Replica] = {}
        self._partition_tasks: dict[TP, PartitionTask] = {}
        self._taking_over = asyncio.Lock()
        self._beat: asyncio.Task[None] | None = None
        self._look: asyncio.Task[None] | None = None
        self._settled_in = self._stopping = False
        self.app.task(self._start)
        self.app.on_before_shutdown.connect(self._end, weak=False)

    def agent(self, spec: StageSpec) -> Callable[[AgentFunction], AgentFunction]:
        """Register an agent for the stage's source topic: a function that folds its stream's rounds, by `fold`."""

        def register(function: AgentFunction) -> AgentFunction:
            async def agent(stream: Any) -> None:
                try:
                    await function(stream.noack())
                except Exception as error:
                    self.settings.fail_stop(f"agent {spec.name}: {said(error)}")

            topic = self.app.topic(
                self.settings.full_name(spec.source), schema=PassThrough(), acks=False, maxsize=TOPIC_BUFFER_ROUNDS
            )
            self.app.agent(topic, name=f"agents.{spec.name}", concurrency=1, use_reply_headers=False)(agent)
            return function

        return register

    def fold(self, round_: Round) -> None:
        """Called by an agent for each round of its topic: folds it, partition after partition.

        A turn, which is one round of each topic, folds for `turn_ms` at most; what is left of a partition by then goes
        on by itself.
        """
        began = elapsed_seconds()
        until = began + round_.left_seconds
        for partition, chunk in round_.chunks.items():
            task = self._partition_tasks.get(partition)
            if task is not None:
                task.fold(chunk, until)
        round_.folded(elapsed_seconds() - began)

    async def send(
        self, topic: str, partition: int, value: bytes | None, key: bytes | None = None, headers: Headers = ()
    ) -> "asyncio.Future[RecordMetadata]":
        """For publishers: queue one record for a logical topic; the future is its ack."""
        self._count(topic, 1)
        return await self._broker.outlet.send(self.settings.full_name(topic), partition, value, key, headers)

    async def send_all(self, topic: str, partition: int, records: Records) -> list[Sent]:
        """For publishers: queue many records for one partition of a logical topic, in order; nothing waits behind."""
        self._count(topic, len(records))
        return await self._broker.bulk.send_all(self.settings.full_name(topic), partition, records)

    @property
    def _between(self) -> frozenset[str]:
        """The topics (full names) between stages. The embedded broker answers with times that it does not keep."""
        between = (spec.source for spec in self.stages if not spec.ticks)
        return frozenset() if self.settings.embedded else frozenset(map(self.settings.full_name, between))

    def _hand_over(self, topic: str, partition: int, record: Acknowledged) -> None:
        """What this worker has sent to a stage is folded before a fetch brings it, if the partition is its own."""
        if consumer := self._consumer:
            consumer.hand_over(TP(topic, partition), record)

    def _on_room(self) -> None:
        if consumer := self._consumer:
            consumer.on_room()

    @property
    def _consumer(self) -> ChunkConsumer | None:
        """None before the app has begun."""
        consumer = self.app.consumer
        return consumer if isinstance(consumer, ChunkConsumer) else None

    def _count(self, topic: str, records: int) -> None:
        if topic not in self._declared:
            raise UndeclaredSendError("publisher", topic)
        self.settings.metrics.sent(topic, records)

    @property
    def leases(self) -> Sequence[Lease]:
        """The leases in force, by topic and partition."""
        return [self._partition_tasks[partition].lease for partition in sorted(self._partition_tasks)]

    def lags(self) -> Mapping[tuple[str, int], int]:
        """By logical topic and partition held: how many records are not durable yet, as far as the broker told."""
        found = consumer.lags() if (consumer := self._consumer) else {}
        return {(self._by_topic[tp.topic].source, tp.partition): records for tp, records in found.items()}

    @property
    def ready(self) -> bool:
        """Whether the worker is in its group and has recovered all it was given; a spare has nothing to recover."""
        return self._settled_in

    def missing(self) -> list[str]:
        """What keeps the worker from being ready, in words; all of it is said before the watchdog ends the process."""
        if self._stopping:
            return ["shutting down"]
        found = [] if self._settled_in else ["not in the consumer group yet, or recovering partitions"]
        found += [*self._group_monitor.missing(), *self._topic_monitor.missing()]
        least_seconds = self.settings.session_timeout_seconds
        now = elapsed_seconds()
        for partition, task in sorted(self._partition_tasks.items()):
            if (seconds := task.pump.progress.stuck_seconds(now)) > least_seconds:
                found.append(f"{partition.topic}-{partition.partition}: nothing became durable for {seconds:.0f} s")
        return found

    # What the driver asks (`pipeline.engine.faust.driver_host.DriverHost`).

    def on_revoked(self) -> None:
        self._settled_in = False
        self._limit_rebalance()

    async def on_assigned(self, partitions: Iterable[TP]) -> Mapping[TP, int]:
        wanted = {TP(*partition) for partition in partitions}
        # Faust cancels whoever waits when the group changes again; a recovery is never left half done.
        return await asyncio.shield(asyncio.ensure_future(self._hold(wanted)))

    def on_sought(self, session: int) -> None:
        for task in self._partition_tasks.values():
            task.pump.session = session
        self._settle_in()

    @property
    def sources(self) -> Sequence[str]:
        return tuple(self._by_topic)

    @property
    def linger_seconds(self) -> float:
        return self.settings.linger_ms / 1000

    @property
    def finish_seconds(self) -> float:
        return self.settings.rebalance_timeout_seconds / 3

    @property
    def turn_seconds(self) -> float:
        return self.settings.turn_ms / 1000

    @property
    def waiting_records(self) -> int:
        return self.settings.waiting_records

    def room(self, partition: TP) -> int:
        task = self._partition_tasks.get(partition)
        return task.pump.room if task is not None else 0

    def durable_to(self, partition: TP) -> int | None:
        task = self._partition_tasks.get(partition)
        return None if task is None else task.lease.durable + 1

    @property
    def under_way(self) -> bool:
        return any(task.pump.tasks for task in self._partition_tasks.values())

    async def finished(self, limit_seconds: float) -> None:
        tasks = [task for held in self._partition_tasks.values() for task in held.pump.tasks]
        if tasks:
            await asyncio.wait(tasks, timeout=limit_seconds)

    def broken(self, reason: str) -> None:
        self.settings.fail_stop(reason)

    def turned(self, records: int, seconds: float) -> None:
        self.settings.metrics.turned(records, seconds)

    def prefetch_dropped(self, topic: str, records: int) -> None:
        self.settings.metrics.prefetch_dropped(topic, records)

    def handed_over(self, topic: str, records: int) -> None:
        self.settings.metrics.handed_over(topic, records)

    def consumer_options(self) -> Mapping[str, Any]:
        return self.settings.group_options

    # Recovering and giving back.

    async def _hold(self, wanted: set[TP]) -> Mapping[TP, int]:
        """Hold exactly these partitions; recoveries never overlap."""
        self._begin_beat()
        async with self._taking_over:
            self.watchdog.limit(RECOVERY, self.settings.recovery_limit_seconds)
            try:
                await self._give_back(wanted)
                await self._take(wanted)
            except Exception as error:
                self.settings.fail_stop(f"cannot take over: {said(error)}")
            self.watchdog.met(RECOVERY)
            if not wanted:
                self._settle_in()
            return {partition: self._partition_tasks[partition].lease.computed + 1 for partition in sorted(wanted)}

    async def _give_back(self, wanted: set[TP]) -> None:
        """End all leases. What comes back is read on from its replica; the other replicas are let go."""
        for partition in sorted(self._partition_tasks):
            await self._partition_tasks.pop(partition).end()
        for partition in sorted(set(self._replicas) - wanted):
            del self._replicas[partition]

    async def _take(self, wanted: set[TP]) -> None:
        for partition in sorted(wanted):
            self._check(partition)
            if partition not in self._replicas:
                self._replicas[partition] = Replica(self._by_topic[partition.topic], partition.partition, self.settings)
        replicas = [self._replicas[partition] for partition in sorted(wanted)]
        began = elapsed_seconds()
        for replica, state_log in await recover(replicas, self._broker):
            task = PartitionTask(replica, await replica.stage(), state_log, self._broker, self._on_room)
            self._partition_tasks[TP(replica.source_topic, replica.partition)] = task
        gc_tuning.settle()
        for partition in sorted(self._partition_tasks):
            self._partition_tasks[partition].begin()
        seconds = elapsed_seconds() - began
        log.info("holding %d partitions after %.1f s", len(self._partition_tasks), seconds, extra={"code": "holding"})

    def _all_topics(self) -> list[str]:
        """Full names of all topics that are read or written."""
        own = (topic for spec in self.stages for topic in (spec.source, spec.state))
        return sorted({self.settings.full_name(topic) for topic in (*own, *self.settings.topics)})

    def _limit_rebalance(self) -> None:
        """Faust can end up waiting for ever for a rebalance that nobody finishes."""
        settings = self.settings
        self.watchdog.limit(REBALANCE, settings.rebalance_timeout_seconds + settings.recovery_limit_seconds + 60)

    def _settle_in(self) -> None:
        self.watchdog.met(REBALANCE)
        self._settled_in = True

    def _check(self, partition: TP) -> None:
        if partition.partition >= self.settings.partitions:
            self.settings.fail_stop(grown(partition.topic, "more", self.settings.partitions))

    # Life cycle.

    def on_starting(self) -> None:
        self.watchdog.start()
        self._limit_rebalance()

    async def _start(self) -> None:
        """Task of the Faust app: runs once the loop does."""
        gc_tuning.tune()
        self._begin_beat()
        if not self.settings.embedded:
            self._look = asyncio.create_task(self._topic_monitor.run())

    def _begin_beat(self) -> None:
        """Before any partition is held: Faust's tasks begin after the first ones are, and a pause may come between."""
        if self._beat is None:
            self._beat = asyncio.create_task(self.watchdog.beat(self._group_monitor.check))

    def on_stopping(self) -> None:
        self._settled_in = False
        self._stopping = True
        self.watchdog.met(REBALANCE)

    async def _end(self, *_: Any, **__: Any) -> None:
        """Called by Faust when the consumer has stopped and the producer still runs."""
        async with self._taking_over:
            await self._give_back(set())
        if self._look is not None:
            # It would connect anew through clients that are closed.
            self._look.cancel()
            await asyncio.wait([self._look])
        await self._broker.bulk.close()
        await self._broker.clients.close()

    def on_stopped(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
        self.watchdog.stop()
