"""Waits for a deployment to come to rest: everything that was in the logs worked off and published."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline import clock
from pipeline.audit.logs import Logs
from pipeline.audit.records import DOMAINS
from schemas.control import KIND_HEADER, TICK

if TYPE_CHECKING:
    from pipeline.audit.audit import Audit

PAUSE_SECONDS = 0.5


class Rest:
    """Called by an audit: waits so long at most."""

    def __init__(self, limit_seconds: float) -> None:
        self._limit_seconds = limit_seconds

    def __call__(self, audit: "Audit", logs: Logs) -> Mapping[str, int] | None:
        """The ends of the source logs up to which everything is published; None where that takes too long."""
        until = clock.elapsed_seconds() + self._limit_seconds
        ends: Mapping[str, int] = logs.ends(DOMAINS)
        while True:
            while not _reached(logs.committed(DOMAINS), ends):
                if not _goes_on(until):
                    return None
            # What was worked off may have sent links to other logs: at rest is what only ticks were added to.
            before, ends = ends, logs.ends(DOMAINS)
            if not any(_moves(logs, log, before[log], end) for log, end in ends.items()):
                break
        for topic, stage in (("facts", "scoreboard"), ("parts", "rollup")):
            passed_on = logs.ends([topic])
            while not _reached(_published(audit, logs, topic, stage), passed_on):
                if not _goes_on(until):
                    return None
        return before


def _moves(logs: Logs, log: str, start: int, end: int) -> bool:
    topic, _, partition = log.rpartition("/")
    records = logs.records(topic, int(partition), end, start) if end > start else ()
    return any((KIND_HEADER, TICK) not in record.headers for record in records)


def _published(audit: "Audit", logs: Logs, topic: str, stage: str) -> dict[str, int]:
    cuts = audit.published(logs)
    return {f"{topic}/{n}": cut.offset + 1 for (of, n), cut in cuts.items() if of == stage}


def _reached(done: Mapping[str, int], ends: Mapping[str, int]) -> bool:
    return all(done.get(log, 0) >= end for log, end in ends.items())


def _goes_on(until: float) -> bool:
    if clock.elapsed_seconds() >= until:
        return False
    clock.pause(PAUSE_SECONDS)
    return True
