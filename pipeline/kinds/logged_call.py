"""A call as it was logged in the CRM, by hand or by an integration."""

from typing import Any, NamedTuple

from pipeline import measures
from pipeline.kinds.cells import Cells, add, merge
from pipeline.kinds.conversation import conversation
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation


class LoggedCall(NamedTuple):
    """What a CRM says of a call. Without a direction it was outbound: people log what they did.

    Somebody who was reached was dialled once at least, whatever the number of dials says.
    """

    rep: str | None
    at_ms: int
    outbound: bool
    dials: int
    connected: bool
    talk_ms: int | None

    def payload(self) -> dict[str, Any]:
        """What the activity says of it to the dialer's call."""
        return {
            "rep": self.rep,
            "at_ms": self.at_ms,
            "outbound": self.outbound,
            "dials": self.dials,
            "connected": self.connected,
            "talk_ms": self.talk_ms,
        }


def from_payload(payload: dict[str, Any]) -> LoggedCall:
    """Read what `payload` gave."""
    return LoggedCall(**payload)


def from_activity(activity: Object) -> LoggedCall | None:
    """The call an activity stands for; None while its time is not known."""
    at_ms = activity.get("occurred_at")
    if at_ms is None:
        return None
    dials, connected = activity.get("dials"), bool(activity.get("connected"))
    return LoggedCall(
        rep=activity.get("rep_id"),
        at_ms=at_ms,
        outbound=activity.get("direction") != "inbound",
        dials=1 if dials is None else max(dials, int(connected)),
        connected=connected,
        talk_ms=activity.get("talk_seconds"),
    )


def count(cells: Cells, call: LoggedCall, organisation: Organisation) -> None:
    """Count it, all at its time. It says nothing of queues: an inbound one is not `offered`."""
    place = organisation.cell(call.rep, call.at_ms)
    add(cells, place, measures.CALLS)
    if call.outbound or call.connected:
        add(cells, place, measures.ACTIVITIES)
    if call.outbound:
        add(cells, place, measures.DIALS, call.dials)
    if call.connected:
        add(cells, place, measures.CONNECTED)
        if call.talk_ms is not None:
            add(cells, place, measures.TALK_LEGS)
            add(cells, place, measures.TALK_MS, call.talk_ms)
        if call.outbound:
            add(cells, place, measures.CONNECTED_DIALS)
            merge(cells, place, conversation((call.talk_ms,)))
