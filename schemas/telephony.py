"""What the dialer says: calls and agent states."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.types import Change, Id, Instant, Milliseconds, Slug, WireModel


class CallLeg(WireModel):
    """The part of a call that one rep had. A transfer ends one leg and begins another; the call stays the same."""

    rep_id: Id | None = None
    """The rep who took it."""
    team_id: Id | None = None
    """The team whose queue it came in on, where no rep is known."""
    answered_at: Instant | None = None
    """When the rep took it; absent if it only rang."""
    ended_at: Instant | None = None
    """When it ended, or stopped ringing: the time basis of its talk time; with the call if absent."""
    talk_seconds: Milliseconds | None = None
    """Talk time, hold excluded; if absent, ended - answered - hold."""
    hold_seconds: Milliseconds | None = None
    """Time on hold, all holds together; none if absent."""
    wrap_up_seconds: Milliseconds | None = None
    """Work of this rep after it; not known yet if absent."""


class CallChange(Change):
    """One call, whichever legs it had. Durations are seconds on the wire and milliseconds once read."""

    rep_id: Id | None = None
    """The rep who dialled, or the one who answered or was rung last."""
    team_id: Id | None = None
    """The team whose queue it came in on, for calls no rep took."""
    direction: Literal["outbound", "inbound", "internal"] | None = None
    """Its direction; internal calls do not count."""
    state: Literal["queued", "ringing", "answered", "ended"] | None = None
    """Its progress."""
    outcome: (
        Literal["answered", "voicemail", "no_answer", "busy", "bad_number", "failed", "cancelled", "abandoned"] | None
    ) = None
    """`answered` is by a person; `abandoned` is an inbound caller who gave up."""
    started_at: Instant | None = None
    """When it was dialled, or came in: the time basis of all call counts."""
    answered_at: Instant | None = None
    """When a person answered."""
    ended_at: Instant | None = None
    """When it ended: the time basis of talk time."""
    ringing_seconds: Milliseconds | None = None
    """Ringing time, at the rep or at the other party."""
    wait_seconds: Milliseconds | None = None
    """Time in the queue until answer or abandon, greeting and menu excluded."""
    talk_seconds: Milliseconds | None = None
    """Talk time, hold excluded; if absent, ended - answered - hold."""
    hold_seconds: Milliseconds | None = None
    """Time on hold, all holds together; none if absent."""
    wrap_up_seconds: Milliseconds | None = None
    """Work after the call; not known yet if absent."""
    queue_id: Slug | None = None
    """The queue it came in on."""
    lead_id: Id | None = None
    """The lead it was with."""
    deal_id: Id | None = None
    """The deal it was about."""
    legs: Annotated[list[CallLeg], Field(max_length=50)] | None = None
    """All its legs so far, if it had several: the call counts for who answered first, talk, hold and wrap-up of each
    for its own, and those that the call itself tells do not count then. A leg that its rep did not answer is a missed
    ring."""


class AgentStateChange(Change):
    """Status of a rep's phone from the event's time on."""

    state: Literal["available", "ringing", "on_call", "wrap_up", "break", "offline"] | None = None
    """Available, busy with a call or after it, away for a while, or not at work."""
    reason: Slug | None = None
    """Why the rep is away, as the dialer calls it: `lunch`, `training`. It is of this state alone: a state that comes
    without a reason has none."""


CHANGES: dict[str, type[Change]] = {
    "call": CallChange,
    "agent": AgentStateChange,
}
"""By kind of object, what an event says of it."""
