"""Every fault once, one after the other: of the faults that have a file each, what `make test` takes along."""

from collections.abc import Callable
from functools import partial
from random import Random

import pytest

from tests.faults.cluster import SESSION_SECONDS
from tests.faults.conftest import Begin
from tests.faults.nemesis import Nemesis
from tests.faults.stream import Stream
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.quick_fault, pytest.mark.kafka]

RATE = 100
AWAY_SECONDS = 2.0


def test_each_fault_once_in_any_order(begin: Begin, seed: int) -> None:
    """Workers killed, stopped, crashed between two steps, and frozen until they are zombies that write; Kafka and Redis
    killed, frozen, restarted and emptied; bad records all the while: every figure equals the batch over the logs, and
    each bad record is a dead letter.
    """
    cluster = begin(self_fence=False, stream=Stream(seed, teams=4, reps=15, poison=0.01))
    nemesis = Nemesis(cluster, seed)
    lasting: dict[str, Callable[[], None]] = {
        "kill": partial(nemesis.kill, AWAY_SECONDS),
        "freeze": partial(nemesis.freeze, 1.3 * SESSION_SECONDS),
        "join and leave": partial(nemesis.join_and_leave, AWAY_SECONDS),
        "broker killed": partial(nemesis.kill_broker, AWAY_SECONDS),
        "broker restarted": partial(nemesis.restart_broker, AWAY_SECONDS),
        "broker frozen": partial(nemesis.freeze_broker, AWAY_SECONDS),
        "redis killed": partial(nemesis.kill_redis, AWAY_SECONDS),
        "redis frozen": partial(nemesis.freeze_redis, AWAY_SECONDS),
    }
    faults = {**nemesis.faults, **lasting}
    assert faults.keys() == nemesis.faults.keys()
    cluster.feed.start(RATE)
    for name in Random(seed).sample(sorted(faults), len(faults)):
        faults[name]()
        cluster.fleet.until_ready()
    judge(cluster)
