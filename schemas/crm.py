"""What the CRM says: accounts, leads, deals, meetings, emails, other activities, cost."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from schemas.types import (
    WHOLE_SHARE_BP,
    AmountMinor,
    Change,
    Currency,
    Id,
    Instant,
    LocalDate,
    Milliseconds,
    ShareBp,
    Slug,
    WireModel,
)


class AccountChange(Change):
    """A customer or prospect company."""

    owner_id: Id | None = None
    """The rep responsible for it."""
    created_at: Instant | None = None
    """When it was created in the CRM."""
    region: Slug | None = None
    """Sales region, as the CRM names it."""
    segment: Slug | None = None
    """Market segment or sector, as the CRM names it."""


class LeadChange(Change):
    """A person or company not yet qualified."""

    owner_id: Id | None = None
    """The rep it is assigned to."""
    created_at: Instant | None = None
    """When it came in: the time basis of all lead KPIs."""
    status: Literal["open", "working", "converted", "disqualified"] | None = None
    """Its status; converted and disqualified leads are closed."""
    closed_at: Instant | None = None
    """When it was converted or disqualified."""
    channel: Slug | None = None
    """Where it came from, `web`, `event`."""
    deal_id: Id | None = None
    """The deal it was converted into."""


class DealShare(WireModel):
    """The part of a deal's money that is credited to one rep."""

    rep_id: Id
    """The rep."""
    share_bp: ShareBp
    """The share, in basis points: 2500 are 25 %."""


def whole_split(given: list[DealShare]) -> list[DealShare]:
    """A split as it is given, empty or whole; ValueError for shares that add up to something else, or a rep twice."""
    if given and sum(each.share_bp for each in given) != WHOLE_SHARE_BP:
        raise ValueError(f"allowed are shares that add up to {WHOLE_SHARE_BP}, or none")
    if len({each.rep_id for each in given}) < len(given):
        raise ValueError("allowed is one share a rep")
    return given


Split = Annotated[list[DealShare], Field(max_length=20), AfterValidator(whole_split)]
"""Who is credited with the money of a deal."""


class DealChange(Change):
    """An opportunity. Stage, owner, split, amount and expected close are histories: they hold from the event on."""

    owner_id: Id | None = None
    """The rep who owns it from the event on."""
    account_id: Id | None = None
    """The customer it is with; its first win makes a new customer."""
    process_id: Id | None = None
    """The sales process whose stages it goes through; `default` if absent."""
    stage_id: Slug | None = None
    """The stage it is in from the event on."""
    amount_minor: AmountMinor | None = None
    """Its value from the event on, in minor units of `currency`."""
    currency: Currency | None = None
    """Currency of the amount, from the event on."""
    created_at: Instant | None = None
    """When it was created: the time basis of created deals and the start of its sales cycle."""
    expected_close_on: LocalDate | None = None
    """The local day on which it is expected to close, from the event on."""
    product: Slug | None = None
    """What is sold, as the CRM names it."""
    split: Split | None = None
    """The reps who share the credit for its money from the event on, in place of its owner; the shares add up to 10000.
    An empty list ends it."""


class MeetingChange(Change):
    """A meeting with a prospect or customer."""

    rep_id: Id | None = None
    """Who booked it."""
    booked_at: Instant | None = None
    """When it was booked: the time basis of meetings set."""
    starts_at: Instant | None = None
    """When it is due to begin: the time basis of meetings held. May lie in the future."""
    status: Literal["scheduled", "held", "no_show", "cancelled"] | None = None
    """Its status; a moved meeting stays scheduled."""
    lead_id: Id | None = None
    """The lead it is with."""
    deal_id: Id | None = None
    """The deal it is about."""


