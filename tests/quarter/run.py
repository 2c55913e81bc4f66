"""A quarter through the stages, minute by minute."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from tests.quarter.clocks import HOUR, MINUTE
from tests.quarter.company import Team
from tests.quarter.events import Told
from tests.quarter.quarter import Quarter
from tests.quarter.stages import Deployment, LogRecord

TICK_MS = 2000
"""So long after a minute has begun every log has told so."""


def played(quarter: Quarter, partitions: int = 1, keep: Callable[[int, LogRecord], None] | None = None) -> Deployment:
    """Everything that is appended, and a tick a minute; while no worker runs there is none."""
    deployment = Deployment(partitions, keep)
    deployment.append(quarter.organisation())
    deployment.tick(quarter.start_ms)
    deployment.run(quarter.start_ms)
    out_from, out_until = quarter.outage
    minute = quarter.start_ms // MINUTE
    for events in quarter.events():
        for number, batch in _by_minute(events, minute):
            minute = number
            now_ms = minute * MINUTE + TICK_MS
            deployment.append(batch)
            if out_from <= now_ms < out_until:
                continue
            if out_until <= now_ms < out_until + MINUTE:
                deployment.restart()
            deployment.tick(now_ms)
            deployment.run(now_ms)
    return deployment


def worked(quarter: Quarter, team: Team, days: Iterable[date], events: Iterable[Told]) -> Deployment:
    """One team with nothing but these events, looked at every half hour of its work."""
    deployment = Deployment(1)
    deployment.append(quarter.organisation())
    waiting = sorted(events, key=lambda each: each.at_ms)
    for day in days:
        for begin, end in team.spans(day):
            for now_ms in range(begin + TICK_MS, end, HOUR // 2):
                past = [each for each in waiting if each.at_ms <= now_ms]
                waiting = waiting[len(past) :]
                deployment.append(past)
                deployment.tick(now_ms)
                deployment.run(now_ms)
    return deployment


def _by_minute(events: list[Told], minute: int) -> Iterator[tuple[int, list[Told]]]:
    """What is appended until shortly after each minute has begun; of a night or weekend every tenth minute only."""
    at = 0
    while at < len(events):
        minute += 1
        if events[at].at_ms > (minute + 30) * MINUTE:
            minute += 9
        until_ms = minute * MINUTE + TICK_MS
        start = at
        while at < len(events) and events[at].at_ms <= until_ms:
            at += 1
        yield minute, events[start:at]
