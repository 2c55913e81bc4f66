"""A partition's task: a lease and the tasks that run while it is held."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.engine.changelog.replica import Replica
from pipeline.engine.changelog.state_log import StateLog
from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.fail_stop import said
from pipeline.engine.partition.pump import Pump
from pipeline.engine.partition.ticker import tick
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Halt, Stage


class PartitionTask:
    """From `begin` to `end`: what the pump is given in each turn, the ticker, and the companions of the stage."""

    def __init__(
        self, replica: Replica, stage: Stage, log: StateLog, broker: Broker, on_room: Callable[[], None]
    ) -> None:
        self.replica = replica
        writer, position = log.writer, replica.store.position
        self.lease = Lease(
            replica.spec.source, replica.partition, writer.generation, writer.epoch, replica.store, stage,
            computed=position, durable=position,
        )  # fmt: skip
        self.pump = Pump(replica.spec, self.lease, log, broker, self._start, on_room)
        self._log = log
        self._broker = broker
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Start everything."""
        spec, broker = self.replica.spec, self._broker
        running = list(spec.companions(self.lease))
        if spec.ticks:
            running.append(tick(self.pump, self.replica.source_topic, broker))
        self._tasks = [self._start(task) for task in running]

    def fold(self, chunk: Chunk, until: float) -> None:
        """Called by the agent of the stage with what a turn has of the partition."""
        with self._guard():
            self.pump.fold(chunk, until)

    def _start(self, task: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.create_task(self._guarded(task))

    async def _guarded(self, task: Coroutine[Any, Any, None]) -> None:
        with self._guard():
            await task

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Whatever fails in here ends the process."""
        try:
            yield
        except Halt as halt:
            self._broker.settings.fail_stop(str(halt))
        except Exception as error:
            lease = self.lease
            self._broker.settings.fail_stop(f"{lease.topic}-{lease.partition}: {said(error)}")

    async def end(self) -> None:
        """Stop everything; leave the replica as a follower of the log, or forget it when a batch was under way."""
        tasks = [*self._tasks, *self.pump.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.lease.end()
        self._tasks.clear()  # What a task ended with refers to its frames, and so to this object and all its state.
        await self._log.close()
        if self.pump.idle:
            writer = self._log.writer
            self.replica.reader.resume(writer.expected_offset, writer.epoch, writer.generation)
        else:
            self.replica.forget()