class EmailChange(Change):
    """One email, without any of its content."""

    rep_id: Id | None = None
    """The rep who sent or received it."""
    sent_at: Instant | None = None
    """When it was sent."""
    direction: Literal["outbound", "inbound"] | None = None
    """`outbound` is sent by the rep."""
    bulk: bool | None = None
    """Sent to many by a sequence or campaign."""
    auto_reply: bool | None = None
    """Whether it is an automatic reply."""
    lead_id: Id | None = None
    """The lead it was exchanged with."""
    deal_id: Id | None = None
    """The deal it is about."""


class ActivityChange(Change):
    """Any other activity logged in the CRM, including calls logged by hand."""

    kind: Literal["call", "task", "note", "visit", "other"] | None = None
    """What was done."""
    rep_id: Id | None = None
    """The rep who did it."""
    occurred_at: Instant | None = None
    """When it was done."""
    call_id: Id | None = None
    """The dialer's id of the same call, if known: the two then count once."""
    direction: Literal["outbound", "inbound"] | None = None
    """For a call: its direction; `outbound` if absent."""
    dials: int | None = Field(default=None, ge=0, le=1000)
    """Attempts that one logged call stands for; 1 if absent."""
    connected: bool | None = None
    """Whether a person answered."""
    talk_seconds: Milliseconds | None = None
    """For a call: time spent talking."""
    lead_id: Id | None = None
    """The lead it concerns."""
    deal_id: Id | None = None
    """The deal it concerns."""


class CostChange(Change):
    """Sales and marketing cost of a period, for customer acquisition cost; accrued evenly over its local days."""

    PERIOD = ("period_start", "period_end")
    team_id: Id | None = None
    """The team that bears the cost; the company if absent."""
    amount_minor: AmountMinor | None = None
    """Total cost of the period, in minor units of `currency`."""
    currency: Currency | None = None
    """Currency of the amount."""
    period_start: LocalDate | None = None
    """The first local day of the period."""
    period_end: LocalDate | None = None
    """The last day of the period, inclusive."""
    category: Slug | None = None
    """What it was spent on, as named in the books."""


class ObservationChange(Change):
    """What somebody saw of a rep or a team that no system counts: a talk with them, or how good something was."""

    name: Literal["one_to_one", "coaching_session", "call_quality", "customer_satisfaction"] | None = None
    """What was observed: a talk of a manager with a rep, coaching, how good calls were, how content customers."""
    rep_id: Id | None = None
    """The rep it is of."""
    team_id: Id | None = None
    """The team it is of, where no rep is named."""
    observed_at: Instant | None = None
    """When it was: its time basis."""
    value: int | None = Field(default=None, ge=0, le=1_000_000)
    """Of a quality: how good, from 0 to `scale`; it does not count without."""
    scale: int | None = Field(default=None, ge=1, le=1_000_000)
    """The best value there is: 5 where one to five stars are given, 100 for a percentage."""
    count: int | None = Field(default=None, ge=0, le=100_000)
    """How many it stands for, all of this value; 1 if absent."""


class SurveyChange(Change):
    """A pulse survey of one team: how many of its people gave which answer. Nothing says who gave one.

    It counts when it ends: told earlier, it is not seen before.
    """

    team_id: Id | None = None
    """The team that was asked."""
    ends_at: Instant | None = None
    """When it ends: its time basis. May lie in the future."""
    invited: int | None = Field(default=None, ge=0, le=1_000_000)
    """How many were asked."""
    promoters: int | None = Field(default=None, ge=0, le=1_000_000)
    """How many answered 9 or 10 of 10."""
    passives: int | None = Field(default=None, ge=0, le=1_000_000)
    """How many answered 7 or 8."""
    detractors: int | None = Field(default=None, ge=0, le=1_000_000)
    """How many answered 0 to 6."""


CHANGES: dict[str, type[Change]] = {
    "account": AccountChange,
    "lead": LeadChange,
    "deal": DealChange,
    "meeting": MeetingChange,
    "email": EmailChange,
    "activity": ActivityChange,
    "cost": CostChange,
    "observation": ObservationChange,
    "survey": SurveyChange,
}
"""By kind of object, what an event says of it."""
