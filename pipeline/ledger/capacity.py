"""How much may be told of one object: beyond that what is told is refused as `full`, by the log before it alone.

The caps are those of the policies that this log knows by then, at the time of what is told.
"""

from pipeline.intake.verdicts import Accepted
from pipeline.kinds import kind_named
from pipeline.objects.histories import holds
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import DEFAULT_PROCESS, LOST, WON
from schemas.control import Control


def is_full(item: Object, event: Accepted, organisation: Organisation) -> bool:
    """Whether the event would be one change too many.

    One that says nothing of a history, or is known, takes no place; of those that close the deal some more are taken.
    """
    held, policies, at_ms = len(item.history), organisation.policies, event.version[0]
    if held < policies.fewest("most_changes") or held < (most := policies.most("most_changes", at_ms)):
        return False
    kept = kind_named(item.kind).histories
    if kept.isdisjoint(event.changes) or holds(item.history, event.version):
        return False
    return not _closes(item, event, organisation) or held >= most + policies.most("most_closings", at_ms)


def _closes(item: Object, event: Accepted, organisation: Organisation) -> bool:
    """Whether the event says a stage that closes, by the process that the deal is in with it."""
    name = event.changes["process_id"] if "process_id" in event.changes else item.get("process_id")
    process = organisation.process(name or DEFAULT_PROCESS)
    stage = event.changes.get("stage_id")
    return process is not None and stage is not None and process.kind(stage) in (WON, LOST)


def has_room(item: Object, link: Control, organisation: Organisation) -> bool:
    """Whether a link may be taken: it takes something back, its origin says so already, or few enough others do."""
    if link.payload is None or item.link_count < organisation.policies.fewest("most_links"):
        return True
    at_ms = link.payload.get("won_ms", link.payload.get("at_ms", link.timestamp_ms))
    return link.origin in item.links.get(link.kind, ()) or item.link_count < organisation.policies.most(
        "most_links", at_ms
    )
