"""The kinds of objects, one file each: what is told of them, how long it is kept, what they count. This is their list.

A new kind is a file of its own and one entry here. The organisation's records are no kinds: they count nothing.
"""

from pipeline.kinds.account import ACCOUNT
from pipeline.kinds.activity import ACTIVITY
from pipeline.kinds.agent_state import AGENT_STATE
from pipeline.kinds.call import CALL
from pipeline.kinds.cells import Cells
from pipeline.kinds.cost import COST
from pipeline.kinds.deal import DEAL
from pipeline.kinds.email import EMAIL
from pipeline.kinds.kind import Kind, activity_until_ms
from pipeline.kinds.lead import LEAD
from pipeline.kinds.meeting import MEETING
from pipeline.kinds.observation import OBSERVATION
from pipeline.kinds.survey import SURVEY
from pipeline.objects.object import Object
from pipeline.objects.stored_form import Forms
from pipeline.organisation.organisation import Organisation

KINDS = (ACCOUNT, ACTIVITY, AGENT_STATE, CALL, COST, DEAL, EMAIL, LEAD, MEETING, OBSERVATION, SURVEY)

FORMS = Forms({kind.name: kind.fields for kind in KINDS})
"""The stored form of all objects but the organisation's."""
_OTHER = Kind(name="", domain="crm", fields={}, until_ms=activity_until_ms(lambda _: None))
_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_named(name: str) -> Kind:
    """The kind with a name. One that is not known counts nothing, says nothing, and is forgotten as activities are."""
    return _BY_NAME.get(name, _OTHER)


def contributions(item: Object, organisation: Organisation) -> Cells:
    """The cells that an object fills, given what the organisation knows; pure. Nothing where nothing is counted yet.

    Measures may be zero, and cells then empty of anything that counts: `difference` leaves both out. The measures of a
    cell may be shared with other objects' cells: they are not to be changed.
    """
    return _BY_NAME.get(item.kind, _OTHER).contribute(item, organisation)


def references(item: Object) -> set[str]:
    """Keys of what an object depends on in the organisation: `rep:7`, `team:north`, `process:p`, `currency:EUR`."""
    return _BY_NAME.get(item.kind, _OTHER).references(item)


__all__ = ["FORMS", "KINDS", "Kind", "contributions", "kind_named", "references"]
