"""Reading back what a job published, and waiting until all of it is what it must be."""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, Self

from confluent_kafka import Consumer

from benchmarks.expected import Figures

Place = tuple[str, str]
"""Scope and window."""
Parsed = Iterable[tuple[Place, dict[str, int]]]


class KpiTopicReader(AbstractContextManager["KpiTopicReader"]):
    """Follows KPI topics from their start in a thread of its own; `latest` holds the newest figures of each place.

    `parse` turns one record into places and their measures.
    """

    def __init__(self, brokers: str, topics: list[str], parse: Callable[[bytes, bytes | None], Parsed]) -> None:
        self.latest: dict[Place, dict[str, int]] = {}
        self.records = 0
        self.bytes = 0
        self._parse = parse
        options: dict[str, Any] = {"bootstrap.servers": brokers, "group.id": "bench-reader", "log_level": 0}
        self._consumer = Consumer({**options, "auto.offset.reset": "earliest", "enable.auto.commit": False})
        self._consumer.subscribe(topics)
        self._ended = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._consumer.close()

    def figures(self, places: list[Place]) -> list[dict[str, int]]:
        """The measures of some places as last read; empty where there are none."""
        if self._failure is not None:
            raise self._failure
        return [self.latest.get(place, {}) for place in places]

    def _follow(self) -> None:
        try:
            while not self._ended.is_set():
                for message in self._consumer.consume(1000, timeout=0.05):
                    if message.error():
                        raise RuntimeError(str(message.error()))
                    key, value = message.key() or b"", message.value()
                    self.records += 1
                    self.bytes += len(key) + len(value or b"")
                    self.latest.update(self._parse(key, value))
        except BaseException as failure:  # raised again where the figures are asked for
            self._failure = failure


Read = Callable[[list[Place]], list[dict[str, int]]]
"""The measures of some places as published at the moment."""


def until_equal(
    figures: Figures, reads: dict[str, Read], alive: Callable[[], bool], limit_seconds: float
) -> tuple[dict[str, float], list[str]]:
    """Wait until every read gives these figures: when each did (monotonic clock), and what differs at the end.

    Nothing differs, unless the limit passed, the job ended, or a figure that was right changed again.
    """
    places = sorted(figures)
    deadline = time.monotonic() + limit_seconds
    right_at: dict[str, float] = {}
    while len(right_at) < len(reads) and time.monotonic() < deadline and alive():
        for name, read in reads.items():
            if name not in right_at and _equal(figures, read, places):
                right_at[name] = time.monotonic()
        time.sleep(0.02)
    return right_at, [f"{name}: {line}" for name, read in reads.items() for line in _differences(figures, read, places)]


def _equal(figures: Figures, read: Read, places: list[Place], chunk: int = 50) -> bool:
    """Whether all are equal, looking no further than the first few that are not."""
    for start in range(0, len(places), chunk):
        some = places[start : start + chunk]
        if any(not _same(figures[place], found) for place, found in zip(some, read(some), strict=True)):
            return False
    return True


def _same(wanted: dict[str, int], found: dict[str, int]) -> bool:
    return all(found.get(measure, 0) == amount for measure, amount in wanted.items()) and not any(
        amount for measure, amount in found.items() if measure not in wanted
    )


def _differences(figures: Figures, read: Read, places: list[Place]) -> list[str]:
    found = read(places)
    return [
        f"{scope} {window}: expected {figures[scope, window]}, published {got}"
        for (scope, window), got in zip(places, found, strict=True)
        if not _same(figures[scope, window], got)
    ]
