"""The dead-letter topic of a deployment as it stood when it was opened. Blocking."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any, Self

from kafka import TopicPartition

from pipeline.clock import elapsed_seconds
from pipeline.config.kafka_options import reader_options, require_listener
from pipeline.config.settings import PREFIX, Settings, SetupError
from pipeline.dead_letters.letter import Place
from pipeline.dead_letters.letter_record import LetterRecord
from pipeline.intake.refusals import TOPIC
from pipeline.topics.answering import answering
from pipeline.topics.bounded_consumer import bounded_consumer
from pipeline.topics.log_bounds import end_offsets, first_offsets
from pipeline.topics.table import full_name

CONNECT_MS = 10_000
POLL_MS = 500
SILENCE_SECONDS = 30
RECORDS_AT_ONCE = 2000
FETCH_BYTES = 4 * 1024 * 1024
"""More than the largest letter."""


class DeadLetterTopic:
    """Reads letters; joins no group and changes nothing. A context."""

    def __init__(self, settings: Settings) -> None:
        """Connects; SetupError where no broker answers, or it does not let us read the topic."""
        require_listener(settings)
        self._settings = settings
        self._topic = full_name(settings.namespace, TOPIC)
        with answering(settings):
            self._consumer = bounded_consumer(
                **reader_options(settings),
                group_id=None,
                max_partition_fetch_bytes=FETCH_BYTES,
                bootstrap_timeout_ms=CONNECT_MS,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def records(self) -> Iterator[LetterRecord]:
        """Every record of the topic, up to its end at the time of the call."""
        with answering(self._settings):
            partitions = [TopicPartition(self._topic, n) for n in sorted(self._numbers())]
            starts, ends = first_offsets(self._consumer, partitions), end_offsets(self._consumer, partitions)
            yield from self._read({each: (starts[each], ends[each]) for each in partitions})

    def at(self, places: Collection[Place]) -> Iterator[LetterRecord]:
        """The records at these places, partition by partition, in order; one that is gone meanwhile is left out."""
        wanted: defaultdict[int, set[int]] = defaultdict(set)
        for place in places:
            wanted[place.partition].add(place.offset)
        with answering(self._settings):
            for number, offsets in sorted(wanted.items()):
                within = {TopicPartition(self._topic, number): (min(offsets), max(offsets) + 1)}
                yield from (record for record in self._read(within) if record.offset in offsets)

    def _numbers(self) -> set[int]:
        numbers: set[int] = self._consumer.partitions_for_topic(self._topic) or set()
        # The embedded broker makes topics up when something is written to them.
        if not numbers and not self._settings.embedded:
            raise SetupError(
                f"topic {self._topic}: missing, or this user may not read it; create it: salespulse topics --create"
            )
        return numbers

    def _read(self, within: dict[Any, tuple[int, int]]) -> Iterator[LetterRecord]:
        """The records of each partition from the first offset up to, not including, the second."""
        left = {partition: end for partition, (start, end) in within.items() if start < end}
        self._consumer.assign(list(left))
        # What is assigned again stays paused.
        self._consumer.resume(*left)
        for partition in left:
            self._consumer.seek(partition, within[partition][0])
        heard_at = elapsed_seconds()
        while left:
            for partition, records in self._consumer.poll(POLL_MS, max_records=RECORDS_AT_ONCE).items():
                for record in records:
                    if record.offset < left.get(partition, 0):
                        yield record
                heard_at = elapsed_seconds()
            for partition in [each for each, end in left.items() if self._consumer.position(each) >= end]:
                del left[partition]
                self._consumer.pause(partition)
            if elapsed_seconds() - heard_at > SILENCE_SECONDS:
                raise SetupError(f"{PREFIX}BROKERS: Kafka at {self._settings.brokers} no longer responds")
