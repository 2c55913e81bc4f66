"""A lead: created, worked once somebody reached out since, waiting until then."""

from pipeline import measures
from pipeline.kinds.cells import Cells, add, standing
from pipeline.kinds.kind import Kind, Retention, heard_of_until_ms, never_late
from pipeline.objects.merge_links import first_said
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from schemas.links import LAST


def references(lead: Object) -> set[str]:
    """The rep whose change may move it."""
    owner = lead.get("owner_id")
    return {f"rep:{owner}"} if owner else set()


def contribute(lead: Object, organisation: Organisation) -> Cells:
    """A cohort by creation, for its owner; and one that stands while it is open and nobody reached out since."""
    cells: Cells = {}
    created_ms = lead.get("created_at")
    if not lead.live or created_ms is None:
        return cells
    owner = lead.get("owner_id")
    place = organisation.cell(owner, created_ms)
    add(cells, place, measures.LEADS_CREATED)
    last = first_said(lead, LAST, outbound=True)
    if last is not None and last[0] >= created_ms:
        add(cells, place, measures.LEADS_WORKED)
    elif lead.get("status") in (None, "open"):
        add(cells, standing(organisation, owner), measures.LEADS_WAITING)
    return cells


def _until_ms(lead: Object, _: Organisation, retention: Retention) -> int | None:
    """A lead that anything was told of is kept; one only heard of goes with the activities that named it."""
    return None if lead.has_events else heard_of_until_ms(lead, retention)


LEAD = Kind(
    name="lead",
    domain="crm",
    fields={"owner_id": 2, "created_at": 3, "status": 4, "closed_at": 5, "channel": 6, "deal_id": 7},
    past=("created_at", "closed_at"),
    limit_ms=never_late,
    until_ms=_until_ms,
    contribute=contribute,
    references=references,
)
