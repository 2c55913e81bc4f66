"""What an object contributes: one file a kind, and the table of them."""

from collections.abc import Callable

from pipeline.contributions import account, activity, call, cost, deal, email, lead, meeting
from pipeline.contributions.cells import Cells, Place
from pipeline.objects import Object
from pipeline.organisation import Organisation

_CONTRIBUTE: dict[str, Callable[[Object, Organisation], Cells]] = {
    "account": account.contribute,
    "activity": activity.contribute,
    "call": call.contribute,
    "cost": cost.contribute,
    "deal": deal.contribute,
    "email": email.contribute,
    "lead": lead.contribute,
    "meeting": meeting.contribute,
}
_REFERENCES: dict[str, Callable[[Object], set[str]]] = {
    "account": account.references,
    "activity": activity.references,
    "call": call.references,
    "cost": cost.references,
    "deal": deal.references,
    "email": email.references,
    "lead": lead.references,
    "meeting": meeting.references,
}


def contributions(item: Object, organisation: Organisation) -> Cells:
    """The cells that an object fills, given what the organisation knows; pure. Nothing where nothing is counted yet.

    Cells and measures that come to zero are left out.
    """
    contribute = _CONTRIBUTE.get(item.kind)
    if contribute is None:
        return {}
    cells = {place: {m: n for m, n in found.items() if n} for place, found in contribute(item, organisation).items()}
    return {place: found for place, found in cells.items() if found}


def references(item: Object) -> set[str]:
    """Keys of what an object depends on in the organisation: `rep:7`, `team:north`, `process:p`, `currency:EUR`."""
    find = _REFERENCES.get(item.kind)
    return find(item) if find else set()


def difference(old: Cells, new: Cells) -> Cells:
    """`new - old`, cell by cell; what comes to zero is left out."""
    changed: Cells = {}
    for place in old.keys() | new.keys():
        before, after = old.get(place, {}), new.get(place, {})
        if before == after:
            continue
        delta = {m: n for m in before.keys() | after.keys() if (n := after.get(m, 0) - before.get(m, 0))}
        if delta:
            changed[place] = delta
    return changed


__all__ = ["Cells", "Place", "contributions", "difference", "references"]
