"""What an object says of others: touches, wins, logged calls, and what a merged one passes on."""

from collections.abc import Collection

from pipeline.kinds import kind_named
from pipeline.kinds.kind import Said
from pipeline.objects.merge_links import passed_on
from pipeline.objects.object import LIFE, Object
from pipeline.organisation.organisation import Organisation
from schemas.links import MERGE, TOUCH, WIN


def topic_of(subject: str) -> str:
    """The logical topic of the log that owns an object."""
    return kind_named(subject.partition(":")[0]).log


def links(item: Object, organisation: Organisation, nobody: Collection[str] = ()) -> Said:
    """Everything an object says of others, given what the organisation knows; pure.

    A merged object says only what it passes on, a deleted one nothing. Ids in `nobody` stand for no one.
    """
    if item.values.get(LIFE, "live") == "live":
        kind = kind_named(item.kind)
        if kind.names.isdisjoint(item.values):
            return {}
        said = kind.say(item, organisation)
        return _of_somebody(said, nobody) if said and nobody else said
    passed = passed_on(item) if item.merged_into is not None else None
    return {(MERGE, item.merged_into): passed} if passed and item.merged_into else {}


def _of_somebody(said: Said, nobody: Collection[str]) -> Said:
    return {
        about: payload
        for about, payload in said.items()
        if about[0] not in (TOUCH, WIN) or about[1].partition(":")[2].lower() not in nobody
    }
