"""A KPI over several days, from the days that are published. Pure."""

from collections.abc import Sequence
from typing import Any

from pipeline.scores.kpi import Kpi
from pipeline.views.readings import Kpis

ADDABLE = ("count", "ratio", "mean")
"""Of these formulas the numbers of days add up to those of the period: sums, and the two numbers of a quotient."""
WHOLE_DAYS = ("period", "days", "always")
"""The windows in which a KPI is given that days have too."""


def is_addable(kpi: Kpi) -> bool:
    """Whether days of a KPI can be added up."""
    return kpi.formula in ADDABLE and kpi.where in WHOLE_DAYS


def pooled(kpi: Kpi, days: Sequence[Kpis]) -> dict[str, Any] | None:
    """A KPI over days: the sum, or the quotient of the sums of what it is a quotient of. None where no day has it."""
    told = [each[kpi.name] for each in days if kpi.name in each]
    if not told:
        return None
    if kpi.formula == "count":
        values = [each["value"] for each in told]
        return {"value": None if None in values else sum(values)}
    parts = [(each.get("numerator"), each.get("denominator")) for each in told]
    known = [(above, below) for above, below in parts if above is not None and below is not None]
    if len(known) < len(parts):
        return {"value": None, "numerator": None, "denominator": None}
    over, under = sum(above for above, _ in known), sum(below for _, below in known)
    return {"value": over / under if under > 0 else None, "numerator": over, "denominator": under}
