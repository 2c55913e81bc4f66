"""Topics as an import reads them: from their beginning to their present end, in no group."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition

from pipeline.config.kafka_options import reader_options, require_listener
from pipeline.config.settings import Settings
from pipeline.topics.answering import answering
from pipeline.topics.bounded_consumer import bounded_consumer
from pipeline.topics.log_bounds import end_offsets
from pipeline.topics.table import full_name
from schemas.cloud_events import Headers, events_in
from schemas.control import control_kind
from schemas.events import CHANGES

KINDS = frozenset(kind for kinds in CHANGES.values() for kind in kinds)
POLL_MS = 500
RECORDS_AT_ONCE = 5000


class LogRecord(NamedTuple):
    """One record."""

    topic: str
    """Its logical name."""
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    control: bool
    """Whether the pipeline itself wrote it, or an operator."""
    headers: Headers = ()

    @property
    def kind(self) -> str | None:
        """The kind of object that the key names; None for a key of the producer's own, which says nothing of it."""
        kind = (self.key or b"").partition(b":")[0].decode(errors="replace")
        return kind if kind in KINDS else None

    @property
    def events(self) -> list[bytes]:
        """The events that somebody sent in it, in structured mode, in whichever they came."""
        return [] if self.control else events_in(self.value, self.headers)


def told_of(records: Iterable[LogRecord]) -> Iterator[tuple[bytes, int]]:
    """The events of a log, each with when it was appended."""
    return ((value, record.timestamp_ms) for record in records for value in record.events)


def records_of(settings: Settings, *topics: str) -> Iterator[LogRecord]:
    """Every record of some topics; SetupError where no broker answers. A topic that is not there has none."""
    require_listener(settings)
    with (
        answering(settings, f"to let {', '.join(topics)} be read"),
        closing(bounded_consumer(**reader_options(settings))) as consumer,
    ):
        for topic in topics:
            yield from _records(consumer, topic, full_name(settings.namespace, topic))


def _records(consumer: KafkaConsumer, topic: str, name: str) -> Iterator[LogRecord]:
    partitions = [TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name) or ())]
    if not partitions:
        return
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = end_offsets(consumer, partitions)
    while _left(consumer, partitions, ends):
        for records in consumer.poll(timeout_ms=POLL_MS, max_records=RECORDS_AT_ONCE).values():
            for record in records:
                control = control_kind(record.headers) is not None
                yield LogRecord(topic, record.key, record.value, record.timestamp, control, record.headers)


def _left(consumer: KafkaConsumer, partitions: Sequence[TopicPartition], ends: dict[TopicPartition, int]) -> bool:
    return any(consumer.position(each) < ends[each] for each in partitions)
