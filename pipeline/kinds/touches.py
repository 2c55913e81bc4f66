"""What an activity says of a lead and a deal: that somebody was in touch with them."""

from pipeline.kinds.kind import Said
from pipeline.objects.object import Object
from schemas.links import TOUCH

NAMES = frozenset({"lead_id", "deal_id"})
"""The fields that say with whom."""


def touches(item: Object, rep: str | None, at_ms: int | None, outbound: bool) -> Said:
    """A touch for each of the lead and the deal that it names; none while its time is not known."""
    if at_ms is None:
        return {}
    lead, deal = item.values.get("lead_id"), item.values.get("deal_id")
    if lead is None and deal is None:
        return {}
    payload = {"rep": rep, "at_ms": at_ms, "outbound": outbound}
    about = {"lead": lead, "deal": deal}
    return {(TOUCH, f"{kind}:{name}"): payload for kind, name in about.items() if name}
