"""An account: a new customer at its first win."""

from pipeline import measures
from pipeline.kinds.cells import Cells, add
from pipeline.kinds.kind import Kind, for_ever, never_late
from pipeline.objects.merge_links import first_said
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from schemas.links import WIN


def references(account: Object) -> set[str]:
    """The rep whose change may move it: who won the first deal."""
    first = first_said(account, WIN)
    return {f"rep:{first[2]}"} if first is not None and first[2] else set()


def contribute(account: Object, organisation: Organisation) -> Cells:
    """One new customer, for the owner of the first deal won. It takes no event of its own: a deal may name it first."""
    cells: Cells = {}
    first = first_said(account, WIN)
    if first is not None and not account.ended:
        add(cells, organisation.cell(first[2], first[0]), measures.NEW_CUSTOMERS)
    return cells


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
