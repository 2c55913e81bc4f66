"""The pump: what waits for a partition is a batch, up to its size; fold, send, write the delta, acknowledge."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from faust.types import EventT

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
from pipeline.kernel.stage import Record, UndeclaredSendError
from pipeline.kernel.stage_spec import StageSpec

Event = EventT[Any]


class RecordsMissingError(Diagnosis):
    """Raised when what was delivered does not follow what was folded: something was lost inside the process."""


@dataclass(slots=True)
class _Batch:
    """One batch on its way from the fold to the acknowledgement."""

    events: Sequence[Event]
    position: int
    began: float
    sends: list[tuple[str, Awaitable[Any]]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


class Pump:
    """Works one lease, with one task that folds and one that finishes what was folded.

    The next batch is folded and its records are sent while the acks of the one before are awaited; deltas stay in
    order. Any exception is for the caller of `fold` and `finish`: the process must end before it acknowledges.
    """

    def __init__(self, spec: StageSpec, lease: Lease, log: StateLog, broker: Broker) -> None:
        self.stage = spec.name
        self._spec = spec
        self.lease = lease
        self.log = log
        self.heard_at = elapsed_seconds()
        self.session: int | None = None
        self.progress = Progress()
        self._batch_size = BatchSize(broker.settings.batch_records)
        self._outlet = broker.outlet
        self._settings = broker.settings
        counted_ms = lease.store.scalars.get(COUNTED_MS)
        self._times = TimeReader(spec.source, lease.partition, counted_ms, broker) if spec.ticks else None
        self._waiting: deque[Event] = deque()
        self._waiting_records = 0
        self._arrived = asyncio.Event()
        self._delivered_to = lease.computed + 1
        self._finishing: asyncio.Queue[_Batch] = asyncio.Queue(broker.settings.pipe_depth)
        self._unfinished: list[Event] = []

    @property
    def has_room(self) -> bool:
        """Whether the consumer should fetch more."""
        return self._waiting_records < self._settings.waiting_records

    @property
    def idle(self) -> bool:
        """Whether everything accepted was folded and is durable: the store is what the state log says."""
        return self.lease.settled and self.lease.computed == self.lease.durable and not self._waiting

    def accept(self, event: Event) -> None:
        """Take one delivered chunk; one from before the last seek is dropped (and fetched again after it)."""
        chunk = cast(Chunk, event.value)
        if chunk.session != self.session:
            event.ack()
            return
        if chunk.follows > self._delivered_to:
            raise RecordsMissingError(f"offset {chunk.follows} was delivered, expected {self._delivered_to}")
        self._delivered_to = chunk.last + 1
        self.heard_at = elapsed_seconds()
        self._waiting.append(event)
        self._waiting_records += len(chunk.records)
        self._arrived.set()

    async def fold(self) -> None:
        """Task: fold batch after batch, until cancelled."""
        while True:
            await self._arrived.wait()
            events, records = self._take()
            counted = cast(Sequence[Record], records)
            if self._times is not None and records:
                counted = await self._times.counted(counted)
            await self._fold_batch(events, records, counted, elapsed_seconds())

    def _take(self) -> tuple[list[Event], list["ConsumerRecord[bytes, bytes]"]]:
        """All that waits, up to the batch size; records the state already covers are left out.

        Of a chunk that is larger the rest waits for the next batch: it is acknowledged with its last record.
        """
        events: list[Event] = []
        records: list[ConsumerRecord[bytes, bytes]] = []
        covered, most = self.lease.computed, self._batch_size.records
        while self._waiting and len(records) < most:
            chunk = cast(Chunk, self._waiting[0].value)
            fresh = chunk.records
            if fresh[0].offset <= covered:
                fresh = [record for record in fresh if record.offset > covered]
            room = most - len(records)
            records.extend(fresh[:room])
            if len(fresh) > room:
                break
            self._waiting_records -= len(chunk.records)
            events.append(self._waiting.popleft())
        if not self._waiting:
            self._arrived.clear()
        self._unfinished.extend(events)
        return events, records

    async def _fold_batch(
        self,
        events: list[Event],
        records: list["ConsumerRecord[bytes, bytes]"],
        counted: Sequence[Record],
        began: float,
    ) -> None:
        lease = self.lease
        position = int(records[-1].offset) if records else lease.computed
        batch = _Batch(events, position, began)
        self.progress.begin(began)
        if records:
            lease.folding = True
            await self._run_stage(counted, batch)
            lease.store.position = lease.computed = position
            lease.store.scalars[POSITION_MS] = records[-1].timestamp
            if self._times is not None:
                lease.store.scalars[COUNTED_MS] = counted[-1].timestamp
            lease.folding = False
            self._batch_size.took(len(records), elapsed_seconds() - began)
            await lease.advance()
            self._settings.metrics.batch_folded(self.stage, len(records))
            self._settings.failpoints.reached("fold.done")
            await self._encode(batch)
        await self._finishing.put(batch)

    async def _run_stage(self, records: Sequence[Record], batch: _Batch) -> None:
        """Send each slice as it comes; between two slices the event loop has its turn."""
        full_name, send = self._settings.full_name, self._outlet.send
        declared, counts = self._spec.topics, Counter[str]()
        for slice_ in self.lease.stage.fold(records):
            self._spec.check(self.lease.partition, self.lease.store)
            for out in slice_:
                if out.topic not in declared:
                    raise UndeclaredSendError(self.stage, out.topic)
                counts[out.topic] += 1
                sent = await send(full_name(out.topic), out.partition, out.value, out.key, out.headers)
                batch.sends.append((out.topic, sent))
            await asyncio.sleep(0)
        for topic, count in counts.items():
            self._settings.metrics.sent(topic, count)

    async def _encode(self, batch: _Batch) -> None:
        """The delta and what comes with it, encoded before the next batch may change anything."""
        for entry in self.log.writer.entries(self.lease.store.take_changes()):
            batch.entries.append(entry)
            if len(entry.value) > self._settings.writer_policy.part_bytes // 2:
                await asyncio.sleep(0)

    async def finish(self) -> None:
        """Task: make batch after batch durable and acknowledge it, until cancelled."""
        while True:
            batch = await self._finishing.get()
            for topic, sent in batch.sends:
                await self._until_sent(topic, sent)
            self._settings.failpoints.reached("sends.acked")
            if batch.entries:
                await self.log.append(batch.entries)
                self._settings.failpoints.reached("delta.acked")
                self.lease.durable = batch.position
                await self.lease.advance()
                self._settings.metrics.batch_durable(self.stage, elapsed_seconds() - batch.began)
            self._acknowledge(batch.events)

    async def _until_sent(self, topic: str, sent: Awaitable[Any]) -> None:
        try:
            await sent
        except KafkaError as error:
            raise RefusedError(f"{self._settings.full_name(topic)} rejects a record: {said(error)}") from error

    def _acknowledge(self, events: Sequence[Event]) -> None:
        self.progress.end(elapsed_seconds())
        for event in events:
            event.ack()
        del self._unfinished[: len(events)]
        self._settings.failpoints.reached("acknowledged")

    def drop(self) -> None:
        """Called after the tasks were cancelled: Faust must not wait for what will be fetched again, or elsewhere."""
        for event in (*self._unfinished, *self._waiting):
            event.ack()
        self._unfinished.clear()
        self._waiting.clear()
