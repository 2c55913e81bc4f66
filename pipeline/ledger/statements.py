"""A statement: everything an object says, given what the organisation knows."""

import msgspec

from pipeline.kinds import contributions, kind_named
from pipeline.kinds.cells import Cells
from pipeline.kinds.kind import Retention, Said
from pipeline.ledger.links import links
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation


class Statement(msgspec.Struct, gc=False):
    """What an object contributes, what it says of others, and until when it is remembered; never changed."""

    cells: Cells
    links: Said
    until_ms: int | None

    def expired(self, now_ms: int) -> bool:
        """Whether its object counts as absent."""
        return self.until_ms is not None and self.until_ms < now_ms


NOTHING = Statement({}, {}, None)


def statement_of(item: Object, organisation: Organisation, retention: Retention) -> Statement:
    """The statement of an object, whether it has expired or not; pure."""
    return Statement(
        contributions(item, organisation),
        links(item, organisation),
        kind_named(item.kind).until_ms(item, organisation, retention),
    )
