"""An email."""

from pipeline import measures
from pipeline.contributions.cells import Cells, add, at
from pipeline.ledger.objects import Object
from pipeline.organisation.organisation import Organisation


def anchor_ms(email: Object) -> int | None:
    """When it was sent."""
    sent_ms: int | None = email.get("sent_at")
    return sent_ms


def references(email: Object) -> set[str]:
    """The rep whose change may move it."""
    rep = email.get("rep_id")
    return {f"rep:{rep}"} if rep else set()


def contribute(email: Object, organisation: Organisation) -> Cells:
    """One outbound email when it was sent, bulk ones apart; nothing for inbound ones and automatic replies."""
    cells: Cells = {}
    sent_ms = email.get("sent_at")
    if not email.live or sent_ms is None or email.get("direction") != "outbound" or email.get("auto_reply"):
        return cells
    place = at(organisation, email.get("rep_id"), sent_ms)
    if email.get("bulk"):
        add(cells, place, measures.EMAILS_BULK)
    else:
        add(cells, place, measures.EMAILS)
        add(cells, place, measures.ACTIVITIES)
    return cells
