"""Fault 16: workers join and leave all the time."""

import pytest

from pipeline import clock
from tests.faults.conftest import Begin
from tests.faults.groups import committed
from tests.faults.kpi_records import on_foreign_partitions
from tests.faults.nemesis import Nemesis
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
EVERY_SECONDS = 10


@pytest.mark.parametrize("minutes", [1, 10])
def test_fault_16_work_goes_on_while_workers_join_and_leave(begin: Begin, seed: int, minutes: int) -> None:
    """A rebalance every five seconds or so: offsets go on, no record of a KPI topic stands on a partition that is not
    its home's, and every figure equals the batch over the logs.
    """
    cluster = begin()
    nemesis = Nemesis(cluster, seed)
    cluster.feed.start(rate=300)
    until = clock.elapsed_seconds() + minutes * 60
    reached = [committed(cluster)]
    while clock.elapsed_seconds() < until:
        nemesis.join_and_leave(stays_seconds=EVERY_SECONDS)
        reached.append(committed(cluster))
    judge(cluster)

    assert reached == sorted(set(reached)), "every half a minute brings progress"
    assert on_foreign_partitions(cluster.settings) == []
