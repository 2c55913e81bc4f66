"""How much may be told of one object: beyond that what is told is refused as `full`, by the log before it alone."""

from pipeline.intake.verdicts import Accepted
from pipeline.kinds import kind_named
from pipeline.objects.histories import holds
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import DEFAULT_PROCESS, LOST, WON


def is_full(item: Object, event: Accepted, organisation: Organisation, most_entries: int) -> bool:
    """Called for an object with so many entries: whether the event would be one too many.

    One that says nothing of a history, or is known, takes no place; one that closes the deal has as many of its own.
    """
    kept = kind_named(item.kind).histories
    if kept.isdisjoint(event.changes) or holds(item.history, event.version):
        return False
    return not _closes(item, event, organisation) or len(item.history) >= 2 * most_entries


def _closes(item: Object, event: Accepted, organisation: Organisation) -> bool:
    """Whether the event says a stage that closes, by the process that the deal is in with it."""
    name = event.changes["process_id"] if "process_id" in event.changes else item.get("process_id")
    process = organisation.process(name or DEFAULT_PROCESS)
    stage = event.changes.get("stage_id")
    return process is not None and stage is not None and process.kind(stage) in (WON, LOST)


def has_room(item: Object, kind: str, origin: str, most_links: int) -> bool:
    """Whether an origin may say something of the object: it does so already, or few enough others do."""
    return origin in item.links.get(kind, ()) or item.link_count < most_links
