"""Where prospects stall: the stage that deals leave further than usual below its conversion, or above its time."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from statistics import median
from typing import Any, NamedTuple

from pipeline.organisation.days import DAY_MS
from pipeline.organisation.processes import UNDECLARED

STALL = "stage_stall"
"""The family, the KPI and its formula."""
SPAN_DAYS = 28
"""Each day is judged by the exits of so many days up to it: whole weeks, so that no weekday counts more."""
USUAL_DAYS = 180
"""What is usual follows from the spans that ended on these days; the last of them is yesterday."""
LOOKED_AT_DAYS = USUAL_DAYS + SPAN_DAYS - 1
"""The days before today on which exits have a part in it."""
LEAST_EXITS = 20
"""A span of fewer says nothing."""
LEAST_SPANS = 90
"""Of fewer spans nothing is usual: half of them."""
LEAST_CONVERSION_DEVIATION = 0.01
LEAST_DAYS_DEVIATION = 1 / 24
"""Where hardly anything ever changed, a percentage point and an hour are the least that is told apart."""
NAMED_FROM_DEVIATIONS = 1.0
"""A stage is at most one median deviation away on half of its days: that is no stall."""

NO_STALL: Mapping[str, Any] = {"value": None, "stages": {}}
"""Nobody stalls, or nobody can tell."""


class Exits(NamedTuple):
    """Of one stage, by day, oldest first: deals that left it, those of them that went on, and how long they were in it.

    Each counts at its last exit, with the time of its last visit.
    """

    deals: Sequence[int]
    onward: Sequence[int]
    spent_ms: Sequence[int]


class _Usual(NamedTuple):
    """The last value of a series, its median, and its median absolute deviation."""

    last: float
    median: float
    deviation: float


def where_stalled(stages: Mapping[str, Exits]) -> Mapping[str, Any]:
    """The stage, by `<process>:<stage>`, whose last span lies furthest on the wrong side of what is usual there.

    `value` is by how many median absolute deviations. Of two as far away the first by name is told.
    """
    found = [(judged["value"], name, judged) for name, exits in stages.items() if (judged := _judged(name, exits))]
    if not found:
        return NO_STALL
    value, name, judged = min(found, key=lambda each: (-each[0], each[1]))
    return {"value": value, "stages": {name: judged}} if value > NAMED_FROM_DEVIATIONS else NO_STALL


def _judged(name: str, exits: Exits) -> dict[str, Any] | None:
    """What is told of a stage; None where too few left it in the last span, or in too many of those before."""
    if name.endswith(UNDECLARED):
        return None
    spans = list(_spans(exits))
    known = [(onward / deals, spent_ms / deals / DAY_MS) for deals, onward, spent_ms in spans if deals >= LEAST_EXITS]
    if len(known) < LEAST_SPANS or spans[-1][0] < LEAST_EXITS:
        return None
    conversion, days = (_usual(series) for series in zip(*known, strict=True))
    below = (conversion.median - conversion.last) / max(conversion.deviation, LEAST_CONVERSION_DEVIATION)
    above = (days.last - days.median) / max(days.deviation, LEAST_DAYS_DEVIATION)
    return {
        "value": max(below, above),
        "n": spans[-1][0],
        "conversion": conversion.last,
        "conversion_median": conversion.median,
        "conversion_deviation": conversion.deviation,
        "days": days.last,
        "days_median": days.median,
        "days_deviation": days.deviation,
    }


def _spans(exits: Exits) -> Iterator[tuple[int, int, int]]:
    """The sums of each whole span of days, oldest first."""
    totals = [list(accumulate(series, initial=0)) for series in exits]
    for last in range(SPAN_DAYS, len(totals[0])):
        deals, onward, spent_ms = (total[last] - total[last - SPAN_DAYS] for total in totals)
        yield deals, onward, spent_ms


def _usual(series: Sequence[float]) -> _Usual:
    middle = median(series)
    return _Usual(series[-1], middle, median([abs(each - middle) for each in series]))
