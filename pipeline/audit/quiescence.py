"""Waits for a deployment to come to rest: everything that was in the logs worked off and published."""

from collections.abc import Collection, Mapping
from typing import Protocol

from pipeline import clock
from pipeline.audit.cut import Cut
from pipeline.audit.logs import Logs
from pipeline.audit.picture import STAGES, Place
from pipeline.audit.records import DOMAINS, says_anything

PAUSE_SECONDS = 0.5
INPUTS = ("facts", "parts")
"""What the stages read."""


class Showing(Protocol):
    """Who knows what a deployment shows."""

    def published(self, logs: Logs) -> Mapping[Place, Cut]:
        """The latest cuts on the KPI topics."""

    def in_redis(self) -> Mapping[Place, Cut]:
        """The cuts in Redis."""

    def refilled(self, logs: Logs) -> Collection[str]:
        """The homes that Redis lost, or never had, and does not yet have whole."""


class Quiescence:
    """Called by an audit: waits so long at most."""

    def __init__(self, limit_seconds: float) -> None:
        self._limit_seconds = limit_seconds

    def __call__(self, audit: Showing, logs: Logs) -> Mapping[str, int] | None:
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


def _at_rest(audit: Showing, logs: Logs) -> Mapping[str, int] | None:
    done = logs.committed(DOMAINS)
    if any_behind(logs, done, DOMAINS):
        return None
    shown = audit.published(logs), audit.in_redis()
    if not all(_whole(logs, cuts, shown[0]) for cuts in shown):
        return None
    # A flush is noticed by the next survey only: until then cuts go on, over homes that lack most of their figures.
    return None if audit.refilled(logs) else done


def _whole(logs: Logs, cuts: Mapping[Place, Cut], published: Mapping[Place, Cut]) -> bool:
    """Whether a place shows all that is in the facts and parts, of each partition of which anything is published.

    A sink that was away gets what it missed later than the others, partition by partition.
    """
    if not cuts.keys() >= published.keys():
        return False
    return not any(
        any_behind(logs, {cut.log: cut.offset + 1 for cut in cuts.values() if cut.stage == stage}, [topic])
        for stage, topic in zip(STAGES, INPUTS, strict=True)
    )


def any_behind(logs: Logs, done: Mapping[str, int], topics: "list[str] | Mapping[str, str]") -> bool:
    """Whether records that say anything lie behind these positions."""
    return any(_speaks(logs, log, done.get(log, 0), end) for log, end in logs.ends(topics).items())


def _speaks(logs: Logs, log: str, start: int, end: int) -> bool:
    topic, _, partition = log.rpartition("/")
    records = logs.records(topic, int(partition), end, start) if end > start else ()
    return any(says_anything(topic, record) for record in records)
