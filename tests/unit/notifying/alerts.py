"""Records of alerts, as the log has them one after another."""

from typing import Any

from schemas.alerts import Alert
from tests.harness.published import NOON_MS, silent

FIRST, SECOND = NOON_MS, NOON_MS + 3_600_000
"""When an alert opens, and opens again."""


def opened(opened_ms: int = FIRST, offset: int = 1, generation: int = 1, **changed: Any) -> Alert:
    """A rep's alert that is open, or what it becomes."""
    told = silent("rep:7@north", "team:north")
    return told.model_copy(update={"opened_ms": opened_ms, "version": [generation, offset], **changed})


def acknowledged(opened_ms: int = FIRST, offset: int = 2, by: str = "lead-1", **changed: Any) -> Alert:
    """The same, acknowledged."""
    return opened(opened_ms, offset, state="acknowledged", acknowledged_by=by, **changed)


def muted(opened_ms: int = FIRST, offset: int = 2, until_ms: int = SECOND, **changed: Any) -> Alert:
    """The same, muted."""
    return opened(opened_ms, offset, state="muted", muted_by="lead-1", muted_until_ms=until_ms, **changed)


def resolved(opened_ms: int = FIRST, offset: int = 3, **changed: Any) -> Alert:
    """The same, resolved a minute after it opened."""
    ending = {"state": "resolved", "resolved_ms": opened_ms + 60_000, "ending": "activity"}
    return opened(opened_ms, offset, **{**ending, **changed})
