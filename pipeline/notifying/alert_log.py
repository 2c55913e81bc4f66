"""The log of alerts as a notifier reads it: from where it left off, which Kafka keeps. Blocking."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Self

from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata

from pipeline import clock
from pipeline.config.kafka_options import reader_options, require_listener
from pipeline.config.settings import Settings, SetupError
from pipeline.topics.answering import answering
from pipeline.topics.bounded_consumer import bounded_consumer
from pipeline.topics.log_bounds import end_offsets, first_offsets
from pipeline.topics.table import full_name
from schemas.described import NOW_HEADER

TOPIC = "alerts"
CONNECT_MS = 10_000
POLL_MS = 500
RENEW_SECONDS = 3600.0
"""Kafka forgets a position that is not told for a week, however little happens."""


class AlertRecord(NamedTuple):
    """One record: where it stands, when it was appended, and the stream time at which the alert was so, if it says."""

    place: TopicPartition
    offset: int
    appended_ms: int
    now_ms: int | None
    value: bytes | None


class AlertLog:
    """Reads all partitions, joins no group, and keeps its position under a name of its own. A context.

    One reader at a time: a second one would tell everything once more.
    """

    def __init__(self, settings: Settings) -> None:
        """Connects; SetupError where no broker answers, or there is no such topic."""
        require_listener(settings)
        self._settings = settings
        topic = full_name(settings.namespace, TOPIC)
        with answering(settings):
            self._consumer = bounded_consumer(
                **reader_options(settings),
                group_id=f"{settings.namespace}-reader-notify",
                auto_offset_reset="earliest",
                bootstrap_timeout_ms=CONNECT_MS,
            )
            # The embedded broker makes topics up as they are used: before the first alert it shows none.
            shown = range(settings.partitions) if settings.embedded else self._consumer.partitions_for_topic(topic)
            found = sorted(shown or ())
        if not found:
            self._consumer.close()
            raise SetupError(
                f"topic {topic}: missing, or this user may not read it; create it: salespulse topics --create"
            )
        self._renewal = clock.elapsed_seconds() + RENEW_SECONDS
        self._places = [TopicPartition(topic, number) for number in found]
        self._consumer.assign(self._places)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def replay(self) -> Iterator[AlertRecord]:
        """Called once, first: every record before the position, which is the end where there is none yet."""
        with answering(self._settings):
            ends, firsts = end_offsets(self._consumer, self._places), first_offsets(self._consumer, self._places)
            for place in self._places:
                kept = self._consumer.committed(place)
                self._consumer.seek(place, firsts[place])
                if kept is None or kept > ends[place]:
                    self._commit(place, ends[place])
                else:
                    ends[place] = kept
            while left := [place for place in self._places if self._consumer.position(place) < ends[place]]:
                self._consumer.resume(*left)
                self._consumer.pause(*(place for place in self._places if place not in left))
                yield from (record for record in self._poll() if record.offset < ends[record.place])
            for place in self._places:
                self._consumer.seek(place, max(ends[place], firsts[place]))
            self._consumer.resume(*self._places)

    def poll(self) -> list[AlertRecord]:
        """Records after those, in the order of each partition; none where nothing came within half a second.

        Whoever calls it again has dealt with all that it gave before.
        """
        with answering(self._settings):
            if clock.elapsed_seconds() >= self._renewal:
                self._renewal = clock.elapsed_seconds() + RENEW_SECONDS
                for place in self._places:
                    self._commit(place, self._consumer.position(place))
            return list(self._poll())

    def commit(self, record: AlertRecord) -> None:
        """Called once a record is dealt with: a notifier that begins anew begins after it."""
        with answering(self._settings):
            self._commit(record.place, record.offset + 1)

    def _poll(self) -> Iterator[AlertRecord]:
        for place, records in self._consumer.poll(POLL_MS).items():
            for record in records:
                yield AlertRecord(place, record.offset, record.timestamp, _now_ms(record.headers), record.value)

    def _commit(self, place: TopicPartition, offset: int) -> None:
        self._consumer.commit({place: OffsetAndMetadata(offset, "", -1)})


def _now_ms(headers: Any) -> int | None:
    text = dict(headers).get(NOW_HEADER, b"") or b""
    return int(text) if text.isdigit() else None
