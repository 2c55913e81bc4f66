"""What an object contributes: one file a kind, and the table of them."""

from collections.abc import Callable

from pipeline.kinds import account, activity, call, cost, deal, email, lead, meeting
from pipeline.kinds.cells import Cells, Place
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation

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

    Measures may be zero, and cells then empty of anything that counts: `difference` leaves both out. The measures of a
    cell may be shared with other objects' cells: they are not to be changed.
    """
    contribute = _CONTRIBUTE.get(item.kind)
    return contribute(item, organisation) if contribute else {}


def references(item: Object) -> set[str]:
    """Keys of what an object depends on in the organisation: `rep:7`, `team:north`, `process:p`, `currency:EUR`."""
    find = _REFERENCES.get(item.kind)
    return find(item) if find else set()


def difference(old: Cells, new: Cells) -> Cells:
    """`new - old`, cell by cell; what comes to zero is left out. Neither is changed, and parts of them are given on."""
    if not old:
        for amounts in new.values():
            if not amounts or 0 in amounts.values():
                break
        else:
            return new
    changed: Cells = {}
    for place, after in new.items():
        before = old.get(place)
        if before is None:
            delta = {measure: amount for measure, amount in after.items() if amount}
        elif before == after:
            continue
        else:
            delta = {m: n for m in before.keys() | after.keys() if (n := after.get(m, 0) - before.get(m, 0))}
        if delta:
            changed[place] = delta
    for place, before in old.items():
        if place not in new and (delta := {measure: -amount for measure, amount in before.items() if amount}):
            changed[place] = delta
    return changed


__all__ = ["Cells", "Place", "contributions", "difference", "references"]
