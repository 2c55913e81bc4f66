"""How much may be told of one object: beyond that what is told is refused as `full`, by the log before it alone."""

from pipeline.intake.verdicts import Accepted
from pipeline.kinds import kind_named
from pipeline.objects.histories import holds
from pipeline.objects.object import Object
from pipeline.objects.versions import Version
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import DEFAULT_PROCESS, OPEN


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
    told = event.changes["process_id"] if "process_id" in event.changes else _process_at(item, event.version)
    process, stage = organisation.process(told or DEFAULT_PROCESS), event.changes.get("stage_id")
    if process is None or stage is None:
        return False
    read = process.read(stage, event.version[0])
    return read is not None and read.kind != OPEN


def _process_at(item: Object, version: Version) -> str | None:
    """The process told last before a version, else the first one told after; whatever corrects it."""
    told = [(at, said["process_id"]) for at, said, _ in item.history if "process_id" in said]
    before = [name for at, name in told if at < version]
    return before[-1] if before else told[0][1] if told else None


def has_room(item: Object, kind: str, origin: str, most_links: int) -> bool:
    """Whether an origin may say something of the object: it does so already, or few enough others do."""
    return origin in item.links.get(kind, ()) or item.link_count < most_links
