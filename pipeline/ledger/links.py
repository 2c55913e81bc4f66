"""What an object says of others: touches, wins, leads, logged calls, and what a merged one passes on."""

from typing import Any

from pipeline.kinds import kind_named
from pipeline.kinds.kind import Said
from pipeline.objects.merge_links import passed_on
from pipeline.objects.object import LIFE, Object
from pipeline.organisation.object_policies import ObjectPolicies
from pipeline.organisation.organisation import Organisation
from schemas.links import BECAME, MERGE, TOUCH, WIN

_NOTHING: Said = {}


def topic_of(subject: str) -> str:
    """The logical topic of the log that owns an object."""
    return kind_named(subject.partition(":")[0]).log


def links(item: Object, organisation: Organisation) -> Said:
    """Everything an object says of others, given what the organisation knows; pure.

    A merged object says when it was, and what it passes on: so the other one lives where that came later than its own
    end. One that was itself revived passes nothing on. A deleted one says nothing. Placeholder ids stand for no one.
    """
    if item.values.get(LIFE, "live") == "live":
        return _own(item, organisation)
    into, version, ended = item.merged_into, item.older.get(LIFE, item.version), item.ended
    said = {} if ended else _own(item, organisation)
    if into is None or version is None:
        return said
    return {**said, (MERGE, into): {"passed": passed_on(item) if ended else [], "version": list(version)}}


def _own(item: Object, organisation: Organisation) -> Said:
    kind = kind_named(item.kind)
    if kind.names.isdisjoint(item.values):
        return _NOTHING
    said = kind.say(item, organisation)
    return _of_somebody(said, organisation.policies) if said else said


def _of_somebody(said: Said, policies: ObjectPolicies) -> Said:
    return {about: payload for about, payload in said.items() if not _means_nobody(about, payload, policies)}


def _means_nobody(about: tuple[str, str], payload: dict[str, Any], policies: ObjectPolicies) -> bool:
    """Whether a touch, a win or a lead is of an id that stood for nobody when it happened."""
    kind, subject = about
    at_ms = payload["at_ms"] if kind in (TOUCH, BECAME) else payload["won_ms"] if kind == WIN else None
    return at_ms is not None and subject.partition(":")[2].lower() in policies.nobody(at_ms)
