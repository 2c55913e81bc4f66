"""A statement: everything an object says, given what the organisation knows."""

import msgspec

from pipeline.kinds import contributions, kind_named
from pipeline.kinds.cells import Cells
from pipeline.kinds.kind import Retention, Said
from pipeline.ledger.links import links
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation


class Statement(msgspec.Struct, gc=False):
    """What an object contributes, and what it says of others; never changed."""

    cells: Cells
    links: Said


NOTHING = Statement({}, {})


def statement_of(item: Object, organisation: Organisation) -> Statement:
    """The statement of an object, whether it has expired or not; pure."""
    return Statement(contributions(item, organisation), links(item, organisation))


def end_of(item: Object, organisation: Organisation, retention: Retention, now_ms: int) -> int | None:
    """The instant after which an object counts as absent, where that has passed; None for one that has not expired."""
    until_ms = kind_named(item.kind).until_ms(item, organisation, retention)
    return until_ms if until_ms is not None and until_ms < now_ms else None
