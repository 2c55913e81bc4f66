"""An email."""

from pipeline import measures
from pipeline.kinds.cells import Cells
from pipeline.kinds.kind import Kind, Said, activity_until_ms, anchored_by, over_while_counted
from pipeline.kinds.touches import NAMES, touches
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation

_sent_ms = anchored_by("sent_at")
_BULK = {measures.EMAILS_BULK: 1}
_PERSONAL = {measures.EMAILS: 1, measures.ACTIVITIES: 1}


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


def say(email: Object, _: Organisation) -> Said:
    """People's emails only: a lead that got a mailing or an automatic reply was not worked. Theirs are contacts."""
    if email.get("direction") is None or email.get("bulk") or email.get("auto_reply"):
        return {}
    sent_ms, outbound = email.get("sent_at"), email.get("direction") == "outbound"
    return touches(email, email.get("rep_id"), sent_ms, outbound, contact_ms=None if outbound else sent_ms)


EMAIL = Kind(
    name="email",
    domain="crm",
    fields={"rep_id": 2, "sent_at": 3, "direction": 4, "bulk": 5, "auto_reply": 6, "lead_id": 7, "deal_id": 8},
    past=("sent_at",),
    names=NAMES,
    anchor_ms=_sent_ms,
    until_ms=activity_until_ms(lambda email: _sent_ms(email.values)),
    over_days=over_while_counted,
    contribute=contribute,
    references=references,
    say=say,
)
