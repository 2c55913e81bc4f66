"""The rule of activities of reps whom the organisation does not know: a dialer or CRM has users that it has not."""

from pipeline.alerts.unassigned_rule import LAST_HOUR, OF_UNKNOWN_REPS, UnassignedRule, activities
from pipeline.scores.home import Home


def _counted(home: Home, minute: int) -> int:
    return activities(home, OF_UNKNOWN_REPS, minute)


REPS_UNKNOWN = UnassignedRule(
    "reps_unknown", "activities of reps whom nobody declares", "count", counted=_counted, looks_back=LAST_HOUR
)
