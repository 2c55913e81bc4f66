"""What the CRM says: accounts, leads, deals, meetings, emails, other activities, cost."""

from typing import Literal

from pydantic import Field

from schemas.types import AmountMinor, Change, Currency, Id, Instant, LocalDate, Milliseconds, Slug


class AccountChange(Change):
    """A customer or prospect company."""

    owner_id: Id | None = None
    created_at: Instant | None = None
    region: Slug | None = None
    segment: Slug | None = None


class LeadChange(Change):
    """A person or company not yet qualified."""

    owner_id: Id | None = None
    created_at: Instant | None = None
    status: Literal["open", "working", "converted", "disqualified"] | None = None
    closed_at: Instant | None = None
    """When it was converted or disqualified."""
    channel: Slug | None = None
    deal_id: Id | None = None
    """The deal it was converted into."""


class DealChange(Change):
    """An opportunity. Stage, owner, amount and expected close are histories: they hold from the event's time on."""

    owner_id: Id | None = None
    account_id: Id | None = None
    process_id: Id | None = None
    """The sales process whose stages it goes through; `default` where absent."""
    stage_id: Slug | None = None
    amount_minor: AmountMinor | None = None
    currency: Currency | None = None
    created_at: Instant | None = None
    expected_close_on: LocalDate | None = None
    product: Slug | None = None


class MeetingChange(Change):
    """A meeting with a prospect or customer."""

    rep_id: Id | None = None
    """Who booked it."""
    booked_at: Instant | None = None
    starts_at: Instant | None = None
    status: Literal["scheduled", "held", "no_show", "cancelled"] | None = None
    lead_id: Id | None = None
    deal_id: Id | None = None


class EmailChange(Change):
    """One email, without any of its content."""

    rep_id: Id | None = None
    sent_at: Instant | None = None
    direction: Literal["outbound", "inbound"] | None = None
    bulk: bool | None = None
    """Sent to many by a sequence or campaign."""
    auto_reply: bool | None = None
    lead_id: Id | None = None
    deal_id: Id | None = None


class ActivityChange(Change):
    """Any other activity logged in the CRM, calls that were logged by hand among them."""

    kind: Literal["call", "task", "note", "visit", "other"] | None = None
    rep_id: Id | None = None
    occurred_at: Instant | None = None
    call_id: Id | None = None
    """The dialer's id of the same call, where known: the two then count once."""
    direction: Literal["outbound", "inbound"] | None = None
    dials: int | None = Field(default=None, ge=0, le=1000)
    """Attempts that one logged call stands for; 1 where absent."""
    connected: bool | None = None
    """Whether a person answered."""
    talk_seconds: Milliseconds | None = None
    lead_id: Id | None = None
    deal_id: Id | None = None


class CostChange(Change):
    """Sales and marketing cost of a period, for customer acquisition cost; accrued evenly over its local days."""

    team_id: Id | None = None
    """Whose cost; the whole company's where absent."""
    amount_minor: AmountMinor | None = None
    currency: Currency | None = None
    period_start: LocalDate | None = None
    period_end: LocalDate | None = None
    """The last day of the period, inclusive."""
    category: Slug | None = None
