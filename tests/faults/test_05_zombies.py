"""Fault 5: a worker is frozen for so long that its partitions are given to others, and then goes on."""

import pytest

from pipeline.engine.kafka import fail_stop
from tests.faults.cluster import SESSION_SECONDS
from tests.faults.conftest import Begin
from tests.faults.nemesis import Nemesis
from tests.faults.verdict import judge
from tests.servers.process import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


TIMES = 8


def test_fault_05_a_zombie_that_goes_on_writing_moves_no_figure(begin: Begin, seed: int) -> None:
    """Without self-fencing a frozen worker wakes up after twice the session timeout and writes with an old epoch:
    every reader ignores it, and every figure equals the batch over the logs.
    """
    cluster = begin(self_fence=False)
    nemesis = Nemesis(cluster, seed)
    cluster.feed.start(rate=400)
    for _ in range(TIMES):
        nemesis.freeze(2 * SESSION_SECONDS)
        cluster.fleet.until_ready()
    judge(cluster)


def test_fault_05_a_worker_that_woke_up_late_fences_itself(begin: Begin, seed: int) -> None:
    """With self-fencing a frozen worker ends with 70 when it wakes up, before it writes anything."""
    cluster = begin()
    nemesis = Nemesis(cluster, seed)
    cluster.feed.start(rate=400)
    nemesis.freeze(2 * SESSION_SECONDS)
    wait_until(lambda: cluster.fleet.ended, "the worker to end itself")

    assert [ended.code for ended in cluster.fleet.ended] == [fail_stop.EXIT_CODE]
    assert "event loop blocked" in cluster.fleet.ended[0].said
    judge(cluster)
