"""Events by which people say what they did about an alert. Pure."""

from collections.abc import Mapping
from typing import Any

from pipeline.sending.event import content_of, id_of
from schemas.events import iso

SOURCE = "alerts"
"""The source of all events that `salespulse alerts` sends."""


def acknowledging(alert: Mapping[str, Any], by: str, now_ms: int) -> dict[str, Any]:
    """That somebody acknowledges an alert as it stands: this opening of it, and no later one."""
    return _event(str(alert["id"]), now_ms, {"acknowledged_by": by, "opened_at": iso(alert["opened_ms"])})


def muting(alert_id: str, by: str, now_ms: int, until_ms: int) -> dict[str, Any]:
    """That somebody mutes an alert from now on until an instant."""
    return _event(alert_id, now_ms, {"muted_by": by, "muted_from": iso(now_ms), "muted_until": iso(until_ms)})


def unmuting(alert_id: str, by: str, now_ms: int) -> dict[str, Any]:
    """That somebody ends the mute of an alert."""
    return _event(alert_id, now_ms, {"muted_by": by, "muted_from": None, "muted_until": None})


def _event(alert_id: str, now_ms: int, data: Mapping[str, Any]) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "source": SOURCE,
        "type": "org.alert.changed",
        "subject": f"alert:{alert_id}",
        "time": iso(now_ms),
        "data": dict(data),
    }
    return {**event, "id": id_of(content_of(event))}
