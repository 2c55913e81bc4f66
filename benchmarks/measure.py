"""Timing a job that is up and waiting: events go in, and the clock stops when all its figures are out and right."""

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.events import Arrival
from benchmarks.expected import Figures
from benchmarks.load import send
from benchmarks.readback import KpiTopicReader, Read, until_equal
from tests.servers.process import ServerProcess

SHOWN_DIFFERENCES = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of one job. `differences` is empty, or the run is void."""

    events: int
    seconds: float
    """From the first event sent until every figure read back from Redis and the KPI topics was right."""
    redis_seconds: float | None
    """The same for Redis alone; None where it never was."""
    kpi_topic_seconds: float | None
    """The same for the KPI topics alone."""
    load_seconds: float
    """From the first event sent until the broker had all of them."""
    core_seconds: float
    """Processor time that the job used meanwhile."""
    kpi_records: int
    """Records on the KPI topics meanwhile."""
    figures_checked: int
    """Scopes and windows that were compared, in Redis and again on the KPI topic."""
    differences: list[str]

    @property
    def events_per_s(self) -> float:
        """The throughput."""
        return self.events / self.seconds

    def as_json(self) -> dict[str, Any]:
        """For the results file: rounded, with no more than a few of the differences."""
        found: dict[str, Any] = asdict(self)
        found["differences"] = self.differences[:SHOWN_DIFFERENCES]
        found["differing_figures"] = len(self.differences)
        found["events_per_s"] = self.events_per_s
        found["core_microseconds_per_event"] = self.core_seconds / self.events * 1e6
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}


def measure(
    job: ServerProcess,
    *,
    load: Callable[[], None],
    events: int,
    wanted: Figures,
    read_redis: Read,
    reader: KpiTopicReader,
    limit_seconds: float,
) -> Outcome:
    """Call `load`, which sends the events, and wait until the figures are as wanted; AssertionError if the job ends.

    When the limit passes, the outcome says what differs.
    """
    assert job.process is not None, "not started"
    before_seconds, before_records = core_seconds(job.process.pid), reader.records
    started = time.monotonic()
    load()
    loaded = time.monotonic()
    reads = {"redis": read_redis, "kpi_topic": reader.figures}
    right_at, differences = until_equal(wanted, reads, lambda: job.running, limit_seconds)
    after = {name: at - started for name, at in right_at.items()}
    if not job.running:
        raise AssertionError(f"the job ended: {job.tail()}")
    unexpected = [
        f"{scope} {window}: expected nothing, published {found}"
        for (scope, window), found in list(reader.latest.items())
        if (scope, window) not in wanted and any(found.values())
    ]
    return Outcome(
        events=events,
        seconds=max(after.values(), default=limit_seconds),
        redis_seconds=after.get("redis"),
        kpi_topic_seconds=after.get("kpi_topic"),
        load_seconds=loaded - started,
        core_seconds=core_seconds(job.process.pid) - before_seconds,
        kpi_records=reader.records - before_records,
        figures_checked=len(wanted),
        differences=differences + unexpected,
    )


def core_seconds(pid: int) -> float:
    """Processor time a process has used so far, all its threads, in user and system mode."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def sending(brokers: str, prefix: str, arrivals: list[Arrival]) -> Callable[[], None]:
    """A load that sends these events as fast as the broker takes them."""
    return lambda: send(brokers, prefix, arrivals)
