"""The pump: folds what a turn has of a partition, sends, writes the delta, and says when it is durable."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from aiokafka.errors import KafkaError

from pipeline.clock import elapsed_seconds
from pipeline.engine.changelog.log_writer import Entry
from pipeline.engine.changelog.replica import COUNTED_MS, POSITION_MS
from pipeline.engine.changelog.state_log import RefusedError, StateLog
from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.fail_stop import said
from pipeline.engine.partition.batch_size import BatchSize
from pipeline.engine.partition.progress import Progress
from pipeline.engine.partition.time_reader import TimeReader
from pipeline.kernel.diagnosis import Diagnosis
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Record, Send, UndeclaredSendError
from pipeline.kernel.stage_spec import StageSpec

Start = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
"""Starts a task whose failure ends the process."""


class RecordsMissingError(Diagnosis):
    """Raised when what is to be folded does not follow what was folded: something was lost inside the process."""


@dataclass(slots=True, eq=False)
class _Batch:
    """One chunk on its way from the fold to the acknowledgement of its delta."""

    records: Sequence[Record]
    began: float
    steps: Iterator[None] | None = None
    unsent: list[Send] = field(default_factory=list)
    sent: list[tuple[str, Awaitable[Any]]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def position(self) -> int:
        return self.records[-1].offset


class Pump:
    """Works one lease, a batch at a time.

    `fold` does as much of a batch as its turn has time for; a task of the batch's own does the rest, and waits for
    the acks. The next batch may be folded and sent while those of the one before are awaited; deltas stay in order.
    Any exception is for whoever called, or started the task: the process must end before anything more is durable.
    """

    def __init__(
        self,
        spec: StageSpec,
        lease: Lease,
        log: StateLog,
        broker: Broker,
        start: Start,
        on_room: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_room` is called when a batch is over: what waits for the partition may be folded now."""
        self.stage = spec.name
        self.lease = lease
        self.log = log
        self.heard_at = elapsed_seconds()
        self.session: int | None = None
        self.progress = Progress()
        self.tasks: set[asyncio.Task[None]] = set()
        self._spec = spec
        self._start = start
        self._on_room = on_room
        self._batch_size = BatchSize(broker.settings.batch_records)
        self._outlet = broker.outlet
        self._settings = broker.settings
        counted_ms = lease.store.scalars.get(COUNTED_MS)
        self._times = TimeReader(spec.source, lease.partition, counted_ms, broker) if spec.ticks else None
        self._delivered_to = lease.computed + 1
        self._unfolded = 0
        self._sending = asyncio.Lock()
        self._finishing = asyncio.Lock()

    @property
    def room(self) -> int:
        """How many records the next turn may bring; 0 while a fold goes on, or too much is not durable yet."""
        full = self._unfolded or len(self.tasks) >= self._settings.pipe_depth
        return 0 if full else self._batch_size.records

    @property
    def idle(self) -> bool:
        """Whether everything folded is durable: the store is what the state log says."""
        return self.lease.settled and self.lease.computed == self.lease.durable

    def fold(self, chunk: Chunk, until: float) -> None:
        """Fold the next chunk, as far as that is done by `until`; what is left goes on by itself, between other tasks.

        One from before the last seek is dropped (and fetched again after it).
        """
        if chunk.session != self.session:
            return
        if chunk.follows > self._delivered_to:
            raise RecordsMissingError(f"offset {chunk.follows} was delivered, expected {self._delivered_to}")
        records = chunk.records
        if records[0].offset < self._delivered_to:
            records = [record for record in records if record.offset >= self._delivered_to]
        if not records:
            return
        self._delivered_to = chunk.last + 1
        self.heard_at = now = elapsed_seconds()
        batch = _Batch(cast(Sequence[Record], records), now)
        self.progress.begin(now)
        self._unfolded += 1
        if self._unfolded == 1 and now < until and (self._times is None or self._times.plain(batch.records)):
            batch.steps = self._steps(batch, batch.records)
            for _ in batch.steps:
                if elapsed_seconds() >= until:
                    break
        task = self._start(self._finish(batch))
        self.tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        self._on_room()

    def _steps(self, batch: _Batch, counted: Sequence[Record]) -> Iterator[None]:
        """The fold, then the delta and what comes with it: encoded before the next batch may change anything."""
        lease, began = self.lease, elapsed_seconds()
        lease.folding = True
        for slice_ in lease.stage.fold(counted):
            self._spec.check(lease.partition, lease.store)
            batch.unsent.extend(map(self._declared, slice_))
            yield
        lease.store.position = lease.computed = batch.position
        lease.store.scalars[POSITION_MS] = batch.records[-1].timestamp
        if self._times is not None:
            lease.store.scalars[COUNTED_MS] = counted[-1].timestamp
        lease.folding = False
        self._batch_size.took(len(counted), elapsed_seconds() - began)
        lease.advance()
        self._settings.metrics.batch_folded(self.stage, len(counted))
        for entry in self.log.writer.entries(lease.store.take_changes()):
            batch.entries.append(entry)
            if len(entry.value) > self._settings.writer_policy.part_bytes // 2:
                yield
        self._unfolded -= 1

    def _declared(self, out: Send) -> Send:
        if out.topic not in self._spec.topics:
            raise UndeclaredSendError(self.stage, out.topic)
        return out

    async def _finish(self, batch: _Batch) -> None:
        """Task: send what was folded, fold and send what was not, make it durable. Batches go one after the other."""
        async with self._sending:
            await self._send(batch)
            for _ in batch.steps or self._steps(batch, await self._counted(batch.records)):
                await self._send(batch)
                await asyncio.sleep(0)
            await self._send(batch)
            self._settings.failpoints.reached("fold.done")
        async with self._finishing:
            for topic, sent in batch.sent:
                await self._until_sent(topic, sent)
            self._settings.failpoints.reached("sends.acked")
            await self.log.append(batch.entries)
            self._settings.failpoints.reached("delta.acked")
            self.lease.durable = batch.position
            self.lease.advance()
            self._settings.metrics.batch_durable(self.stage, elapsed_seconds() - batch.began)
            self.progress.end(elapsed_seconds())
            self._settings.failpoints.reached("acknowledged")

    async def _counted(self, records: Sequence[Record]) -> Sequence[Record]:
        return records if self._times is None else await self._times.counted(records)

    async def _send(self, batch: _Batch) -> None:
        """Send what the fold has given so far: a large change streams, in slices."""
        if not batch.unsent:
            return
        unsent, batch.unsent = batch.unsent, []
        full_name, send = self._settings.full_name, self._outlet.send
        for out in unsent:
            sent = await send(full_name(out.topic), out.partition, out.value, out.key, out.headers)
            batch.sent.append((out.topic, sent))
        for topic, count in Counter(out.topic for out in unsent).items():
            self._settings.metrics.sent(topic, count)

    async def _until_sent(self, topic: str, sent: Awaitable[Any]) -> None:
        try:
            await sent
        except KafkaError as error:
            raise RefusedError(f"{self._settings.full_name(topic)} rejects a record: {said(error)}") from error
