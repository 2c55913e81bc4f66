"""A lead: created, worked once somebody reached out since, waiting until then; and how soon that was."""

from typing import NamedTuple

from pipeline import measures
from pipeline.kernel import sketch
from pipeline.kinds.cells import Cells, Place, add, by_day, standing
from pipeline.kinds.kind import Kind, Retention, Said, heard_of_until_ms, never_late
from pipeline.objects.merge_links import CONTACTED, TRIED, first_since
from pipeline.objects.object import Object
from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.organisation import Organisation
from schemas.links import BECAME


class Speed(NamedTuple):
    """How soon something happened to a lead: the measures of that in all, each time, and up to which minute."""

    sum_ms: str
    sketch: str
    within: tuple[tuple[int, str], ...]


OF_TRIES = Speed(
    measures.LEAD_TRY_MS,
    measures.LEAD_TRY,
    ((5, measures.LEADS_TRIED_5M), (15, measures.LEADS_TRIED_5_15M), (60, measures.LEADS_TRIED_15_60M)),
)
OF_CONTACTS = Speed(
    measures.LEAD_CONTACT_MS,
    measures.LEAD_CONTACT,
    ((5, measures.LEADS_CONTACTED_5M), (15, measures.LEADS_CONTACTED_5_15M), (60, measures.LEADS_CONTACTED_15_60M)),
)


def references(lead: Object) -> set[str]:
    """The rep whose change may move it."""
    owner = lead.get("owner_id")
    return {f"rep:{owner}"} if owner else set()


def contribute(lead: Object, organisation: Organisation) -> Cells:
    """A cohort by creation, for its owner; and one that stands while it is open and nobody reached out since.

    A lead that nobody tried, or that nobody was in contact with, has no speed.
    """
    cells: Cells = {}
    created_ms = lead.get("created_at")
    if not lead.live or created_ms is None:
        return cells
    owner = lead.get("owner_id")
    place = organisation.cell(owner, created_ms)
    day = by_day(place)
    add(cells, place, measures.LEADS_CREATED)
    tried_ms, contacted_ms = first_since(lead, TRIED, created_ms), first_since(lead, CONTACTED, created_ms)
    if tried_ms is not None:
        add(cells, place, measures.LEADS_WORKED)
        _took(cells, day, OF_TRIES, tried_ms - created_ms)
    elif lead.get("status") in (None, "open"):
        _waits(cells, owner, created_ms, organisation)
    if contacted_ms is not None:
        add(cells, day, measures.LEADS_CONTACTED)
        _took(cells, day, OF_CONTACTS, contacted_ms - created_ms)
    return cells


def _waits(cells: Cells, owner: str | None, created_ms: int, organisation: Organisation) -> None:
    """By the day of the team that has it now: for how long that is, a board knows."""
    place = standing(organisation, owner)
    add(cells, place, measures.LEADS_WAITING)
    add(cells, place, f"{measures.LEADS_WAITING_SINCE}{organisation.local_day(place[0], created_ms)}")


def _took(cells: Cells, place: Place, speed: Speed, took_ms: int) -> None:
    sums = cells.setdefault(place, {})
    sums[speed.sum_ms] = took_ms
    sums[f"{speed.sketch}{sketch.bucket(took_ms)}"] = 1
    for minutes, measure in speed.within:
        if took_ms <= minutes * MINUTE_MS:
            sums[measure] = 1
            break


def say(lead: Object, _: Organisation) -> Said:
    """That the deal that it was converted into came of it, and when it was first tried."""
    deal, created_ms = lead.get("deal_id"), lead.get("created_at")
    if deal is None or created_ms is None:
        return {}
    tried_ms = first_since(lead, TRIED, created_ms)
    told = {"at_ms": created_ms} if tried_ms is None else {"at_ms": created_ms, "tried_ms": tried_ms}
    return {(BECAME, f"deal:{deal}"): told}


def _until_ms(lead: Object, _: Organisation, retention: Retention) -> int | None:
    """A lead that anything was told of is kept; one only heard of goes with the activities that named it."""
    return None if lead.has_events else heard_of_until_ms(lead, retention)


LEAD = Kind(
    name="lead",
    domain="crm",
    fields={"owner_id": 2, "created_at": 3, "status": 4, "closed_at": 5, "channel": 6, "deal_id": 7},
    past=("created_at", "closed_at"),
    names=frozenset({"deal_id"}),
    limit_ms=never_late,
    until_ms=_until_ms,
    contribute=contribute,
    references=references,
    say=say,
)
