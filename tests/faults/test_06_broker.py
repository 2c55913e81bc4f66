"""Fault 6: Kafka goes away and comes back."""

import pytest

from pipeline import clock
from tests.faults.cluster import Cluster
from tests.faults.conftest import Begin
from tests.faults.nemesis import Nemesis
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
GROWTH_MIB = 150


def largest(cluster: Cluster, since_seconds: float) -> float:
    """The most memory that any worker had since then."""
    return max(each.rss_mib for each in cluster.fleet.samples if each.at_seconds >= since_seconds)


@pytest.mark.parametrize("away_seconds", [10, 180])
def test_fault_06_workers_wait_for_a_broker_that_is_away_and_go_on_by_themselves(
    begin: Begin, seed: int, away_seconds: float
) -> None:
    """Kafka is killed, and later shut down, under load: memory stays bounded, work goes on when it is back, and every
    figure equals the batch over the logs.
    """
    cluster = begin()
    nemesis = Nemesis(cluster, seed)
    cluster.feed.start(rate=300)
    clock.pause(10)
    before = largest(cluster, 0)
    nemesis.kill_broker(away_seconds)
    cluster.fleet.until_ready()
    clock.pause(5)
    nemesis.restart_broker(10)
    cluster.fleet.until_ready()
    judge(cluster)

    assert largest(cluster, 0) < before + GROWTH_MIB
