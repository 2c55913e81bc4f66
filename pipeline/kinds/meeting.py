"""A meeting: set when it was booked; held, missed or pending when it was to start."""

from pipeline import measures
from pipeline.kinds.cells import Cells, add, by_day
from pipeline.kinds.kind import Kind, Said, activity_until_ms, anchored_by, over_while_counted
from pipeline.kinds.touches import NAMES, touches
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation

_SET = {measures.MEETINGS_SET: 1}
_BY_STATUS: dict[str | None, dict[str, int]] = {
    "held": {measures.MEETINGS_HELD: 1, measures.ACTIVITIES: 1},
    "no_show": {measures.MEETINGS_MISSED: 1},
}
CALLED_OFF = "cancelled"


def references(meeting: Object) -> set[str]:
    """The rep whose change may move it."""
    rep = meeting.get("rep_id")
    return {f"rep:{rep}"} if rep else set()


def contribute(meeting: Object, organisation: Organisation) -> Cells:
    """A cancelled meeting stays set; moving it is not a new one.

    One of which nobody has told how it went is pending on the day on which it starts, as long as it lies ahead too.
    """
    if not meeting.live:
        return {}
    get = meeting.values.get
    rep, booked_ms, starts_ms, status = get("rep_id"), get("booked_at"), get("starts_at"), get("status")
    cells: Cells = {}
    if booked_ms is not None:
        cells[organisation.cell(rep, booked_ms)] = _SET
    if starts_ms is not None:
        place = organisation.cell(rep, starts_ms)
        if counts := _BY_STATUS.get(status):
            cells[place] = counts | cells.get(place, {})
        elif status != CALLED_OFF:
            add(cells, by_day(place), measures.MEETINGS_PENDING)
    return cells


def _anchor_ms(meeting: Object) -> int:
    """When it starts; as long as that is open, when it was booked or last heard of."""
    starts_ms: int | None = meeting.get("starts_at")
    return starts_ms if starts_ms is not None else max(meeting.newest_ms, meeting.get("booked_at") or 0)


def say(meeting: Object, _: Organisation) -> Said:
    """A touch when it was booked, or held where nobody says when it was booked; a contact when it was held.

    Both sides meet when it takes place, unless it does not.
    """
    status, starts_ms, booked_ms = meeting.get("status"), meeting.get("starts_at"), meeting.get("booked_at")
    held_ms = starts_ms if status == "held" else None
    return touches(
        meeting,
        meeting.get("rep_id"),
        held_ms if booked_ms is None else booked_ms,
        True,
        _anchor_ms(meeting),
        meets_ms=None if status in (CALLED_OFF, "no_show") else starts_ms,
        contact_ms=held_ms,
    )


MEETING = Kind(
    name="meeting",
    domain="crm",
    fields={"rep_id": 2, "booked_at": 3, "starts_at": 4, "status": 5, "lead_id": 6, "deal_id": 7},
    past=("booked_at",),
    names=NAMES,
    anchor_ms=anchored_by("starts_at"),
    until_ms=activity_until_ms(_anchor_ms),
    over_days=over_while_counted,
    contribute=contribute,
    references=references,
    say=say,
)
