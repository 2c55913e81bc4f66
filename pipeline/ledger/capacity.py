"""How much may be told of one object: beyond that what is told is refused as `full`, by the log before it alone.

The caps are those of the policies that this log knows by then, at the time of what is told.
"""

from bisect import bisect_left
from operator import itemgetter

from pipeline.intake.verdicts import Accepted
from pipeline.kinds import kind_named
from pipeline.kinds.stints import unsettled_count
from pipeline.objects.histories import holds
from pipeline.objects.object import Object
from pipeline.objects.versions import Version
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import DEFAULT_PROCESS, OPEN
from schemas.control import Control


def is_full(item: Object, event: Accepted, organisation: Organisation) -> bool:
    """Whether the event would be one change too many.

    One that says nothing of a history, or is known, takes no place; of those that close the deal some more are taken.
    """
    held, policies, at_ms = unsettled_count(item.history), organisation.policies, event.version[0]
    if held < policies.fewest("most_changes") or held < (most := policies.most("most_changes", at_ms)):
        return False
    kept = kind_named(item.kind).histories
    if kept.isdisjoint(event.changes) or holds(item.history, event.version):
        return False
    return not _closes(item, event, organisation) or held >= most + policies.most("most_closings", at_ms)


def _closes(item: Object, event: Accepted, organisation: Organisation) -> bool:
    """Whether the event says a stage that closes, by the process that the deal is in with it."""
    stage = event.changes.get("stage_id")
    if stage is None:
        return False
    told = event.changes["process_id"] if "process_id" in event.changes else process_at(item, event.version)
    process = organisation.process(told or DEFAULT_PROCESS)
    if process is None:
        return False
    read = process.read(stage, event.version[0])
    return read is not None and read.kind != OPEN


def process_at(item: Object, version: Version) -> str | None:
    """The process told last before a version, else the first one told after; whatever corrects it."""
    told = item.every_telling("process_id")
    return told[max(bisect_left(told, version, key=itemgetter(0)) - 1, 0)][1] if told else None


def has_room(item: Object, link: Control, organisation: Organisation) -> bool:
    """Whether a link may be taken: it takes something back, its origin says so already, or few enough others do."""
    if link.payload is None or item.link_count < organisation.policies.fewest("most_links"):
        return True
    at_ms = link.payload.get("won_ms", link.payload.get("at_ms", link.timestamp_ms))
    return link.origin in item.links.get(link.kind, ()) or item.link_count < organisation.policies.most(
        "most_links", at_ms
    )
