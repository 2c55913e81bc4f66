"""The facts of a deployment as they lie on the broker: what a backtest folds."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition

from pipeline.config.kafka_options import reader_options, require_listener
from pipeline.config.settings import PREFIX, Settings, SetupError
from pipeline.topics.answering import answering
from pipeline.topics.bounded_consumer import bounded_consumer
from pipeline.topics.log_bounds import end_offsets, first_offsets
from pipeline.topics.table import full_name

TOPIC = "facts"
POLL_MS = 500
RECORDS_AT_ONCE = 5000


class Reach(NamedTuple):
    """What of a log is still there: whether all of it, and the append time of its first record."""

    whole: bool
    first_ms: int | None


class FactsLogs:
    """Reads each partition of the facts from its beginning to its present end, in no group."""

    def __init__(self, settings: Settings) -> None:
        """Connects; SetupError where no broker answers, or there are no facts."""
        require_listener(settings)
        self._settings = settings
        self._name = full_name(settings.namespace, TOPIC)
        with self._reading():
            self._consumer: KafkaConsumer = bounded_consumer(**reader_options(settings))
            numbers = self._consumer.partitions_for_topic(self._name) or ()
        self.partitions = len(numbers)
        if not self.partitions:
            self.close()
            raise SetupError(f"{PREFIX}NAMESPACE: there is no topic {self._name}; the worker has to have run")

    def close(self) -> None:
        """End the connection."""
        self._consumer.close()

    def reach(self, partition: int) -> Reach:
        """How far back a partition goes."""
        place = TopicPartition(self._name, partition)
        with self._reading():
            first = first_offsets(self._consumer, [place])[place]
        record = next(self.records(partition), None)
        return Reach(first == 0, None if record is None else int(record.timestamp))

    def records(self, partition: int) -> Iterator[Any]:
        """The records of a partition, in order."""
        place = TopicPartition(self._name, partition)
        with self._reading():
            self._consumer.assign([place])
            self._consumer.seek_to_beginning(place)
            end = end_offsets(self._consumer, [place])[place]
            while self._consumer.position(place) < end:
                for record in self._consumer.poll(POLL_MS, max_records=RECORDS_AT_ONCE).get(place, ()):
                    if record.offset < end:
                        yield record

    def _reading(self) -> AbstractContextManager[None]:
        return answering(self._settings, f"to let {self._name} be read")
