"""Time in stage: how long deals were in each stage that they left, by process and stage, in days."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pipeline import measures as m
from pipeline.kernel.sketch import quantile
from pipeline.scores.funnel import MOST_STAGES, REST
from pipeline.scores.named import Named
from schemas.integers import fits

DAY_MS = 86_400_000
DAY_MINUTES = 1440
LATEST = (m.STAGE_ONCE_MS, m.STAGE_LATEST_MS), (m.STAGE_ONCE, m.STAGE_LATEST)
TOTAL = (m.STAGE_ONCE_MS, m.STAGE_TOTAL_MS), (m.STAGE_ONCE, m.STAGE_TOTAL)
"""The sums and the sketches of the last visits, and of all visits of a deal together."""
Measured = tuple[tuple[str, str], tuple[str, str]]


def mean_times(named: Named, measured: Measured) -> dict[str, Any]:
    """The mean of each stage; the sum is null where it leaves 64 bits. One over all stages would mean nothing."""
    sums, sketches = measured
    spent_ms, deals = _sums(named.stages, sums), _sketches(named, sketches)
    found = {}
    for stage, (shown, of) in _shown(deals).items():
        n, total_ms = sum(shown.values()), sum(spent_ms[each] for each in of)
        whole = fits(total_ms)
        days = total_ms / DAY_MS if whole else None
        found[stage] = {
            "value": days / n if days is not None and n > 0 else None,
            "numerator": days,
            "denominator": n,
            "n": n,
            **({} if whole else {"overflow": True}),
        }
    return {"value": None, "stages": found}


def median_times(named: Named, measured: Measured) -> dict[str, Any]:
    """The median of each stage."""
    stages = {}
    for stage, (buckets, _) in _shown(_sketches(named, measured[1])).items():
        minutes = quantile(buckets)
        stages[stage] = {"value": None if minutes is None else minutes / DAY_MINUTES, "n": sum(buckets.values())}
    return {"value": None, "stages": stages}


def _sums(stages: Mapping[str, int], prefixes: tuple[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, amount in stages.items():
        for prefix in prefixes:
            if name.startswith(prefix):
                found[name.removeprefix(prefix)] += amount
    return found


def _sketches(named: Named, prefixes: tuple[str, str]) -> dict[str, Counter[int]]:
    """By stage: how many deals are in which bucket, of both sketches."""
    found: dict[str, Counter[int]] = {}
    for name, buckets in named.sketches.items():
        for prefix in prefixes:
            if name.startswith(prefix):
                found.setdefault(name.removeprefix(prefix)[:-1], Counter()).update(buckets)
    return found


def _shown(sketches: Mapping[str, Counter[int]]) -> dict[str, tuple[Counter[int], list[str]]]:
    """The stages that most deals left, by name, and all others as one; and of each which stages it is of."""
    names = sorted(sketches, key=lambda stage: (-sum(sketches[stage].values()), stage))
    found = {stage: (sketches[stage], [stage]) for stage in sorted(names[:MOST_STAGES])}
    if rest := names[MOST_STAGES:]:
        together: Counter[int] = Counter()
        for stage in rest:
            together.update(sketches[stage])
        found[REST] = together, rest
    return found
