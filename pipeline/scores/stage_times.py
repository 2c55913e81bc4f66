"""Time in stage: how long deals were in each stage that they left, by process and stage, in days."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pipeline import measures as m
from pipeline.kernel.sketch import quantile
from pipeline.organisation.days import DAY_MS
from pipeline.scores.funnel import REST, apart
from pipeline.scores.named import ByStage, Named, merged
from schemas.integers import fits

DAY_MINUTES = 1440
LATEST = (m.STAGE_ONCE_MS, m.STAGE_LATEST_MS), (m.STAGE_ONCE, m.STAGE_LATEST)
TOTAL = (m.STAGE_ONCE_MS, m.STAGE_TOTAL_MS), (m.STAGE_ONCE, m.STAGE_TOTAL)
"""The sums and the sketches of the last visits, and of all visits of a deal together."""
Measured = tuple[tuple[str, str], tuple[str, str]]


def mean_times(named: Named, measured: Measured) -> dict[str, Any]:
    """The mean of each stage; the sum is null where it leaves 64 bits. One over all stages would mean nothing."""
    sums, sketches = measured
    spent_ms, deals = _sums(named.stages, sums), named.together(sketches)
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
    for stage, (buckets, _) in _shown(named.together(measured[1])).items():
        minutes = quantile(buckets)
        stages[stage] = {"value": None if minutes is None else minutes / DAY_MINUTES, "n": sum(buckets.values())}
    return {"value": None, "stages": stages}


def _sums(by_stage: ByStage, families: tuple[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for family in families:
        found.update(by_stage.get(family, {}))
    return found


def _shown(sketches: Mapping[str, Mapping[int, int]]) -> dict[str, tuple[Mapping[int, int], list[str]]]:
    """The stages that most deals left, by name, and all others as one; and of each which stages it is of."""
    named, rest = apart(sketches, {stage: sum(buckets.values()) for stage, buckets in sketches.items()})
    found: dict[str, tuple[Mapping[int, int], list[str]]]
    found = {stage: (sketches[stage], [stage]) for stage in named}
    if rest:
        found[REST] = merged(sketches[stage] for stage in rest), rest
    return found
