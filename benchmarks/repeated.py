"""Several runs of one thing: the median, and between which bounds they lay."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.measure import Outcome


def spread(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """Median, least and greatest."""
    return {
        "median": round(median(values), digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
    }


def repeated(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The block of a throughput: rate and cost with their spread, and every single run."""
    return {
        "events": outcomes[0].events,
        "events_per_s": spread([outcome.events_per_s for outcome in outcomes]),
        "core_microseconds_per_event": spread([outcome.core_microseconds_per_event for outcome in outcomes]),
        "runs": [outcome.as_json() for outcome in outcomes],
    }
