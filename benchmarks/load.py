"""Putting events into Kafka, as fast as the broker takes them or at a steady rate, from another core than the job's."""

import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from threading import Event, Thread
from typing import Self

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from benchmarks.events import Arrival

BURST_SECONDS = 0.005


class Feed:
    """A producer for the topics `<prefix>.<topic>`; `finish` must be called, and raises where an event was refused.

    Its clock is so many milliseconds ahead, for topics that take a record's time from whoever sends it.
    """

    def __init__(self, brokers: str, prefix: str, ahead_ms: int = 0) -> None:
        self._prefix = prefix
        self._ahead_ms = ahead_ms
        self._refused: list[object] = []
        options = {"bootstrap.servers": brokers, "partitioner": "murmur2_random", "acks": "all", "linger.ms": 1}
        self._producer = Producer({**options, "log_level": 0})

    def put(self, arrival: Arrival) -> None:
        """Send one event, waiting only where the producer's buffer is full."""
        topic, key, value = arrival
        at_ms = int(time.time() * 1000) + self._ahead_ms
        while True:
            try:
                self._producer.produce(
                    f"{self._prefix}.{topic}", value, key, timestamp=at_ms, on_delivery=self._acknowledged
                )
                return
            except BufferError:
                self._producer.poll(0.1)

    def serve(self) -> None:
        """Take the acknowledgements that are there."""
        self._producer.poll(0)

    def finish(self) -> None:
        """Return once the broker has everything."""
        self._producer.flush()
        if self._refused:
            raise RuntimeError(f"the broker refused {len(self._refused)} events: {self._refused[0]}")

    def _acknowledged(self, error: object, _: object) -> None:
        if error is not None:
            self._refused.append(error)


class Live(AbstractContextManager["Live"]):
    """Sends events at a steady rate while the context lasts; `sent` tells how many, and all are then acknowledged."""

    def __init__(self, feed: Feed, coming: Sequence[Arrival], events_per_s: float) -> None:
        self.sent = 0
        self._feed = feed
        self._coming = coming
        self._events_per_s = events_per_s
        self._ended = Event()
        self._thread = Thread(target=self._send)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._feed.finish()

    def _send(self) -> None:
        started = time.monotonic()
        while not self._ended.wait(BURST_SECONDS):
            due = min(len(self._coming), int((time.monotonic() - started) * self._events_per_s))
            for arrival in self._coming[self.sent : due]:
                self._feed.put(arrival)
            self.sent = due
            self._feed.serve()


def send(brokers: str, prefix: str, arrivals: Iterable[Arrival]) -> None:
    """Send all events, in order, as fast as the broker takes them; return once all are acknowledged."""
    feed = Feed(brokers, prefix)
    for arrival in arrivals:
        feed.put(arrival)
    feed.finish()


def paced(brokers: str, prefix: str, arrivals: Sequence[Arrival], events_per_s: float) -> None:
    """Send all events, in order, at a steady rate; return once all are acknowledged."""
    feed = Feed(brokers, prefix)
    started, sent = time.monotonic(), 0
    while sent < len(arrivals):
        due = min(len(arrivals), int((time.monotonic() - started) * events_per_s))
        for arrival in arrivals[sent:due]:
            feed.put(arrival)
        sent = due
        feed.serve()
        time.sleep(BURST_SECONDS)
    feed.finish()


def create_topics(brokers: str, names: Iterable[str], partitions: int) -> None:
    """Create plain topics, which must not exist yet."""
    admin = AdminClient({"bootstrap.servers": brokers})
    for done in admin.create_topics([NewTopic(name, partitions, 1) for name in names]).values():
        done.result()
