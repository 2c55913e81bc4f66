"""The timeline of a rep's day: which states the phone was in from when until when, and which one goes on.

A state that is over stands in the hour (UTC) in which it ended, until no telling can change that hour any more. The one
that goes on is a live state, which stands without any time.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.kinds.stints import settled_before_ms
from pipeline.measures import AGENTS, AGENTS_SINCE_MS, PHONE_STRETCH, PHONE_STRETCHES_BEYOND
from pipeline.organisation.days import HOUR_MS, MINUTE_MS
from pipeline.scores.cold_panes import Measures, merge

TIMELINE = "timeline"
"""The family and its formula."""
STEMS = (PHONE_STRETCH, PHONE_STRETCHES_BEYOND)
"""The measures that a timeline follows from."""
Hours = dict[int, Measures]
"""By the minute since 1970 with which an hour begins: what ended in it."""
NO_TIMELINE: Mapping[str, Any] = {"value": 0, "stretches": [], "beyond": 0}


def first_hour(now_ms: int) -> int:
    """The earliest hour, by its first minute, that is kept at a time: in those before it nothing changes any more."""
    return settled_before_ms(now_ms) // MINUTE_MS


def add(hours: Hours, hour: int, measures: Measures) -> None:
    """Add signed measures to an hour; one in which nothing is left is gone."""
    held = hours.setdefault(hour, {})
    merge(held, measures)
    if not held:
        del hours[hour]


def timeline(hours: Hours, standing: Mapping[str, int], start_ms: int, end_ms: int) -> dict[str, Any]:
    """The states of a local day in their order, cut at both its ends; `to_ms` of the one that goes on is None.

    `standing` are the measures that stand. `beyond` are those that were too many in their hour to be told.
    """
    found, beyond = [], 0
    for hour, held in hours.items():
        if start_ms <= hour * MINUTE_MS < end_ms:
            beyond += held.get(PHONE_STRETCHES_BEYOND, 0)
        if hour * MINUTE_MS + HOUR_MS > start_ms:
            found += [each for each in _over(held) if each[0] < end_ms and each[1] > start_ms]
    stretches: list[dict[str, Any]] = [
        {"state": state, "from_ms": max(from_ms, start_ms), "to_ms": min(to_ms, end_ms)}
        for from_ms, to_ms, state in sorted(found)
    ]
    stretches += [
        {"state": state, "from_ms": max(since_ms, start_ms), "to_ms": None}
        for since_ms, state in sorted(_going_on(standing))
        if since_ms < end_ms
    ]
    return {"value": len(stretches) + beyond, "stretches": stretches, "beyond": beyond}


def _over(held: Measures) -> Iterator[tuple[int, int, str]]:
    for name, count in held.items():
        if count > 0 and name.startswith(PHONE_STRETCH):
            from_ms, to_ms, state = name.removeprefix(PHONE_STRETCH).split(":", 2)
            yield int(from_ms), int(to_ms), state


def _going_on(standing: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    """Since when which state goes on: a rep has one phone."""
    for name, count in standing.items():
        if count > 0 and name.startswith(AGENTS):
            state = name.removeprefix(AGENTS)
            yield standing.get(AGENTS_SINCE_MS + state, 0) // count, state
