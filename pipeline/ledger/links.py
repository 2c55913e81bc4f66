"""What an object says of others: touches, wins, logged calls, and what a merged one passes on."""

from collections.abc import Callable
from typing import Any

from pipeline.kinds.call import connected
from pipeline.kinds.deal_course import course_of
from pipeline.kinds.logged_call import from_activity
from pipeline.objects.histories import value_at
from pipeline.objects.object import LIFE, Object
from pipeline.objects.passing_on import passed_on
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import WON
from schemas.links import LOGGED, MERGE, TOUCH, WIN

Links = dict[tuple[str, str], Any]
"""(kind, key of the object it is for) to the payload: all that the origin has to say of it now."""

_NAMING = frozenset({"lead_id", "deal_id", "account_id", "call_id", LIFE})
"""An object without any of these, as most calls and emails, names no other one: there is nothing that it could say."""
TOPIC_OF_KIND = {"call": "telephony.events"}
"""The log that owns a kind of object; all others are in `crm.events`."""


def topic_of(subject: str) -> str:
    """The logical topic of the log that owns an object."""
    return TOPIC_OF_KIND.get(subject.partition(":")[0], "crm.events")


def links(item: Object, organisation: Organisation) -> Links:
    """Everything an object says of others, given what the organisation knows; pure.

    A merged object says only what it passes on, a deleted one nothing.
    """
    if _NAMING.isdisjoint(item.values):
        return {}
    if item.values.get(LIFE, "live") == "live":
        say = _SAY.get(item.kind)
        return say(item, organisation) if say is not None else {}
    passed = passed_on(item) if item.merged_into is not None else None
    return {(MERGE, item.merged_into): passed} if passed and item.merged_into else {}


def _touches(item: Object, rep: str | None, at_ms: int | None, outbound: bool) -> Links:
    if at_ms is None:
        return {}
    lead, deal = item.values.get("lead_id"), item.values.get("deal_id")
    if lead is None and deal is None:
        return {}
    payload = {"rep": rep, "at_ms": at_ms, "outbound": outbound}
    about = {"lead": lead, "deal": deal}
    return {(TOUCH, f"{kind}:{name}"): payload for kind, name in about.items() if name}


def _call(call: Object, _: Organisation) -> Links:
    direction = call.get("direction")
    if direction == "internal" or (direction == "inbound" and not connected(call)):
        return {}
    return _touches(call, call.get("rep_id"), call.get("started_at"), direction != "inbound")


def _email(email: Object, _: Organisation) -> Links:
    """People's emails only: a lead that got a mailing or an automatic reply was not worked."""
    if email.get("direction") is None or email.get("bulk") or email.get("auto_reply"):
        return {}
    return _touches(email, email.get("rep_id"), email.get("sent_at"), email.get("direction") == "outbound")


def _meeting(meeting: Object, _: Organisation) -> Links:
    return _touches(meeting, meeting.get("rep_id"), meeting.get("booked_at"), True)


def _activity(activity: Object, _: Organisation) -> Links:
    kind, direction = activity.get("kind"), activity.get("direction")
    said: Links = {}
    if kind in ("call", "visit") or direction is not None:
        said.update(_touches(activity, activity.get("rep_id"), activity.get("occurred_at"), direction != "inbound"))
    if kind == "call" and activity.get("call_id") and (call := from_activity(activity)):
        said[LOGGED, f"call:{activity.get('call_id')}"] = call.payload()
    return said


def _deal(deal: Object, organisation: Organisation) -> Links:
    account = deal.get("account_id")
    if account is None:
        return {}
    course = course_of(deal, organisation)
    if course.state != WON or course.closed_ms is None:
        return {}
    owner = value_at(deal.timeline("owner_id"), course.closed_ms)
    return {(WIN, f"account:{account}"): {"won_ms": course.closed_ms, "rep": owner}}


_SAY: dict[str, Callable[[Object, Organisation], Links]] = {
    "activity": _activity,
    "call": _call,
    "deal": _deal,
    "email": _email,
    "meeting": _meeting,
}
