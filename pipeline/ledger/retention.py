"""What a ledger remembers and for how long: one predicate, so that forgetting never changes a figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.kinds import activity, call, cost, email, meeting
from pipeline.kinds.deal_course import course_of
from pipeline.objects.object import Object
from pipeline.organisation.days import DAY_MS
from pipeline.organisation.organisation import Organisation

_ANCHORS: Mapping[str, Callable[[Object], int | None]] = {
    "activity": activity.anchor_ms,
    "call": call.anchor_ms,
    "cost": cost.anchor_ms,
    "email": email.anchor_ms,
    "meeting": meeting.anchor_ms,
}


@dataclass(frozen=True, slots=True)
class LedgerPolicy:
    """What shapes the results of a ledger; all of it is in the state's fingerprint (`pipeline/fingerprint.py`).

    `part_cells` is how many cells a part of facts has, `slice_objects` how many objects of an organisation change are
    worked on at a time. `clock_ms` and `feed_ms` are how often, in append time, facts tell the time and that a source
    is alive; an event older than `live_ms` when it is appended is history, and tells nothing of that. `swept_objects`
    are looked at on every tick, to collect what is forgotten.
    """

    activity_days: int = 35
    closed_deal_days: int = 400
    future_tolerance_ms: int = 300_000
    currency: str = "EUR"
    part_cells: int = 256
    slice_objects: int = 500
    clock_ms: int = 5_000
    feed_ms: int = 10_000
    live_ms: int = 3_600_000
    swept_objects: int = 500

    def retention_ms(self) -> dict[str, int]:
        """How long records of a kind are taken in; a kind that is not here, for ever."""
        activity_ms, closed_ms = self.activity_days * DAY_MS, self.closed_deal_days * DAY_MS
        return dict.fromkeys(("activity", "agent", "call", "email", "meeting"), activity_ms) | {"cost": closed_ms}


def remembered_until_ms(item: Object, organisation: Organisation, policy: LedgerPolicy) -> int | None:
    """The instant after which an object counts as absent, swept away or not; None: it is never forgotten.

    Accounts, open deals, known leads, and what was deleted or merged of these, are never forgotten. A closed deal is
    remembered from its closing or from when it was last heard of, whichever is later: so an import of old deals in any
    order does not find half of a deal forgotten.
    """
    kind = item.kind
    find = _ANCHORS.get(kind)
    if find is not None:
        anchor_ms = find(item)
        days = policy.closed_deal_days if kind == "cost" else policy.activity_days
        return (item.newest_ms if anchor_ms is None else anchor_ms) + days * DAY_MS
    if kind == "account" or (kind == "lead" and item.get("created_at") is not None):
        return None
    if kind in ("deal", "lead") and item.has_events:
        if not item.live:
            return None
        if kind == "deal":
            return _deal_until_ms(item, organisation, policy)
    return item.newest_ms + policy.activity_days * DAY_MS


def _deal_until_ms(deal: Object, organisation: Organisation, policy: LedgerPolicy) -> int | None:
    closed_ms = course_of(deal, organisation).closed_ms
    return None if closed_ms is None else max(closed_ms, deal.heard_day * DAY_MS) + policy.closed_deal_days * DAY_MS
