"""The stored form of the organisation's records, and the numbers that their fields have in it."""

from pipeline.objects.stored_form import Forms

FORMS = Forms(
    {
        "company": {"time_zone": 2, "currency": 3, "fiscal_year_start": 4, "calendar": 5},
        "team": {"parent_id": 2, "calendar": 3, "fiscal_year_start": 4, "silence_minutes": 5},
        "special_day": {"team_id": 2, "day": 3, "open_from": 4, "open_until": 5},
        "rep": {"active": 2, "country": 3, "hired_on": 4, "left_on": 5},
        "membership": {"rep_id": 2, "team_id": 3, "valid_from": 4, "valid_to": 5, "share_bp": 6},
        "identity": {"external_id": 2, "rep_id": 3, "valid_from": 4, "valid_to": 5},
        "absence": {
            "rep_id": 2,
            "kind": 3,
            "first_day": 4,
            "last_day": 5,
            "from_noon": 6,
            "until_noon": 7,
            "starts_at": 8,
            "ends_at": 9,
        },
        "target": {"team_id": 2, "rep_id": 3, "kpi": 4, "period": 5, "period_start": 6, "value": 7, "effective_on": 8},
        "proration": {
            "team_id": 2,
            "effective_on": 3,
            "prorate_employment": 4,
            "prorate_absence": 5,
            "ramp": 6,
        },
        "score": {"team_id": 2, "period": 3, "effective_on": 4, "target": 5, "weights": 6},
        "curve": {
            "team_id": 2,
            "kpi": 3,
            "period": 4,
            "learnt_on": 5,
            "actor": 6,
            "periods": 7,
            "typical": 8,
            "shares": 9,
            "low": 10,
            "high": 11,
        },
        "contest": {
            "title": 2,
            "kpi": 3,
            "among": 4,
            "team_ids": 5,
            "rep_ids": 6,
            "first_day": 7,
            "last_day": 8,
            "least_sample": 9,
            "settlement_hours": 10,
        },
        "recognition": {"whose": 2, "kpi": 3, "best": 4, "milestones": 5, "streaks": 6},
        "benchmark": {
            "team_id": 2,
            "kpi": 3,
            "period": 4,
            "effective_on": 5,
            "median": 6,
            "lower_quartile": 7,
            "upper_quartile": 8,
            "source_name": 9,
            "source_url": 10,
        },
        "rate": {"currency": 2, "effective_on": 3, "rate": 4},
        "process": {"stages": 2, "implied": 3},
        "policy": {
            "valid_from": 2,
            "most_links": 3,
            "most_changes": 4,
            "most_closings": 5,
            "nobody": 6,
            "counted_activities": 7,
        },
        "alert_rule": {
            "rule": 2,
            "team_id": 3,
            "valid_from": 4,
            "enabled": 5,
            "limit_minutes": 6,
            "limit_percent": 7,
            "least_count": 8,
            "limit_count": 9,
            "limit_days": 10,
            "limit_seconds": 11,
            "limit_basis_points": 12,
        },
        "alert": {"acknowledged_by": 2, "opened_at": 3, "muted_by": 4, "muted_from": 5, "muted_until": 6},
    }
)
"""By kind. What holds from a time on is in registers named by that time, and written as they are."""
STAGES_FROM = "stages@"
"""A process's editions are registers by the instant from which they hold, and name their stages by a digest."""
STAGES = "stages#"
"""Stages by their digest: told again every night, they are kept once."""
