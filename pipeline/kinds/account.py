"""An account: a new customer at its first win."""

from pipeline import measures
from pipeline.kinds.cells import Cells, add
from pipeline.kinds.kind import Kind, for_ever, never_late
from pipeline.objects.object import LIFE, Object
from pipeline.objects.passing_on import links_of
from pipeline.organisation.organisation import Organisation


def references(account: Object) -> set[str]:
    """The rep whose change may move it: who won the first deal."""
    first = _first_win(account)
    return {f"rep:{first[1]}"} if first is not None and first[1] else set()


def contribute(account: Object, organisation: Organisation) -> Cells:
    """One new customer, for the owner of the first deal won. It takes no event of its own: a deal may name it first."""
    cells: Cells = {}
    first = _first_win(account)
    if first is not None and account.get(LIFE) in (None, "live"):
        add(cells, organisation.cell(first[1], first[0]), measures.NEW_CUSTOMERS)
    return cells


def _first_win(account: Object) -> tuple[int, str | None] | None:
    wins = links_of(account, "win")
    if not wins:
        return None
    origin = min(wins, key=lambda key: (wins[key]["won_ms"], key))
    return wins[origin]["won_ms"], wins[origin]["rep"]


ACCOUNT = Kind(
    name="account",
    domain="crm",
    fields={"owner_id": 2, "created_at": 3, "region": 4, "segment": 5},
    past=("created_at",),
    limit_ms=never_late,
    until_ms=for_ever,
    contribute=contribute,
    references=references,
)
