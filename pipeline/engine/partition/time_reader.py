"""Reads a source partition ahead where an append time jumps, and halts where no operator has answered."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from pipeline import clock
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.fail_stop import said
from pipeline.kernel.append_times import AppendTimes, is_held, line_of
from pipeline.kernel.stage import Halt, Record

POLL_MS = 500
RETRY_SECONDS = 0.5
log = logging.getLogger(__name__)


class TimeReader:
    """The append times of one source partition, as long as its lease is held.

    What it gives depends on the log alone. The clock and the other partitions only decide whether it gives anything.
    """

    def __init__(
        self,
        topic: str,
        partition: int,
        before_ms: int | None,
        broker: Broker,
        now_ms: Callable[[], int] = clock.now_ms,
    ) -> None:
        """`topic` is the logical name; `before_ms` what the record at the state's position counted as."""
        self._topic = topic
        self._partition = partition
        self._broker = broker
        self._now_ms = now_ms
        self._times = AppendTimes(before_ms, broker.settings.seal(topic, partition))
        self._note()

    def plain(self, records: Sequence[Record]) -> bool:
        """Called with the next records: whether none of them jumps, so that they count with their own append times.

        If one may, nothing is noted, and `counted` is to be asked.
        """
        if self._times.may_jump(records):
            return False
        self._times.skip(records)
        self._note()
        return True

    async def counted(self, records: Sequence[Record]) -> Sequence[Record]:
        """Called with the next records before they are folded: they come back with the append times that count.

        Halt where one is far ahead of everything, and no operator has said what to do about it.
        """
        if not self.plain(records):
            records = [await self._one(record) for record in records]
            self._note()
        return records

    async def _one(self, record: Record) -> Record:
        times = self._times
        if times.jumps(record):
            if record.offset >= times.known_to:
                await self._know(record.offset)
            if times.answers.about(record.offset) is None:
                self._check(record)
        return times.take(record)

    def _check(self, record: Record) -> None:
        limit_ms = self._broker.settings.jump_limit_ms
        others_ms = {name: ms for name, ms in self._broker.newest_ms.items() if name != self._name}
        if is_held(record.timestamp, limit_ms, self._now_ms(), others_ms):
            raise Halt(line_of(self._topic, self._partition, record, limit_ms))

    async def _know(self, offset: int) -> None:
        """Read ahead; while no broker responds, wait."""
        while True:
            try:
                return await self._read_ahead(offset)
            except KafkaError as error:
                if not error.retriable:
                    raise
                waiting = {"code": "waiting_to_read_ahead"}
                log.warning(
                    "%s: waiting to read ahead from offset %d: %s", self._name, offset, said(error), extra=waiting
                )
                await asyncio.sleep(RETRY_SECONDS)

    async def _read_ahead(self, offset: int) -> None:
        """Learn all answers between this offset and the present end of the log; a log of many gaps is read once."""
        source = TopicPartition(self._broker.settings.full_name(self._topic), self._partition)
        async with self._broker.clients.reader(isolation_level="read_committed") as consumer:
            consumer.assign([source])
            end = int((await consumer.end_offsets([source]))[source])
            consumer.seek(source, offset)
            await self._learn(consumer, source, end)
        self._times.known_to = end

    async def _learn(self, consumer: AIOKafkaConsumer, source: TopicPartition, end: int) -> None:
        while await consumer.position(source) < end:
            for records in (await consumer.getmany(source, timeout_ms=POLL_MS)).values():
                for record in records:
                    self._times.answers.read(record)

    @property
    def _name(self) -> str:
        return f"{self._topic}/{self._partition}"

    def _note(self) -> None:
        """Tell the other partitions' readers how far time has got here."""
        if self._times.before_ms is not None:
            self._broker.newest_ms[self._name] = max(self._times.before_ms, self._broker.newest_ms.get(self._name, 0))
