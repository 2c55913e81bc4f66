"""Fault 12: events out of order, late, and older than anything remembered."""

import pytest

from pipeline import clock
from tests.faults.conftest import Begin
from tests.faults.scrapes import total
from tests.faults.stream import Stream
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


def test_fault_12_the_order_of_events_changes_no_figure(begin: Begin, seed: int) -> None:
    """A month in any order, and then live events out of order by minutes to days: every figure equals the batch, and
    exactly the events from beyond the horizon are refused as late.
    """
    cluster = begin(stream=Stream(seed, reps=40))
    cluster.feed.send(cluster.stream.history(15_000, clock.now_ms(), days=24))
    cluster.feed.start(rate=300)
    clock.pause(30)
    judge(cluster)

    late = cluster.stream.refused["late"]
    assert late > 0
    assert total(cluster, "salespulse_late_events_total") == late
