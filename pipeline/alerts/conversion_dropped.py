"""The rule of a stage from which a smaller share of a team's deals goes on than did."""

from pipeline.alerts.own_past import gone_on, share_dropped

CONVERSION_DROPPED = share_dropped(
    "conversion_dropped", "a smaller share of deals goes on from a stage", "stage_progress", gone_on
)
