"""What an object says of others: touches, wins, logged calls, and what a merged one passes on."""

from pipeline.kinds import kind_named
from pipeline.kinds.kind import Said
from pipeline.objects.object import LIFE, Object
from pipeline.objects.passing_on import passed_on
from pipeline.organisation.organisation import Organisation
from schemas.links import MERGE


def topic_of(subject: str) -> str:
    """The logical topic of the log that owns an object."""
    return kind_named(subject.partition(":")[0]).log


def links(item: Object, organisation: Organisation) -> Said:
    """Everything an object says of others, given what the organisation knows; pure.

    A merged object says only what it passes on, a deleted one nothing.
    """
    if item.values.get(LIFE, "live") == "live":
        kind = kind_named(item.kind)
        return {} if kind.names.isdisjoint(item.values) else kind.say(item, organisation)
    passed = passed_on(item) if item.merged_into is not None else None
    return {(MERGE, item.merged_into): passed} if passed and item.merged_into else {}
