"""Goals as figures: how much of a target is reached, what is left a working day, and whether that is in time."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from pipeline import measures as m
from pipeline.organisation.curves import Curve
from pipeline.organisation.goals import Below, Sum, Targets
from pipeline.scores.projection import Projection, expected_share, projected
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
SPLIT_OF: Mapping[str, str] = {"bookings": m.WON_SPLIT_MINOR}
"""By such a KPI of money: the measure of what splits of deals add to it, or take from it."""
REACHED = (*MEASURE_OF.values(), *SPLIT_OF.values())
"""The measures that say what is reached of targets."""
FOLLOWED = frozenset(
    {
        *REACHED, m.OPEN_DEALS, m.OPEN_MINOR, m.OPEN_SPLIT_MINOR, m.OPEN_WITHOUT_AMOUNT, m.OPEN_UNCONVERTED,
    }
)  # fmt: skip
"""The measures that figures of goals follow from."""
Measures = Mapping[str, int]
PROJECTED_FROM_PERCENT = 15
"""Of so much of the working time on a projection says something."""


class GoalPeriod(NamedTuple):
    """The targets of one period, how many working days of it are left with today, and its working time.

    `worked_ms` is the part of `work_ms` that has passed. All are None of a period that is over, and where nobody says
    when work is done. `current` tells that now lies in the period. `below` is what the targets of those directly below
    add up to; None of a rep, and of a period that is over. `curves` are those by which its KPIs usually go.
    """

    targets: Targets
    days_left: int | None = None
    worked_ms: int | None = None
    work_ms: int | None = None
    current: bool = False
    full: Targets = MappingProxyType({})
    """What was set, of a rep from whom not all of it is due: `targets` are prorated then, and the time is the rep's."""
    below: Below | None = None
    curves: Mapping[str, Curve] = {}


NO_PERIOD = GoalPeriod({})
NOBODY = Sum(0, 0)


def attainment(measures: Measures, _standing: Measures, period: GoalPeriod) -> dict[str, Any]:
    """Of each target what was reached, the share that this is, and the gap.

    The share may be above 1, and the gap is below 0 then; of a target of which nothing is due there is no share.
    `gap_per_day` is the gap by the working days that are left: 0 once the target is reached, None where there is no
    such day. Targets of several KPIs have no sum, so `value` is None. Beside the target of a team or of all is what
    those directly below are to reach.
    """
    told = _told(measures, period)
    goals = {
        kpi: _attained(actual, target, period.days_left) | _set(kpi, period) | _below(target, kpi, period.below)
        for kpi, actual, target in told
    }
    return {"value": None, "goals": goals}


def _below(target: int, kpi: str, below: Below | None) -> dict[str, Any]:
    """The sum of the targets below a target, of how many it is, and how much more that is; null where there is none."""
    if below is None:
        return {}
    found = below.get(kpi, NOBODY)
    known = found.n > 0 and fits(found.target)
    return {
        "below": found.target if known else None,
        "below_n": found.n,
        "below_difference": found.target - target if known else None,
    }


def pace(measures: Measures, _standing: Measures, period: GoalPeriod) -> dict[str, Any]:
    """Of each target what was reached against what is due by now: by its curve, else by the working time so far.

    The projection is what is reached in the end if it goes on like this; with a curve between two totals, too. There is
    none before 15 % of the time. Nothing is told of a period that is over, or in which nobody works.
    """
    if period.worked_ms is None or not period.work_ms:
        return {"value": None, "elapsed": None, "goals": {}}
    worked, work = period.worked_ms, period.work_ms
    goals = {
        kpi: _paced(actual, target, worked, work, period.curves.get(kpi)) | _set(kpi, period)
        for kpi, actual, target in _told(measures, period)
    }
    return {"value": None, "elapsed": worked / work, "goals": goals}


def _paced(actual: int, target: int, worked: int, work: int, curve: Curve | None) -> dict[str, Any]:
    due = target * worked / work if curve is None else target * expected_share(curve, worked, work)
    by = None if curve is None else date.fromordinal(curve.learnt_on).isoformat()
    if not fits(actual):
        nothing = dict.fromkeys(("projection", "projection_low", "projection_high"))
        return {"value": None, "due": due, **nothing, "curve": by, "overflow": True}
    total = _projection(actual, worked, work, curve)
    return {
        "value": actual / due if due else None,
        "due": due,
        "projection": total.total,
        "projection_low": total.low,
        "projection_high": total.high,
        "curve": by,
    }


def _projection(actual: int, worked: int, work: int, curve: Curve | None) -> Projection:
    if worked * 100 < work * PROJECTED_FROM_PERCENT:
        return Projection()
    return Projection(actual * work / worked) if curve is None else projected(curve, actual, worked, work)


def coverage(measures: Measures, standing: Measures, period: GoalPeriod) -> dict[str, Any]:
    """The open pipeline by what is still to be booked of the period's target.

    The value is None once the target is reached, which `attained` says, and where there is no target. `n` are the deals
    of the pipeline whose amount is known and converted; those left out are told beside it. Nothing is told of a period
    that is over: what was open then nobody knows.
    """
    target = period.targets.get("bookings")
    if not target or not period.current:
        return {"value": None}
    pipeline = standing.get(m.OPEN_MINOR, 0) + standing.get(m.OPEN_SPLIT_MINOR, 0)
    left = target - _reached(measures, "bookings")
    without = standing.get(m.OPEN_WITHOUT_AMOUNT, 0)
    unconverted = standing.get(m.OPEN_UNCONVERTED, 0)
    beside = {
        "attained": left <= 0,
        "n": standing.get(m.OPEN_DEALS, 0) - without - unconverted,
        "without_amount": without,
        "unconverted": unconverted,
    }
    if not (fits(pipeline) and fits(left)):
        return {"value": None, "numerator": None, "denominator": None, **beside, "overflow": True}
    return {"value": pipeline / left if left > 0 else None, "numerator": pipeline, "denominator": left, **beside}


def _set(kpi: str, period: GoalPeriod) -> dict[str, Any]:
    """The target as it was set, where less of it is due."""
    return {"full_target": period.full[kpi]} if kpi in period.full else {}


def _told(measures: Measures, period: GoalPeriod) -> list[tuple[str, int, int]]:
    """Each KPI with a target: what was reached, and what is to be."""
    return [(kpi, _reached(measures, kpi), target) for kpi, target in sorted(period.targets.items())]


def _reached(measures: Measures, kpi: str) -> int:
    reached = measures.get(MEASURE_OF[kpi], 0)
    return reached + measures.get(SPLIT_OF[kpi], 0) if kpi in SPLIT_OF else reached


def _attained(actual: int, target: int, days_left: int | None) -> dict[str, Any]:
    gap = target - actual
    if not (fits(actual) and fits(gap)):
        return {"value": None, "numerator": None, "denominator": target, "overflow": True}
    return {
        "value": actual / target if target else None,
        "numerator": actual,
        "denominator": target,
        "gap": gap,
        "gap_per_day": max(gap, 0) / days_left if days_left else None,
        "days_left": days_left,
    }
