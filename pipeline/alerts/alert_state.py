"""What people did about an alert: whether it is open, acknowledged or muted at an instant. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.alerts import State

Note = Mapping[str, Any]
"""The record of an alert in the organisation: who acknowledged which opening, and who muted it from when until when."""


class Standing(NamedTuple):
    """The state of an alert that is not resolved, and by whom it is that."""

    state: State
    acknowledged_by: str | None = None
    muted_by: str | None = None
    muted_until_ms: int | None = None


def standing(note: Note | None, opened_ms: int, now_ms: int) -> Standing:
    """How an alert stands that opened at an instant. An acknowledgement is of the opening that it names, of no other.

    A mute holds for every opening while it lasts, and afterwards the alert is what it would have been.
    """
    said = note or {}
    by = said.get("acknowledged_by") if said.get("opened_at") == opened_ms else None
    until_ms = said.get("muted_until")
    if until_ms is not None and (said.get("muted_from") or 0) <= now_ms < until_ms:
        return Standing("muted", by, said.get("muted_by"), until_ms)
    return Standing("open" if by is None else "acknowledged", by)
