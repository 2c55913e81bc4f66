"""Any other activity that was logged in the CRM."""

from pipeline import measures
from pipeline.kinds import logged_call
from pipeline.kinds.cells import Cells, add
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation


def anchor_ms(activity: Object) -> int | None:
    """When it happened."""
    occurred_ms: int | None = activity.get("occurred_at")
    return occurred_ms


def references(activity: Object) -> set[str]:
    """The rep whose change may move it."""
    rep = activity.get("rep_id")
    return {f"rep:{rep}"} if rep else set()


def contribute(activity: Object, organisation: Organisation) -> Cells:
    """One activity at its time; a logged call that names a dialer's call counts there and not here."""
    cells: Cells = {}
    occurred_ms = activity.get("occurred_at")
    if not activity.live or occurred_ms is None:
        return cells
    if activity.get("kind") != "call":
        add(cells, organisation.cell(activity.get("rep_id"), occurred_ms), measures.ACTIVITIES)
    elif activity.get("call_id") is None and (call := logged_call.from_activity(activity)):
        logged_call.count(cells, call, organisation)
    return cells
