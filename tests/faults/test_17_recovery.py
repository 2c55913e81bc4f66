"""Fault 17: workers are killed, and others join, while state is read back."""

from random import Random

import pytest

from pipeline import clock
from tests.faults.conftest import Begin
from tests.faults.stream import Stream
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
RECORDS = 200_000
TIMES = 8


def test_fault_17_recovery_may_be_killed_or_joined_at_any_moment(begin: Begin, seed: int) -> None:
    """With the state of 200,000 events: workers killed at any moment of their start, and others that join meanwhile,
    leave nobody stuck, and every figure equals the batch over the logs.
    """
    random = Random(seed)
    cluster = begin(stream=Stream(seed, reps=60))
    fleet = cluster.fleet
    cluster.feed.send(cluster.stream.history(RECORDS, clock.now_ms(), days=24))
    cluster.feed.flush()
    cluster.feed.start(rate=50)
    for number in range(TIMES):
        fleet.kill("w1")
        fleet.join("w1")
        if number % 2:
            fleet.join("w3")
        clock.pause(random.uniform(1.5, 9))
        fleet.kill("w2")
        fleet.join("w2")
        if number % 2:
            fleet.kill("w3")
    fleet.until_ready()
    judge(cluster)
