"""Recovery of partitions: append a claim to each state log, and read the log up to that claim."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from pipeline.clock import elapsed_seconds
from pipeline.engine.changelog.log_reader import LogBrokenError
from pipeline.engine.changelog.log_record import Claim, encode
from pipeline.engine.changelog.log_writer import LogWriter
from pipeline.engine.changelog.replica import POSITION_MS, Replica
from pipeline.engine.changelog.state_log import DeposedError, StateLog
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.kernel.diagnosis import Diagnosis

log = logging.getLogger(__name__)
LOST = "records were lost before they were read"
OTHER = "the log was replaced or truncated"
LAST_READ_BYTES = 64 * 1024
"""Fetched of each source to look at one record. A batch that is larger comes too, but by itself."""
TURN_SECONDS = 0.02
"""How long records are applied before the event loop gets its turn."""


class SourceBrokenError(Diagnosis):
    """Raised when the source log does not hold the records that come after the state's position."""


@dataclass(slots=True, eq=False)
class _Reading:
    """One state log on its way from head (or from where its replica stands) to the claim."""

    replica: Replica
    claim: int
    done: bool = False
    records: int = 0
    size_bytes: int = 0
    start: int | None = field(init=False)

    def __post_init__(self) -> None:
        if not self.replica.follows:
            self.replica.forget()
        self.start = self.replica.reader.next_offset

    def feed(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        reader = self.replica.reader
        self.records += 1
        self.size_bytes += len(record.value or b"")
        reader.feed(record.offset, record.timestamp, record.value)
        if record.offset > self.claim:
            raise DeposedError(f"{reader.name}: this worker's claim at {self.claim} was trimmed before it was read")
        self.done = record.offset == self.claim


async def recover(replicas: Collection[Replica], broker: Broker) -> list[tuple[Replica, StateLog]]:
    """Claim the partitions of these replicas and bring each up to its claim; returns their logs, ready to be written.

    Where a replica stood at the end of a lease it is read on from there. LogBrokenError, CorruptRecordError,
    SourceBrokenError, FingerprintError and DeposedError say why a partition cannot be had; the process should end.
    """
    began = elapsed_seconds()
    readings = [_Reading(replica, claim) for replica, claim in await _claim(replicas, broker)]
    if not readings:
        return []
    async with broker.clients.reader() as consumer:
        await _read(consumer, readings)
        for reading in readings:
            _check_claim(reading)
    async with broker.clients.reader(partition_bytes=LAST_READ_BYTES) as consumer:
        await _check_sources([reading.replica for reading in readings], consumer)
    taken = [(reading.replica, await _take(reading, broker)) for reading in readings]
    _report(readings, elapsed_seconds() - began, broker.settings)
    return taken


async def _claim(replicas: Iterable[Replica], broker: Broker) -> list[tuple[Replica, int]]:
    claim = encode(Claim(broker.settings.worker))

    async def claimed(replica: Replica) -> tuple[Replica, int]:
        return replica, (await (await broker.outlet.send(replica.log_topic, replica.partition, claim))).offset

    # All at once: of each topic the client first asks where it is, and between two asks it waits (`metadata_pace.py`).
    return await asyncio.gather(*map(claimed, replicas))


async def _read(consumer: AIOKafkaConsumer, readings: list[_Reading]) -> None:
    by_partition = {TopicPartition(r.replica.log_topic, r.replica.partition): r for r in readings}
    consumer.assign(list(by_partition))
    from_head = [partition for partition, reading in by_partition.items() if reading.start is None]
    if from_head:
        await consumer.seek_to_beginning(*from_head)
    for partition, reading in by_partition.items():
        if reading.start is not None:
            consumer.seek(partition, reading.start)
    left = dict(by_partition)
    while left:
        fetched = await consumer.getmany(*left, timeout_ms=500)
        for partition, records in fetched.items():
            await _feed(left[partition], records)
            if left[partition].done:
                consumer.pause(partition)
                del left[partition]


async def _feed(reading: _Reading, records: Iterable["ConsumerRecord[bytes, bytes]"]) -> None:
    turn_ends = elapsed_seconds() + TURN_SECONDS
    for record in records:
        reading.feed(record)
        if reading.done:
            return
        if elapsed_seconds() > turn_ends:
            await asyncio.sleep(0)
            turn_ends = elapsed_seconds() + TURN_SECONDS


def _check_claim(reading: _Reading) -> None:
    """DeposedError or LogBrokenError when the log does not lead to a state that is ours."""
    reader = reading.replica.reader
    if reader.epoch is not None and reader.epoch != reading.claim:
        raise DeposedError(f"{reader.name}: the claim at {reading.claim} is superseded by the one at {reader.epoch}")
    if not reader.whole:
        raise LogBrokenError(f"{reader.name}: no complete snapshot before offset {reading.claim}; the state is lost")


async def _take(reading: _Reading, broker: Broker) -> StateLog:
    """The writer of a log that was read and whose source was checked."""
    replica, reader = reading.replica, reading.replica.reader
    new = not reader.started
    replica.check_fingerprint()
    writer = LogWriter(replica.store, reading.claim, reader.generation, broker.settings.writer_policy)
    state_log = StateLog(replica, writer, broker)
    if new:
        await state_log.append(list(writer.entries({})))
    return state_log


async def _check_sources(replicas: Collection[Replica], consumer: AIOKafkaConsumer) -> None:
    """SourceBrokenError when records were lost unseen; a new state starts at the head of the source log."""
    by_source = {TopicPartition(replica.source_topic, replica.partition): replica for replica in replicas}
    starts, ends = await _bounds(by_source, consumer)
    last_read: dict[TopicPartition, Replica] = {}
    for source, replica in by_source.items():
        start, end, name = starts[source], ends[source], f"{source.topic}-{source.partition}"
        if not replica.reader.started:
            _begin(replica, name, start)
        due = replica.store.position + 1
        if start > due:
            raise SourceBrokenError(f"{name} starts at {start}, the state needs {due}: {LOST}")
        if end < due:
            raise SourceBrokenError(f"{name} ends at {end}, the state is at {due}: {OTHER}")
        if start < due and POSITION_MS in replica.store.scalars:
            last_read[source] = replica
    await _check_last_read(last_read, consumer)


async def _bounds(
    partitions: Collection[TopicPartition], consumer: AIOKafkaConsumer
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    """Where each partition starts and ends; of all topics at once, as in `_claim`."""
    topics = sorted({partition.topic for partition in partitions})
    of_topics = [[partition for partition in partitions if partition.topic == topic] for topic in topics]
    starts = await asyncio.gather(*map(consumer.beginning_offsets, of_topics))
    ends = await asyncio.gather(*map(consumer.end_offsets, of_topics))
    return {p: at for found in starts for p, at in found.items()}, {p: at for found in ends for p, at in found.items()}


def _begin(replica: Replica, name: str, start: int) -> None:
    """Start a new state at the head of its source log."""
    if start > 0 and not replica.spec.ticks:
        # What a stage is told by others has to be read from its first record on; a source may be older than we are.
        raise SourceBrokenError(
            f"{name} starts at {start} and there is no state to resume from: earlier records are lost; replay into a "
            "new deployment (setting namespace)"
        )
    replica.store.position = start - 1


async def _check_last_read(replicas: Mapping[TopicPartition, Replica], consumer: AIOKafkaConsumer) -> None:
    """SourceBrokenError when the record that was read last is another one now."""
    consumer.assign(list(replicas))
    for source, replica in replicas.items():
        consumer.seek(source, replica.store.position)
    left = dict(replicas)
    while left:
        for source, records in (await consumer.getmany(*left, timeout_ms=500)).items():
            store, first = left.pop(source).store, records[0]
            consumer.pause(source)
            if (first.offset, first.timestamp) != (store.position, store.scalars[POSITION_MS]):
                raise SourceBrokenError(
                    f"{source.topic}-{source.partition} holds another record at {store.position} than the one that was "
                    f"read there: {OTHER}"
                )


def _report(readings: list[_Reading], seconds: float, settings: EngineSettings) -> None:
    for stage in sorted({reading.replica.spec.name for reading in readings}):
        own = [reading for reading in readings if reading.replica.spec.name == stage]
        records, size = sum(r.records for r in own), sum(r.size_bytes for r in own)
        settings.metrics.recovered(stage, seconds, records, size)
        log.info(
            "%s: took over %d partitions, %d records of state, %d bytes", stage, len(own), records, size,
            extra={"code": "took_over", "stage": stage},
        )  # fmt: skip
