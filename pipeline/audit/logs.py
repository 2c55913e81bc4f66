"""The logs of a deployment as they lie on the broker, read from their beginning."""

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from kafka import TopicPartition

from pipeline.audit.unpacked import reader
from pipeline.config.kafka_options import reader_options, require_listener
from pipeline.config.settings import PREFIX, Settings, SetupError
from pipeline.topics.answering import answering
from pipeline.topics.log_bounds import end_offsets, first_offsets
from pipeline.topics.table import full_name

POLL_MS = 500
RECORDS_AT_ONCE = 5000


class Logs:
    """Reads whole partitions, by logical topic names. A context: leaving it ends the connection."""

    def __init__(self, settings: Settings) -> None:
        """Connects; SetupError where no broker answers."""
        require_listener(settings)
        self._settings = settings
        with answering(settings):
            self._consumer = reader(**reader_options(settings), group_id=settings.namespace)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def ends(self, topics: Iterable[str]) -> dict[str, int]:
        """Where each partition of the topics ends now: `crm.events/0` to the offset of its next record.

        SetupError for a topic that is not there.
        """
        names = {
            TopicPartition(self._full(topic), n): f"{topic}/{n}" for topic in topics for n in self._partitions(topic)
        }
        with answering(self._settings):
            found = end_offsets(self._consumer, names)
        return {names[place]: end for place, end in found.items()}

    def has(self, topic: str) -> bool:
        """Whether there is a topic yet: the embedded broker makes each with its first record."""
        with answering(self._settings):
            return bool(self._consumer.partitions_for_topic(self._full(topic)))

    def committed(self, topics: Iterable[str]) -> dict[str, int]:
        """Up to where the pipeline has worked off each partition."""
        found = {}
        with answering(self._settings):
            for topic in topics:
                for number in self._partitions(topic):
                    done = self._consumer.committed(TopicPartition(self._full(topic), number))
                    found[f"{topic}/{number}"] = int(done or 0)
        return found

    def records(self, topic: str, partition: int, end: int, start: int = 0) -> Iterator[Any]:
        """The records of a partition from one offset, or the first that is still there, until before another."""
        place = TopicPartition(self._full(topic), partition)
        with answering(self._settings):
            self._consumer.assign([place])
            first = first_offsets(self._consumer, [place])[place]
            self._consumer.seek(place, max(start, first))
            while self._consumer.position(place) < end:
                for record in self._consumer.poll(POLL_MS, max_records=RECORDS_AT_ONCE).get(place, ()):
                    if record.offset < end:
                        yield record

    def _full(self, topic: str) -> str:
        return full_name(self._settings.namespace, topic)

    def _partitions(self, topic: str) -> list[int]:
        with answering(self._settings):
            found = self._consumer.partitions_for_topic(self._full(topic))
        if not found:
            raise SetupError(f"{PREFIX}NAMESPACE: no topic {self._full(topic)}")
        return sorted(found)
