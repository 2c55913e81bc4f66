"""A meeting: set when it was booked, held or missed when it was to start."""

from pipeline import measures
from pipeline.contributions.cells import Cells, add, at
from pipeline.ledger.objects import Object
from pipeline.organisation.organisation import Organisation


def anchor_ms(meeting: Object) -> int | None:
    """When it starts; when it was booked as long as that is open."""
    starts_ms: int | None = meeting.get("starts_at")
    booked_ms: int | None = meeting.get("booked_at")
    return booked_ms if starts_ms is None else starts_ms


def references(meeting: Object) -> set[str]:
    """The rep whose change may move it."""
    rep = meeting.get("rep_id")
    return {f"rep:{rep}"} if rep else set()


def contribute(meeting: Object, organisation: Organisation) -> Cells:
    """A cancelled meeting stays set; moving it is not a new one."""
    cells: Cells = {}
    if not meeting.live:
        return cells
    rep, booked_ms, starts_ms = meeting.get("rep_id"), meeting.get("booked_at"), meeting.get("starts_at")
    if booked_ms is not None:
        add(cells, at(organisation, rep, booked_ms), measures.MEETINGS_SET)
    if starts_ms is not None and meeting.get("status") == "held":
        place = at(organisation, rep, starts_ms)
        add(cells, place, measures.MEETINGS_HELD)
        add(cells, place, measures.ACTIVITIES)
    elif starts_ms is not None and meeting.get("status") == "no_show":
        add(cells, at(organisation, rep, starts_ms), measures.MEETINGS_MISSED)
    return cells
