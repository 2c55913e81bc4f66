"""Fault 9: Redis is away for long."""

import pytest

from pipeline import clock
from tests.faults.conftest import Begin
from tests.faults.offsets import lag
from tests.faults.probe import Probe
from tests.faults.verdict import judge
from tests.servers.process import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

RATE = 100
AWAY_SECONDS = 180
GROWTH_MIB = 60


def test_fault_09_redis_down_holds_nothing_up(begin: Begin) -> None:
    """Events are worked off as ever, what waits takes no more memory, and Redis gets all of it when it is back."""
    cluster = begin(workers=1)
    fleet = cluster.fleet
    cluster.feed.start(RATE)
    with Probe(fleet.port("w1")) as probe:
        clock.pause(3)
        cluster.redis.kill()
        wait_until(lambda: probe.heard("Redis does not respond: nothing listens at its address"), "the probe")
        before = len(fleet.samples)
        clock.pause(AWAY_SECONDS)
        wait_until(lambda: lag(cluster) < RATE * 5, "the sources to be worked off", 30)
        held = [sample.rss_mib for sample in fleet.samples[before:]]
        cluster.redis.start()
        wait_until(lambda: not fleet.members["w1"].process.missing(), "Redis to be served again", 30)

    assert probe.alive
    assert {said.partition(":")[0] for said in probe.said} == {"Redis does not respond"}
    assert max(held) - min(held) < GROWTH_MIB
    judge(cluster, least=200)
    assert not fleet.ended
