"""Occupancy of today: what goes on counts too, from the minute in which it began to the running one."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from pipeline import measures as m
from pipeline.organisation.days import MINUTE_MS
from pipeline.scores.cold_panes import Measures

RUNNING: Mapping[str, str] = {
    m.CONTACT_RUNNING: m.CONTACT_MS,
    m.CONTACT_RUNNING_SINCE: m.CONTACT_MS,
    m.AVAILABLE_RUNNING: m.AVAILABLE_MS,
    m.AVAILABLE_RUNNING_SINCE: m.AVAILABLE_MS,
}
"""By what stands of stretches that go on, without the day on which they began: what they will count as."""


def goes_on(standing: Iterable[str]) -> bool:
    """Whether anything that stands is a stretch that goes on."""
    return any(name.partition(":")[0] in _STEMS for name in standing)


def with_running(measures: Measures, standing: Measures, today: int, minute: int) -> Measures:
    """The measures of a window of days with today in it, and what has begun today and goes on, up to a minute.

    What began on another day counts once it is over: whose phone stayed on over night is no busier for that.
    """
    found = measures
    for stretches, since, counted in _names(today):
        if number := standing.get(stretches):
            running_ms = max(number * minute - standing.get(since, 0), 0) * MINUTE_MS
            if running_ms:
                found = {**found, counted: found.get(counted, 0) + running_ms}
    return found


@lru_cache(maxsize=64)
def _names(today: int) -> tuple[tuple[str, str, str], ...]:
    return (
        (f"{m.CONTACT_RUNNING}{today}", f"{m.CONTACT_RUNNING_SINCE}{today}", m.CONTACT_MS),
        (f"{m.AVAILABLE_RUNNING}{today}", f"{m.AVAILABLE_RUNNING_SINCE}{today}", m.AVAILABLE_MS),
    )


_STEMS = frozenset(name[:-1] for name in RUNNING)
