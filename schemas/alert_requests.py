"""What people ask of the board to be done about an alert (JSON, in the body of a request)."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from schemas.types import Instant, Slug, WireModel

AlertId = Annotated[str, StringConstraints(min_length=3, max_length=300, pattern=r"^[!-~]+$")]


class AlertRequest(WireModel):
    """Somebody ends the mute of an alert. It need not be open."""

    model_config = ConfigDict(extra="forbid")

    id: AlertId
    """The id of the alert, as its record has it."""
    by: Slug
    """Who does it: a pseudonymous name, kept in the log."""


class Acknowledgement(AlertRequest):
    """Somebody acknowledges an alert as it stands; once it opens again nobody has."""

    opened_ms: int | None = None
    """The opening that is meant, as the record has it; the present one if absent."""


class Mute(AlertRequest):
    """Somebody mutes an alert for a while, however often it opens meanwhile. It need not be open."""

    until: Instant | None = None
    """Until when, a time with its zone."""
    minutes: Annotated[int, Field(ge=1, le=366 * 24 * 60)] | None = None
    """In place of that: for how long."""

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if (self.until is None) == (self.minutes is None):
            raise ValueError("allowed is one of until and minutes")
        return self

    def until_ms(self, now_ms: int) -> int:
        """The end of a mute that begins now; ValueError where it lies behind."""
        end_ms = self.until if self.until is not None else now_ms + (self.minutes or 0) * 60_000
        if end_ms <= now_ms:
            raise ValueError("until: allowed is a time to come")
        return end_ms


class AcceptedAction(WireModel):
    """It is in the log; the alert says so within a minute."""

    id: str
    """The id of the alert."""
    said: str
    """What was written, in words."""


class OfferedActions(WireModel):
    """What this board lets people do about alerts, who have its token."""

    alerts: list[str]
    """`ack`, `mute` and `unmute`; none where it has no token."""
