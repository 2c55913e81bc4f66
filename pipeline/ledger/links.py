"""What an object says of others: touches, wins, logged calls, and what a merged one passes on."""

from typing import Any

from pipeline.kinds import kind_named
from pipeline.kinds.kind import Said
from pipeline.objects.merge_links import passed_on
from pipeline.objects.object import LIFE, Object
from pipeline.organisation.object_policies import ObjectPolicies
from pipeline.organisation.organisation import Organisation
from schemas.links import MERGE, TOUCH, WIN


def topic_of(subject: str) -> str:
    """The logical topic of the log that owns an object."""
    return kind_named(subject.partition(":")[0]).log


def links(item: Object, organisation: Organisation) -> Said:
    """Everything an object says of others, given what the organisation knows; pure.

    A merged object says only what it passes on, a deleted one nothing. Placeholder ids stand for no one.
    """
    if item.values.get(LIFE, "live") == "live":
        kind = kind_named(item.kind)
        if kind.names.isdisjoint(item.values):
            return {}
        said = kind.say(item, organisation)
        return _of_somebody(said, organisation.policies) if said else said
    passed = passed_on(item) if item.merged_into is not None else None
    return {(MERGE, item.merged_into): passed} if passed and item.merged_into else {}


def _of_somebody(said: Said, policies: ObjectPolicies) -> Said:
    return {about: payload for about, payload in said.items() if not _means_nobody(about, payload, policies)}


def _means_nobody(about: tuple[str, str], payload: dict[str, Any], policies: ObjectPolicies) -> bool:
    """Whether a touch or win is of an id that stood for nobody when it happened."""
    kind, subject = about
    at_ms = payload["at_ms"] if kind == TOUCH else payload["won_ms"] if kind == WIN else None
    return at_ms is not None and subject.partition(":")[2].lower() in policies.nobody(at_ms)
