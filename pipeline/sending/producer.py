"""Sends events to the source topics, for the importer and the simulator: outside any event loop, every ack awaited."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError

from pipeline.config.kafka_options import kafka_python_options, require_listener
from pipeline.config.settings import PREFIX, Settings, SetupError
from pipeline.sending.event import Outgoing
from pipeline.topics.answering import answering
from pipeline.topics.check import visible_topics
from pipeline.topics.table import full_name

TIMEOUT_SECONDS = 60
CONNECT_MS = 10_000
LINGER_MS = 100
"""Events wait so long for company, unless somebody flushes: history then goes out in large batches."""
BATCH_BYTES = 256 * 1024


class SendError(Exception):
    """Raised when the broker did not take an event; nothing says that it was written."""


class EventProducer:
    """Events in, acknowledged records out. A context: leaving it waits until everything is acknowledged."""

    def __init__(self, settings: Settings) -> None:
        """Connects; SetupError where no broker answers."""
        require_listener(settings)
        self._topics = visible_topics(settings)
        self._namespace = settings.namespace
        self._refused: list[BaseException] = []
        self.sent = 0
        options: Mapping[str, Any] = kafka_python_options(settings)
        with answering(settings):
            self._producer = KafkaProducer(
                **options,
                acks="all",
                linger_ms=LINGER_MS,
                batch_size=BATCH_BYTES,
                max_block_ms=TIMEOUT_SECONDS * 1000,
                bootstrap_timeout_ms=CONNECT_MS,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self._producer.close(timeout=5)

    def send(self, outgoing: Outgoing) -> None:
        """Hand over one event; it goes out soon. SendError where an earlier one was refused."""
        self.put(outgoing.topic, outgoing.key, outgoing.value)

    def put(self, topic: str, key: bytes, value: bytes) -> None:
        """Hand over one record of a topic, by its logical name, in the same way; SetupError where there is none."""
        self._raise_refused()
        name = full_name(self._namespace, topic)
        if self._topics is not None and name not in self._topics:
            raise SetupError(f"{PREFIX}NAMESPACE: there is no topic {name}; create it with: salespulse topics --create")
        try:
            future = self._producer.send(name, key=key, value=value)
        except KafkaError as error:
            raise SendError(str(error)) from error
        future.add_errback(self._refused.append)
        self.sent += 1

    def send_all(self, events: Iterable[Outgoing]) -> None:
        """Hand over several, and wait until all are acknowledged."""
        for outgoing in events:
            self.send(outgoing)
        self.flush()

    def flush(self) -> None:
        """Wait until everything handed over is acknowledged; SendError where something was not."""
        try:
            self._producer.flush(timeout=TIMEOUT_SECONDS)
        except KafkaError as error:
            raise SendError(str(error)) from error
        self._raise_refused()

    def _raise_refused(self) -> None:
        if self._refused:
            raise SendError(str(self._refused[0]))


@contextmanager
def accepting_producer(settings: Settings) -> Iterator[EventProducer]:
    """A producer for somebody who waits for the end; SetupError where the broker did not take all that it was sent."""
    try:
        with EventProducer(settings) as producer:
            yield producer
    except SendError as error:
        raise SetupError(f"{PREFIX}BROKERS: {settings.brokers} did not accept all records: {error}") from None
