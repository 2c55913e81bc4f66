"""Fault 21: a producer that puts keys where librdkafka does by default, not where Kafka's own clients do."""

import pytest

from pipeline import clock
from tests.faults.conftest import Begin
from tests.faults.feed import Feed
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

SECONDS = 6


def test_fault_21_records_on_the_wrong_partition_are_passed_on(begin: Begin) -> None:
    """They are counted, and every figure is right, also of objects that came both ways."""
    cluster = begin(workers=1)
    with Feed(cluster.settings, cluster.stream, {"partitioner": "consistent_random"}) as elsewhere:
        for feed in (elsewhere, cluster.feed, elsewhere):
            feed.start(rate=100)
            clock.pause(SECONDS)
            feed.stop()
    judge(cluster, least=200)

    shown = cluster.fleet.members["w1"].process.scrape()
    [forwarded] = [line for line in shown.splitlines() if line.startswith("salespulse_forwarded_total{")]
    assert float(forwarded.rpartition(" ")[2]) > 100
    assert not cluster.fleet.ended
