"""The KPI table, read plainly, row by row: what every text that is published has to say."""

from collections.abc import Mapping
from typing import Any

from pipeline.kernel.sketch import quantile
from pipeline.scores.agent_states import agent_states
from pipeline.scores.cost_categories import by_category
from pipeline.scores.definition import DEFINITION
from pipeline.scores.kpi import QUANTILES, Kpi, Values
from pipeline.scores.named import Named
from pipeline.scores.stage_kpis import STAGE_KPIS
from pipeline.scores.velocity import velocity


def evaluate(
    measures: Mapping[str, int], standing: Mapping[str, int], families: frozenset[str], window: str, *, rep: bool
) -> Values:
    """All KPIs of one scope and window, by name; those of other families than `families` are absent."""
    given = DEFINITION.table.given_in(window, rep=rep)
    return {kpi.name: _value(kpi, measures, standing) for kpi in given if kpi.family in families}


def _value(kpi: Kpi, measures: Mapping[str, int], standing: Mapping[str, int]) -> dict[str, Any]:
    if kpi.formula == "velocity":
        return velocity(measures, standing)
    if kpi.name == "pipeline_coverage":
        return {"value": None}
    if kpi.formula == "goals":
        return {"value": None, "goals": {}} | ({"elapsed": None} if kpi.name == "goal_pace" else {})
    if kpi.formula == "score":
        return {"value": None}
    if kpi.formula == "timeline":
        return {"value": 0, "stretches": [], "beyond": 0}
    if kpi.formula == "stall":
        return {"value": None, "stages": {}}
    if kpi.formula == "age":
        return {"value": measures.get(kpi.numerator[0])}
    if kpi.formula == "wait":
        return {"value": 0, "since_ms": None}
    if kpi.formula == "usual":
        return {"value": None, "low": None, "high": None, "n": 0}
    if kpi.formula == "categories":
        return by_category(Named(measures, {}).stages, measures.get("new_customers", 0))
    if kpi.formula == "states":
        return agent_states(Named(measures, {}).stages)
    if kpi.formula == "stages":
        return STAGE_KPIS[kpi.name](Named(measures, {}))
    return _number(kpi, measures) | (_left_out(kpi, measures) if kpi.amounts else {})


def _number(kpi: Kpi, measures: Mapping[str, int]) -> dict[str, Any]:
    if kpi.formula in QUANTILES:
        stem = kpi.numerator[0]
        buckets = {int(name.removeprefix(stem)): n for name, n in measures.items() if name.startswith(stem)}
        value = quantile(buckets, QUANTILES[kpi.formula]) if buckets else None
        in_unit = value if value is None or kpi.divisor == 1 else value / kpi.divisor
        return {"value": in_unit, "n": sum(buckets.values())}
    above = _sum(measures, *kpi.numerator)
    numerator = above if kpi.divisor == 1 else above / kpi.divisor
    if kpi.formula == "count":
        return {"value": numerator} | ({"n": _deals(kpi, measures)} if kpi.amounts else {})
    below = _sum(measures, *kpi.denominator) - _sum(measures, *kpi.left_out)
    n = _deals(kpi, measures) if kpi.amounts and kpi.formula == "ratio" else below  # A mean is of what it divides by.
    return {"value": numerator / below if below > 0 else None, "numerator": numerator, "denominator": below, "n": n}


def _deals(kpi: Kpi, measures: Mapping[str, int]) -> int:
    """Those whose amount is known and converted."""
    return sum(_sum(measures, each.deals) - _sum(measures, *each.left_out) for each in kpi.amounts)


def _left_out(kpi: Kpi, measures: Mapping[str, int]) -> dict[str, int]:
    return {
        "without_amount": sum(_sum(measures, each.without_amount) for each in kpi.amounts),
        "unconverted": sum(_sum(measures, each.unconverted) for each in kpi.amounts),
    }


def _sum(measures: Mapping[str, int], *names: str) -> int:
    return sum(measures.get(name, 0) for name in names)
