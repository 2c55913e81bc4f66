"""One partition of a source topic as an operator's command reads it, and writes an answer to it. Blocking."""

from collections.abc import Iterator
from typing import Any, Self

from kafka import KafkaProducer, TopicPartition

from pipeline.config.kafka_options import kafka_python_options, reader_options, require_listener
from pipeline.config.settings import Settings, SetupError
from pipeline.policies import proofs
from pipeline.sending.producer import CONNECT_MS, TIMEOUT_SECONDS
from pipeline.topics.answering import answering
from pipeline.topics.bounded_consumer import bounded_consumer
from pipeline.topics.log_bounds import end_offsets, first_offsets
from pipeline.topics.table import full_name
from schemas.control import ANSWER, KIND_HEADER, Answer, pack_answer

POLL_MS = 500
RECORDS_AT_ONCE = 2000


class SourceLog:
    """Joins no group and commits nothing. A context: leaving it ends the connection."""

    def __init__(self, settings: Settings, topic: str, partition: int) -> None:
        """Connects; `topic` is the logical name.

        SetupError without control keys, where no broker answers, or where there is no such partition.
        """
        self.seal = proofs(settings).at(topic, partition)
        require_listener(settings)
        self._settings = settings
        self._source = TopicPartition(full_name(settings.namespace, topic), partition)
        with answering(settings):
            self._consumer = bounded_consumer(
                **reader_options(settings),
                group_id=settings.namespace,
                bootstrap_timeout_ms=CONNECT_MS,
            )
            known = self._consumer.partitions_for_topic(self._source.topic) or ()
        if partition not in known:
            self._consumer.close()
            raise SetupError(f"topic {self._source.topic} has no partition {partition}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def committed(self) -> int:
        """The offset of the first record that the workers have not counted and acknowledged."""
        with answering(self._settings):
            return int(self._consumer.committed(self._source) or 0)

    def records(self, start: int) -> Iterator[Any]:
        """The records from an offset on, or the first that is still there, to the present end."""
        source, consumer = self._source, self._consumer
        with answering(self._settings):
            consumer.assign([source])
            first, end = first_offsets(consumer, [source])[source], end_offsets(consumer, [source])[source]
            consumer.seek(source, max(start, first))
            while consumer.position(source) < end:
                for record in consumer.poll(POLL_MS, max_records=RECORDS_AT_ONCE).get(source, ()):
                    if record.offset < end:
                        yield record

    def append(self, answer: Answer) -> int:
        """Append an answer with its proof; gives its offset once the broker has it."""
        value = pack_answer(answer)
        with answering(self._settings):
            producer = KafkaProducer(
                **kafka_python_options(self._settings), acks="all", bootstrap_timeout_ms=CONNECT_MS
            )
            try:
                sent = producer.send(
                    self._source.topic, value, headers=[*self.seal.signed(value, None, ((KIND_HEADER, ANSWER),))],
                    partition=self._source.partition,
                )  # fmt: skip
                return int(sent.get(timeout=TIMEOUT_SECONDS).offset)
            finally:
                producer.close(timeout=5)
