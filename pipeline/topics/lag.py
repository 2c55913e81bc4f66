"""How far the pipeline is behind its source topics, from the committed offsets of its consumer group."""

from collections.abc import Sequence
from typing import Self

from kafka import KafkaConsumer, TopicPartition

from pipeline.config.kafka_options import reader_options, require_listener
from pipeline.config.settings import Settings
from pipeline.topics.answering import answering
from pipeline.topics.log_bounds import end_offsets, first_offsets
from pipeline.topics.table import SOURCES, full_name


class Lag:
    """A probe: it reads offsets, joins no group and reads no record."""

    def __init__(self, settings: Settings, topics: Sequence[str] = SOURCES) -> None:
        """Connects; `topics` are logical names. SetupError where no broker answers."""
        require_listener(settings)
        self._settings = settings
        self._topics = [full_name(settings.namespace, name) for name in topics]
        with answering(settings):
            self._consumer = KafkaConsumer(**reader_options(settings), group_id=settings.namespace)

    def events(self) -> int:
        """Events in the topics that the pipeline has not acknowledged; all of them where it never has.

        SetupError where no broker answers any more.
        """
        with answering(self._settings):
            partitions = [
                TopicPartition(topic, number)
                for topic in self._topics
                for number in sorted(self._consumer.partitions_for_topic(topic) or ())
            ]
            ends = end_offsets(self._consumer, partitions)
            # All at once: `committed` asks the broker for each partition by itself.
            done = self._consumer._coordinator.fetch_committed_offsets(partitions)
            starts = first_offsets(self._consumer, [each for each in partitions if each not in done])
        return sum(max(0, ends[each] - (done[each].offset if each in done else starts[each])) for each in partitions)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()
