"""Timing a job that is up and waiting: events go in, and the clock stops when all its figures are out and right."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from benchmarks.expected import Figures
from benchmarks.load import send
from benchmarks.processes import core_seconds
from benchmarks.readback import KpiTopicReader, Read, until_equal
from benchmarks.scene import Scene
from tests.servers.process import ServerProcess

SHOWN_DIFFERENCES = 10


class VoidError(Exception):
    """Raised when figures differ from the recomputation: whatever was measured counts for nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of one job, whose figures were all right."""

    events: int
    seconds: float
    """From the first event sent until every figure read back from Redis and the KPI topics was right."""
    redis_seconds: float
    """The same for Redis alone."""
    kpi_topic_seconds: float
    """The same for the KPI topics alone."""
    load_seconds: float
    """From the first event sent until the broker had all of them."""
    core_seconds: float
    """Processor time that the job used meanwhile."""
    kpi_records: int
    """Records on the KPI topics meanwhile."""
    kpi_bytes: int
    """Their keys and values."""
    figures_checked: int
    """Scopes and windows that were compared, in Redis and again on the KPI topic."""

    @property
    def events_per_s(self) -> float:
        """The throughput."""
        return self.events / self.seconds

    @property
    def core_microseconds_per_event(self) -> float:
        """The cost."""
        return self.core_seconds / self.events * 1e6

    def as_json(self) -> dict[str, Any]:
        """For the results file, rounded."""
        found: dict[str, Any] = asdict(self)
        found["events_per_s"] = self.events_per_s
        found["core_microseconds_per_event"] = self.core_microseconds_per_event
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}


class Round(NamedTuple):
    """Some events, and the figures after them."""

    load: Callable[[], None]
    """Sends them."""
    events: int
    wanted: Figures


def measure(
    jobs: Sequence[ServerProcess],
    rounds: Sequence[Round],
    *,
    read_redis: Read,
    reader: KpiTopicReader,
    limit_seconds: float,
) -> Outcome:
    """Play the rounds, each until all its figures are right; gives the last one, the others only warm everything up.

    Raises:
        VoidError: with what differs when the limit passed.
        AssertionError: when a job ends.
    """
    for played in rounds:
        before_seconds, before_records, before_bytes = core_seconds(jobs), reader.records, reader.bytes
        started = time.monotonic()
        played.load()
        loaded = time.monotonic()
        reads = {"redis": read_redis, "kpi_topic": reader.figures}
        right_at, differences = until_equal(
            played.wanted, reads, lambda: all(job.running for job in jobs), limit_seconds
        )
        _require_running(jobs)
        _require_equal(differences + _unexpected(played.wanted, reader), limit_seconds)
        after = {name: at - started for name, at in right_at.items()}
    return Outcome(
        events=played.events,
        seconds=max(after.values()),
        redis_seconds=after["redis"],
        kpi_topic_seconds=after["kpi_topic"],
        load_seconds=loaded - started,
        core_seconds=core_seconds(jobs) - before_seconds,
        kpi_records=reader.records - before_records,
        kpi_bytes=reader.bytes - before_bytes,
        figures_checked=len(played.wanted),
    )


def _require_running(jobs: Sequence[ServerProcess]) -> None:
    for job in jobs:
        if not job.running:
            raise AssertionError(f"the job ended: {job.tail()}")


def _require_equal(differences: list[str], limit_seconds: float) -> None:
    if differences:
        shown = "\n".join(differences[:SHOWN_DIFFERENCES])
        raise VoidError(f"{len(differences)} figures differ after {limit_seconds:.0f} s:\n{shown}")


def _unexpected(wanted: Figures, reader: KpiTopicReader) -> list[str]:
    return [
        f"{scope} {window}: expected nothing, published {found}"
        for (scope, window), found in list(reader.latest.items())
        if (scope, window) not in wanted and any(found.values())
    ]


def rounds(brokers: str, prefix: str, given: Scene, figures: Callable[[Figures], Figures]) -> list[Round]:
    """The first tenth of the events to warm up with, then the others, as fast as the broker takes them.

    `figures` picks those that are compared.
    """
    opening = given.opening
    rest = given.arrivals[len(opening.arrivals) :]
    return [
        Round(lambda: send(brokers, prefix, opening.arrivals), len(opening.arrivals), figures(opening.wanted)),
        Round(lambda: send(brokers, prefix, rest), len(rest), figures(given.wanted)),
    ]
