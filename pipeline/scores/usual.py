"""What is usual: the median of the weekday's last days with the spread around it, as figures."""

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, NamedTuple

USUAL = "usual"
"""The family of these KPIs."""
LEAST_DAYS = 4
"""Of fewer days nothing is usual."""
NORMAL = 1.4826
"""The standard deviation by the median distance from the median, of what is spread normally."""
BAND = 2
"""The band reaches so many spreads to either side."""


class Spread(NamedTuple):
    """Values by their median and how far they spread around it: one odd value of at least four moves neither much."""

    median: float
    deviation: float


class Usual(NamedTuple):
    """Activities on the weekday's last days that count: until the time that today has reached, and in its hour."""

    by_now: Sequence[int] = ()
    in_hour: Sequence[int] = ()


NO_USUAL = Usual()


def by_chance(middle: float) -> float:
    """How far counts spread around their middle that come by chance."""
    return math.sqrt(max(middle, 0))


def spread_of(values: Sequence[float], least: Callable[[float], float] = by_chance) -> Spread | None:
    """The usual of some values; None of fewer than four. `least` is the least spread around a median."""
    if len(values) < LEAST_DAYS:
        return None
    middle = float(median(values))
    distance = float(median([abs(value - middle) for value in values]))
    return Spread(middle, max(NORMAL * distance, least(middle)))


def usual_of(counts: Sequence[int]) -> dict[str, Any]:
    """The usual count with its band, which does not begin below 0; `n` are the days that it is of."""
    spread = spread_of(counts)
    if spread is None:
        return {"value": None, "low": None, "high": None, "n": len(counts)}
    reach = BAND * spread.deviation
    low, high = max(spread.median - reach, 0), spread.median + reach
    return {"value": spread.median, "low": low, "high": high, "n": len(counts)}
