"""What the webhook is told of alerts (JSON, signed as Standard Webhooks)."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import WithJsonSchema

from schemas.alerts import Alert
from schemas.types import WireModel

What = Literal["alert.opened", "alert.acknowledged", "alert.muted", "alert.unmuted", "alert.resolved"]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class NotifiedAlert(Alert):
    """An alert as it stands by then."""

    summary: str
    """What it says, in words; with display names, where there is a directory."""
    names: Mapping[str, str]
    """Display names, by scope, of whom it is about and of the team; empty without a directory."""


class Notification(WireModel):
    """What happened to an alert. The header `webhook-id` is the same of each copy: pass over one that you have."""

    type: What
    """`alert.opened` once, and after a mute that it opened under; `alert.unmuted` if a mute is over and it is still
    open; `alert.resolved` only if somebody was told that it is open."""
    timestamp: Moment
    """When, RFC 3339, by the log's clock."""
    data: NotifiedAlert
    """The alert."""
