"""Goals as figures: how much of a target is reached, how much is left, and what that is a working day."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pipeline import measures as m
from pipeline.organisation.goals import Targets
from schemas.integers import fits

GOALS = "goals"
"""The family of these KPIs, and what a home is known to have once it was given a target."""
MEASURE_OF: Mapping[str, str] = {
    "calls": m.CALLS,
    "dials": m.DIALS,
    "emails": m.EMAILS,
    "meetings_set": m.MEETINGS_SET,
    "meetings_held": m.MEETINGS_HELD,
    "activities": m.ACTIVITIES,
    "deals_created": m.DEALS_CREATED,
    "won": m.WON,
    "bookings": m.WON_MINOR,
    "new_customers": m.NEW_CUSTOMERS,
}
"""By KPI that targets may be set for: the measure that it is the sum of."""
Measures = Mapping[str, int]


class GoalPeriod(NamedTuple):
    """The targets of one period, and how many working days of it are left with today.

    `days_left` is None of a period that is over, and where nobody says when work is done.
    """

    targets: Targets
    days_left: int | None = None


NO_PERIOD = GoalPeriod({})


def attainment(measures: Measures, _standing: Measures, period: GoalPeriod) -> dict[str, Any]:
    """Of each target what was reached, the share that this is, and the gap. A target of 0 is none.

    The share may be above 1, and the gap is below 0 then. `gap_per_day` is the gap by the working days that are left:
    0 once the target is reached, None where there is no such day. Targets of several KPIs have no sum, so `value` is
    None.
    """
    told = _told(measures, period)
    return {"value": None, "goals": {kpi: _attained(actual, target, period.days_left) for kpi, actual, target in told}}


def _told(measures: Measures, period: GoalPeriod) -> list[tuple[str, int, int]]:
    """Each KPI with a target: what was reached, and what is to be."""
    return [(kpi, measures.get(MEASURE_OF[kpi], 0), target) for kpi, target in sorted(period.targets.items()) if target]


def _attained(actual: int, target: int, days_left: int | None) -> dict[str, Any]:
    gap = target - actual
    if not (fits(actual) and fits(gap)):
        return {"value": None, "numerator": None, "denominator": target, "overflow": True}
    return {
        "value": actual / target,
        "numerator": actual,
        "denominator": target,
        "gap": gap,
        "gap_per_day": max(gap, 0) / days_left if days_left else None,
        "days_left": days_left,
    }
