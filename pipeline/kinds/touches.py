"""What an activity says of a lead and a deal: that somebody was in touch with them."""

from typing import Any

from pipeline.kinds.kind import Said
from pipeline.objects.object import Object
from schemas.links import TOUCH

NAMES = frozenset({"lead_id", "deal_id"})
"""The fields that say with whom."""


def touches(
    item: Object,
    rep: str | None,
    at_ms: int | None,
    outbound: bool,
    anchor_ms: int | None = None,
    *,
    meets_ms: int | None = None,
    contact_ms: int | None = None,
) -> Said:
    """A touch for each of the lead and the deal that it names; none while its time is not known.

    `anchor_ms` is the time by which the activity is remembered, where that may be another one; `meets_ms` is when both
    sides meet, which may lie ahead. `contact_ms` is when both sides were in contact, None where they were not: of deals
    nobody asks that.
    """
    if at_ms is None:
        return {}
    lead, deal = item.values.get("lead_id"), item.values.get("deal_id")
    if lead is None and deal is None:
        return {}
    payload: dict[str, Any] = {"rep": rep, "at_ms": at_ms, "outbound": outbound}
    if anchor_ms is not None and anchor_ms != at_ms:
        payload["anchor_ms"] = anchor_ms
    if meets_ms is not None and meets_ms > at_ms:
        payload["meets_ms"] = meets_ms
    said: Said = {(TOUCH, f"deal:{deal}"): payload} if deal else {}
    if lead:
        said[TOUCH, f"lead:{lead}"] = payload if contact_ms is None else {**payload, "contact_ms": contact_ms}
    return said
