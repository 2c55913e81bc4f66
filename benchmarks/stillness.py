"""How long figures stand still, from the instants at which they changed."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple


class Span(NamedTuple):
    """From when to when one looks, in seconds of one clock."""

    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.begin


def stillness(changed_at: Iterable[float], span: Span) -> float:
    """The longest time within the span without a change, in seconds; all of it where nothing changed."""
    inside = [at for at in changed_at if span.begin <= at <= span.end]
    return max(after - before for before, after in pairwise([span.begin, *inside, span.end]))


def stillness_of_all(changes: Mapping[str, Sequence[float]], span: Span) -> dict[str, float]:
    """The longest and the median over homes, and how long one looked; `changes` are instants, in order, by home."""
    each = [stillness(changed_at, span) for changed_at in changes.values()]
    return {
        "longest_seconds": round(max(each), 2),
        "median_seconds": round(median(each), 2),
        "seconds": round(span.seconds, 1),
    }


def times_baseline(found: Mapping[str, float], baseline: Mapping[str, float]) -> dict[str, float]:
    """The same in multiples of what it is when nothing happens."""
    return {
        "longest_ratio": round(found["longest_seconds"] / baseline["longest_seconds"], 1),
        "median_ratio": round(found["median_seconds"] / baseline["median_seconds"], 1),
    }


def next_boundary_ms(now_ms: int, period_ms: int, lead_ms: int) -> int:
    """The first multiple of the period that is at least so far ahead."""
    return -(-(now_ms + lead_ms) // period_ms) * period_ms
