"""What the dialer says: calls and agent states."""

from typing import Literal

from schemas.types import Change, Id, Instant, Milliseconds, Slug


class CallChange(Change):
    """One call, whichever legs it had. Durations are seconds on the wire and milliseconds once read."""

    rep_id: Id | None = None
    """The rep who dialled, or the one who answered or was rung last."""
    team_id: Id | None = None
    """The team whose queue it came in on, for calls that no rep took."""
    direction: Literal["outbound", "inbound", "internal"] | None = None
    state: Literal["queued", "ringing", "answered", "ended"] | None = None
    outcome: (
        Literal["answered", "voicemail", "no_answer", "busy", "bad_number", "failed", "cancelled", "abandoned"] | None
    ) = None
    """`answered` is by a person; `abandoned` is an inbound caller who gave up."""
    started_at: Instant | None = None
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    ringing_seconds: Milliseconds | None = None
    wait_seconds: Milliseconds | None = None
    """Time in the queue until answer or abandon, greeting and menu excluded."""
    talk_seconds: Milliseconds | None = None
    """Without hold; where absent, ended - answered - hold."""
    hold_seconds: Milliseconds | None = None
    wrap_up_seconds: Milliseconds | None = None
    queue_id: Slug | None = None
    lead_id: Id | None = None
    deal_id: Id | None = None


class AgentStateChange(Change):
    """What a rep's phone is set to from the event's time on."""

    state: Literal["available", "ringing", "on_call", "wrap_up", "break", "offline"] | None = None
