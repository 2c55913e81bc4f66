"""The state log (changelog) of a partition, on its owner's side: appends entries, checks the offsets of acks, trims."""

import asyncio
import logging

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from pipeline.engine.changelog.log_writer import Entry, LogWriter
from pipeline.engine.changelog.replica import Replica
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.fail_stop import said
from pipeline.kernel.diagnosis import Diagnosis

log = logging.getLogger(__name__)


class DeposedError(Diagnosis):
    """Raised when the log shows that another worker has claimed the partition since."""


class RefusedError(Diagnosis):
    """Raised when the broker refuses, for good, what the worker has to write."""


class StateLog:
    """One partition's log under one lease."""

    def __init__(self, replica: Replica, writer: LogWriter, broker: Broker) -> None:
        self.stage = replica.spec.name
        self.topic = replica.log_topic
        self.partition = replica.partition
        self.writer = writer
        self._settings = broker.settings
        self._outlet = broker.outlet
        self._clients = broker.clients
        self._trimming: asyncio.Task[None] | None = None

    async def append(self, entries: list[Entry]) -> None:
        """Write the entries and return once all are acknowledged. DeposedError when another owner is there."""
        try:
            sent = [(entry, await self._outlet.send(self.topic, self.partition, entry.value)) for entry in entries]
            self._settings.failpoints.reached("delta.sent")
            for entry, future in sent:
                await self._acknowledged(entry, await future)
        except KafkaError as error:
            raise RefusedError(f"{self.topic}-{self.partition} rejects a record: {said(error)}") from error
        self._settings.metrics.log_written(self.stage, sum(len(entry.value) for entry in entries))

    async def _acknowledged(self, entry: Entry, ack: RecordMetadata) -> None:
        if ack.offset != self.writer.expected_offset:
            await self._look_at_gap(ack.offset)
        trim_before = self.writer.acked(entry, ack.offset)
        if trim_before is not None and not self._settings.embedded:
            self._settings.failpoints.reached("round.acked")
            self._trim(trim_before)

    async def _look_at_gap(self, offset: int) -> None:
        expected = self.writer.expected_offset
        log.warning(
            "%s-%d: acknowledged at offset %d, expected %d", self.topic, self.partition, offset, expected,
            extra={"code": "state_log_gap", "stage": self.stage, "partition": self.partition},
        )  # fmt: skip
        if offset < expected:
            raise DeposedError(
                f"{self.topic}-{self.partition}: a record was written at {offset} instead of {expected}: the log was "
                "truncated or recreated"
            )
        if self.writer.deposed_by(await self._between(expected, offset)):
            raise DeposedError(f"{self.topic}-{self.partition}: claimed by another worker before offset {offset}")

    async def _between(self, start: int, end: int) -> list[bytes | None]:
        """The values at the offsets from `start` up to `end`. DeposedError when they are trimmed already."""
        partition = TopicPartition(self.topic, self.partition)
        values: list[bytes | None] = []
        async with self._clients.reader() as consumer:
            consumer.assign([partition])
            consumer.seek(partition, start)
            while len(values) < end - start:
                for record in (await consumer.getmany(partition, timeout_ms=500)).get(partition, ()):
                    if record.offset != start + len(values):
                        raise DeposedError(f"{self.topic}-{self.partition}: trimmed by another worker, at {start}")
                    values.append(record.value)
        return values

    def _trim(self, before: int) -> None:
        """Start trimming; when one is still under way this one is left out, the next round brings another."""
        if self._trimming is None or self._trimming.done():
            self._trimming = asyncio.create_task(self._delete_before(before))

    async def _delete_before(self, before: int) -> None:
        try:
            await self._clients.delete_before(self.topic, self.partition, before)
        except (KafkaError, OSError) as error:
            log.warning(
                "%s-%d: not trimmed up to %d: %r", self.topic, self.partition, before, error,
                extra={"code": "state_log_not_trimmed", "stage": self.stage, "partition": self.partition},
            )  # fmt: skip
            return
        self._settings.metrics.log_trimmed(self.stage)
        self._settings.failpoints.reached("trimmed")

    async def close(self) -> None:
        """Called when the lease ends: a trim under way is finished or given up."""
        if self._trimming is not None:
            self._trimming.cancel()
            await asyncio.gather(self._trimming, return_exceptions=True)
