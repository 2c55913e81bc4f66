"""The rule of activities of reps in no team that the organisation knows: a membership is missing, or its team is."""

from pipeline.alerts.unassigned_rule import HOME, LAST_HOUR, OF_NOBODY, OF_UNKNOWN_REPS, UnassignedRule, activities
from pipeline.scores.home import Home


def _counted(home: Home, minute: int) -> int:
    """All but what no rep, or nobody knows which rep, did."""
    others = sum(activities(home, scope, minute) for scope in (OF_UNKNOWN_REPS, OF_NOBODY))
    return activities(home, HOME, minute) - others


TEAMS_UNKNOWN = UnassignedRule(
    "teams_unknown",
    "activities of reps whose team nobody declares",
    "count",
    counted=_counted,
    looks_back=LAST_HOUR,
)
