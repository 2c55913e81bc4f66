"""Fault 26: a backlog that built up while no worker was there."""

import os
from itertools import pairwise

import pytest

from pipeline import clock
from tests.faults.conftest import Begin
from tests.faults.groups import committed
from tests.faults.stream import Stream
from tests.faults.verdict import judge
from tests.servers.process import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
BACKLOG = int(os.environ.get("FAULT_BACKLOG", "500000"))
"""Of the five million that the table asks for, what two cores get through in minutes; another number may be given."""
LOOK_SECONDS = 15
TAKEN_OVER = "took over"
"""A worker says so when a rebalance gives it something that it did not have."""
BASE_MIB = 700
"""What a worker may take up beside the objects it remembers."""


def test_fault_26_a_backlog_is_caught_up_steadily_in_bounded_memory(begin: Begin, seed: int) -> None:
    """Half a million events of a month wait when the workers come back: they are worked off without a pause and
    without a rebalance, in memory that follows from what is remembered, and every figure equals the batch.
    """
    cluster = begin(stream=Stream(seed, reps=60, objects=20_000))
    fleet = cluster.fleet
    for name in fleet.running:
        assert fleet.leave(name) == 0
    cluster.feed.send(cluster.stream.history(BACKLOG, clock.now_ms(), days=24))
    cluster.feed.flush()
    for name in ("w1", "w2"):
        fleet.join(name)
    fleet.until_ready()
    lives = {name: member.life for name, member in fleet.members.items()}
    taken_over = fleet.times_said(TAKEN_OVER)

    reached = [committed(cluster)]

    def caught_up() -> bool:
        clock.pause(LOOK_SECONDS)
        reached.append(committed(cluster))
        return reached[-1] - reached[0] >= BACKLOG

    wait_until(caught_up, "the backlog to be worked off", 1800)
    judge(cluster, patience_seconds=600)

    assert all(later > earlier for earlier, later in pairwise(reached)), f"no pause: {reached}"
    assert {name: member.life for name, member in fleet.members.items()} == lives
    assert fleet.times_said(TAKEN_OVER) == taken_over
    assert max(sample.rss_mib for sample in fleet.samples) < BASE_MIB
