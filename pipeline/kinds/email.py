"""An email."""

from pipeline import measures
from pipeline.kinds.cells import Cells
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation

_BULK = {measures.EMAILS_BULK: 1}
_PERSONAL = {measures.EMAILS: 1, measures.ACTIVITIES: 1}


def anchor_ms(email: Object) -> int | None:
    """When it was sent."""
    sent_ms: int | None = email.values.get("sent_at")
    return sent_ms


def references(email: Object) -> set[str]:
    """The rep whose change may move it."""
    rep = email.get("rep_id")
    return {f"rep:{rep}"} if rep else set()


def contribute(email: Object, organisation: Organisation) -> Cells:
    """One outbound email when it was sent, bulk ones apart; nothing for inbound ones and automatic replies."""
    get = email.values.get
    sent_ms = get("sent_at")
    if sent_ms is None or get("direction") != "outbound" or get("auto_reply") or not email.live:
        return {}
    return {organisation.cell(get("rep_id"), sent_ms): _BULK if get("bulk") else _PERSONAL}
