"""Any other activity that was logged in the CRM."""

from typing import get_args

from pipeline import measures
from pipeline.kinds import logged_call
from pipeline.kinds.cells import Cells, add
from pipeline.kinds.kind import Kind, Said, activity_until_ms, anchored_by, over_while_counted
from pipeline.kinds.touches import NAMES, touches
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from schemas.links import LOGGED
from schemas.sales_rules import AdministrativeKind

ADMINISTRATIVE = frozenset(get_args(AdministrativeKind))
"""What somebody wrote down, or means to do: of no rep's work, unless a policy says that it counts."""
_occurred_ms = anchored_by("occurred_at")


def references(activity: Object) -> set[str]:
    """The rep whose change may move it."""
    rep = activity.get("rep_id")
    return {f"rep:{rep}"} if rep else set()


def contribute(activity: Object, organisation: Organisation) -> Cells:
    """One activity at its time; a logged call that names a dialer's call counts there and not here.

    A note or a task counts where a policy of its time says so.
    """
    cells: Cells = {}
    occurred_ms = activity.get("occurred_at")
    if not activity.live or occurred_ms is None:
        return cells
    kind = activity.get("kind")
    if kind in ADMINISTRATIVE and kind not in organisation.policies.counted_activities(occurred_ms):
        return cells
    if kind != "call":
        add(cells, organisation.cell(activity.get("rep_id"), occurred_ms), measures.ACTIVITIES)
    elif activity.get("call_id") is None and (call := logged_call.from_activity(activity)):
        logged_call.count(cells, call, organisation)
    return cells


def say(activity: Object, _: Organisation) -> Said:
    """A touch where people met or talked, and what it logged of a dialer's call; a contact if somebody was there."""
    kind, direction, occurred_ms = activity.get("kind"), activity.get("direction"), activity.get("occurred_at")
    said: Said = {}
    if kind in ("call", "visit") or direction is not None:
        reached = kind == "visit" or (kind == "call" and activity.get("connected"))
        contact_ms = occurred_ms if reached else None
        rep = activity.get("rep_id")
        said.update(touches(activity, rep, occurred_ms, direction != "inbound", contact_ms=contact_ms))
    if kind == "call" and activity.get("call_id") and (call := logged_call.from_activity(activity)):
        said[LOGGED, f"call:{activity.get('call_id')}"] = call.payload()
    return said


ACTIVITY = Kind(
    name="activity",
    domain="crm",
    fields={
        "kind": 2,
        "rep_id": 3,
        "occurred_at": 4,
        "call_id": 5,
        "direction": 6,
        "dials": 7,
        "connected": 8,
        "talk_seconds": 9,
        "lead_id": 10,
        "deal_id": 11,
    },
    past=("occurred_at",),
    names=NAMES | {"call_id"},
    anchor_ms=_occurred_ms,
    until_ms=activity_until_ms(lambda activity: _occurred_ms(activity.values)),
    over_days=over_while_counted,
    contribute=contribute,
    references=references,
    say=say,
)
