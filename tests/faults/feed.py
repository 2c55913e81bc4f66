"""Sends a stream to real Kafka, at a rate and with the times as they are, or as fast as it goes."""

import threading
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from pipeline import clock
from pipeline.config.settings import Settings
from pipeline.topics.table import full_name
from tests.faults.sent import Sent
from tests.faults.stream import Stream

TURN_SECONDS = 0.02
PATIENCE_SECONDS = 600
"""A broker may be away for so long; what it does not take by then is an error."""


class Feed:
    """One producer for the source topics, in the test's process. A context: leaving it sends nothing more.

    `options` are librdkafka's, and win over those that it has by itself.
    """

    def __init__(self, settings: Settings, stream: Stream, options: Mapping[str, Any] | None = None) -> None:
        self.stream = stream
        self._namespace = settings.namespace
        self._refused: list[KafkaError] = []
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._producer = Producer(
            {
                "bootstrap.servers": settings.brokers,
                "partitioner": "murmur2_random",
                "enable.idempotence": True,
                "linger.ms": 5,
                "message.timeout.ms": PATIENCE_SECONDS * 1000,
                "queue.buffering.max.messages": 2_000_000,
                "queue.buffering.max.kbytes": 1_048_576,
                "log_level": 0,
                **(options or {}),
            }
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def send(self, records: Iterable[Sent], at_ms: int = 0) -> None:
        """Hand records over, as fast as they come. `at_ms` is for topics that take the time of whoever sends."""
        for record in records:
            topic = full_name(self._namespace, record.topic)
            while True:
                try:
                    self._producer.produce(
                        topic, record.value, record.key, timestamp=at_ms, on_delivery=self._delivered
                    )
                    break
                except BufferError:
                    self._producer.poll(0.1)
            self._producer.poll(0)

    def flush(self) -> None:
        """Wait until the broker has everything."""
        left = self._producer.flush(PATIENCE_SECONDS)
        assert not left, f"{left} records were not taken"
        if self._refused:
            raise KafkaException(self._refused[0])

    def start(self, rate: float) -> None:
        """From now on send so many steps of the stream a second, in a thread of its own, until `stop`."""
        self._ended.clear()
        self._thread = threading.Thread(target=self._flow, args=(rate,), name="feed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send what the stream still holds back, and wait until the broker has everything."""
        self._end()
        self.send(self.stream.rest())
        self.flush()

    def _end(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join(60)
            self._thread = None

    def _flow(self, rate: float) -> None:
        began = clock.elapsed_seconds()
        steps = 0
        while not self._ended.wait(TURN_SECONDS):
            due = int((clock.elapsed_seconds() - began) * rate)
            while steps < due and not self._ended.is_set():
                self.send(self.stream.at(clock.now_ms()))
                steps += 1

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._refused.append(error)
