"""The activity score: what activities are worth in points, as a share of the target. Pure."""

from collections.abc import Mapping
from typing import Any

from pipeline import measures as m
from pipeline.organisation.score_rules import ScoreRule
from schemas.integers import fits

SCORE = "score"
"""The family of this KPI, and what a home is known to have once its activities were weighed."""
MEASURE_OF: Mapping[str, str] = {
    "calls": m.CALLS,
    "dials": m.DIALS,
    "connected_calls": m.CONNECTED,
    "conversations_60s": m.CONVERSATIONS,
    "emails": m.EMAILS,
    "meetings_set": m.MEETINGS_SET,
    "meetings_held": m.MEETINGS_HELD,
    "activities": m.ACTIVITIES,
    "leads_worked": m.LEADS_WORKED,
    "deals_created": m.DEALS_CREATED,
    "won": m.WON,
    "new_customers": m.NEW_CUSTOMERS,
}
"""By KPI that may be weighed: the measure that it is the sum of."""
SCORED = frozenset(MEASURE_OF.values())
"""The measures that scores follow from."""
NO_SCORE: Mapping[str, Any] = {"value": None}


def points(measures: Mapping[str, int], rule: ScoreRule) -> int:
    """What a rep's activities of one window come to; of each no more count than its cap allows, and none below 0."""
    found = 0
    for kpi, worth, at_most in rule.weights:
        count = max(measures.get(MEASURE_OF[kpi], 0), 0)
        found += worth * (count if at_most is None else min(count, at_most))
    return found


def score(reached: int, target: int, reps: int) -> Mapping[str, Any]:
    """The points of so many reps by their target together; without a rep there is neither."""
    due = target * reps
    if not (fits(reached) and fits(due)):
        return {"value": None, "numerator": None, "denominator": None, "n": reps, "overflow": True}
    return {"value": reached / due if due else None, "numerator": reached, "denominator": due, "n": reps}
