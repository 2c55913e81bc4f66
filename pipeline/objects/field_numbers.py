"""The numbers that stored fields have, by kind of object: part of the state's form, like the offsets of a file format.

A number is given once. A field keeps its number for as long as a state may hold it, also when no event carries it any
more; a new field takes the next free number of its kind. So a state that was written with fewer fields reads the same.
"""

from collections.abc import Mapping

from pipeline.objects.object import LIFE, MENTIONED

Numbers = Mapping[str, int]

COMMON: Numbers = {LIFE: 0, MENTIONED: 1}
"""What an object of any kind may hold."""

FIELDS: Mapping[str, Numbers] = {
    "account": {"owner_id": 2, "created_at": 3, "region": 4, "segment": 5},
    "lead": {"owner_id": 2, "created_at": 3, "status": 4, "closed_at": 5, "channel": 6, "deal_id": 7},
    "deal": {
        "owner_id": 2,
        "account_id": 3,
        "process_id": 4,
        "stage_id": 5,
        "amount_minor": 6,
        "currency": 7,
        "created_at": 8,
        "expected_close_on": 9,
        "product": 10,
    },
    "meeting": {"rep_id": 2, "booked_at": 3, "starts_at": 4, "status": 5, "lead_id": 6, "deal_id": 7},
    "email": {
        "rep_id": 2,
        "sent_at": 3,
        "direction": 4,
        "bulk": 5,
        "auto_reply": 6,
        "lead_id": 7,
        "deal_id": 8,
    },
    "activity": {
        "kind": 2,
        "rep_id": 3,
        "occurred_at": 4,
        "call_id": 5,
        "direction": 6,
        "dials": 7,
        "connected": 8,
        "talk_seconds": 9,
        "lead_id": 10,
        "deal_id": 11,
    },
    "cost": {
        "team_id": 2,
        "amount_minor": 3,
        "currency": 4,
        "period_start": 5,
        "period_end": 6,
        "category": 7,
    },
    "call": {
        "rep_id": 2,
        "team_id": 3,
        "direction": 4,
        "state": 5,
        "outcome": 6,
        "started_at": 7,
        "answered_at": 8,
        "ended_at": 9,
        "ringing_seconds": 10,
        "wait_seconds": 11,
        "talk_seconds": 12,
        "hold_seconds": 13,
        "wrap_up_seconds": 14,
        "queue_id": 15,
        "lead_id": 16,
        "deal_id": 17,
    },
    "agent": {"state": 2},
    "company": {"time_zone": 2, "currency": 3, "fiscal_year_start": 4, "calendar": 5},
    "team": {"parent_id": 2, "calendar": 3, "fiscal_year_start": 4, "silence_minutes": 5},
    "rep": {"active": 2, "country": 3},
    "membership": {"rep_id": 2, "team_id": 3, "valid_from": 4, "valid_to": 5},
    "target": {"team_id": 2, "rep_id": 3, "kpi": 4, "period": 5, "period_start": 6, "value": 7},
    "rate": {"currency": 2, "effective_on": 3, "rate": 4},
    "process": {"stages": 2},
}
"""The fields of each kind beside those. A team's zones are registers named by their day, and written as they are."""


def numbers_of(kind: str) -> Numbers:
    """All numbered fields of a kind; those common to all for a kind that has no events."""
    return {**COMMON, **FIELDS.get(kind, {})}
