"""Waits for a deployment to come to rest: everything that was in the logs worked off and published."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline import clock
from pipeline.audit.logs import Logs
from pipeline.audit.records import DOMAINS, says_anything

if TYPE_CHECKING:
    from pipeline.audit.audit import Audit

PAUSE_SECONDS = 0.5


class Rest:
    """Called by an audit: waits so long at most."""

    def __init__(self, limit_seconds: float) -> None:
        self._limit_seconds = limit_seconds

    def __call__(self, audit: "Audit", logs: Logs) -> Mapping[str, int] | None:
        """Up to where the source logs are worked off and published, with nothing but ticks behind; None: not in time.

        It has to look so twice in a row: what one stage has passed on may not have reached the next log at once.
        """
        until = clock.elapsed_seconds() + self._limit_seconds
        before = None
        while True:
            found = _at_rest(audit, logs)
            if found is not None and before is not None:
                return found
            before = found
            if clock.elapsed_seconds() >= until:
                return None
            clock.pause(PAUSE_SECONDS)


def _at_rest(audit: "Audit", logs: Logs) -> Mapping[str, int] | None:
    done = logs.committed(DOMAINS)
    if any_behind(logs, done, DOMAINS):
        return None
    for topic, stage in (("facts", "scoreboard"), ("parts", "rollup")):
        cuts = audit.published(logs)
        if any_behind(logs, {f"{topic}/{n}": cut.offset + 1 for (of, n), cut in cuts.items() if of == stage}, [topic]):
            return None
    return done


def any_behind(logs: Logs, done: Mapping[str, int], topics: "list[str] | Mapping[str, str]") -> bool:
    """Whether records that say anything lie behind these positions."""
    return any(_speaks(logs, log, done.get(log, 0), end) for log, end in logs.ends(topics).items())


def _speaks(logs: Logs, log: str, start: int, end: int) -> bool:
    topic, _, partition = log.rpartition("/")
    records = logs.records(topic, int(partition), end, start) if end > start else ()
    return any(says_anything(topic, record) for record in records)
