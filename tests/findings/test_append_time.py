"""Append times that are wrong."""

import pytest

from tests.findings.floor import NOW, TODAY, Floor, call, deal
from tests.unit.ledger.world import DAY, MINUTE, event


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="F1: one wrong append time moves now for good")
def test_one_append_time_far_ahead_moves_nothing() -> None:
    """A tick is stamped 500 days ahead; a minute later two calls are of the last 24 hours, and nothing is over.

    Where a worker halts instead, this is what holds once an operator has let that record count as the one before it.
    """
    floor = Floor().at(NOW, call("c", NOW), deal("d", NOW, "won", amount_minor=100_00))
    floor.at(NOW + 500 * DAY)
    later = NOW + MINUTE
    floor.at(later, call("c2", later), event("deal", "d", later, verb="deleted"))

    assert floor.world.reasons() == []
    assert floor.value("24h", "dials") == 2
    assert floor.value(TODAY, "won") == 0
