"""Fault 1: workers are killed in the middle of their work."""

import pytest

from pipeline import clock
from tests.faults.conftest import Begin
from tests.faults.nemesis import Nemesis
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


TIMES, RATE = 20, 400


def test_fault_01_workers_killed_mid_batch_lose_and_double_nothing(begin: Begin, seed: int) -> None:
    """After kill -9 of one of two workers at random moments under load, every figure equals the batch over the logs."""
    cluster = begin()
    nemesis = Nemesis(cluster, seed)
    cluster.feed.start(RATE)
    for _ in range(TIMES):
        nemesis.kill()
        cluster.fleet.until_ready()
        clock.pause(1)
    judge(cluster)
