"""In which state people left each alert: acknowledged, muted or neither, as of now, as far as that is certain."""

import json
from collections.abc import Mapping
from typing import Any

from pipeline.audit.database import Database
from schemas.ids import kept_id


class AlertStates:
    """The organisation's records of alerts, by the log that the alert belongs to."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], Mapping[str, Any]] = {}

    @classmethod
    def of(cls, database: Database) -> "AlertStates":
        """Called after a cut."""
        found = cls()
        told = "SELECT log, name, payload::VARCHAR FROM org_record WHERE kind = 'alert'"
        found._said = {(log, name): json.loads(text) for log, name, text in database.rows(told)}
        return found

    def state(self, log: str, alert: Mapping[str, Any], now_ms: int, grace_ms: int) -> dict[str, Any] | None:
        """What the record of an alert that is not resolved has to say of it.

        None while a mute begins or ends, give or take.
        """
        said = self._said.get((log, kept_id(alert["id"])), {})
        from_ms, until_ms = said.get("muted_from"), said.get("muted_until")
        if any(bound is not None and abs(bound - now_ms) <= grace_ms for bound in (from_ms, until_ms)):
            return None
        known = said.get("acknowledged_by") if said.get("opened_at") == alert["opened_ms"] else None
        if until_ms is not None and (from_ms or 0) < now_ms < until_ms:
            return {"state": "muted", "acknowledged_by": known, "muted_by": said.get("muted_by")}
        return {"state": "acknowledged" if known else "open", "acknowledged_by": known, "muted_by": None}
