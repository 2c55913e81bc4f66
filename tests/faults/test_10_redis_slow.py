"""Fault 10: Redis answers late, or loses answers."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from redis import Redis

from pipeline import clock
from pipeline.sinks.redis_keys import Keys
from tests.faults.cluster import Cluster
from tests.faults.offsets import lag
from tests.faults.scrapes import total
from tests.faults.verdict import judge
from tests.servers.process import wait_until
from tests.servers.proxy import SlowProxy

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

RATE = 100
SECONDS = 25

Versions = dict[tuple[bytes, bytes], tuple[int, ...]]


@pytest.fixture
def proxy() -> Iterator[SlowProxy]:
    """Stands before the Redis of the workers; it hands everything on at once until told otherwise."""
    with SlowProxy() as made:
        yield made


@pytest.fixture
def cluster(tmp_path: Path, seed: int, proxy: SlowProxy) -> Iterator[Cluster]:
    """One worker at work, whose Redis is behind the proxy."""
    env = {"SALESPULSE_REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"}
    made = Cluster(tmp_path, seed, workers=1, env=env)
    proxy.target = made.redis.port
    with made:
        made.begin(clock.now_ms())
        yield made


def versions(client: Redis, namespace: str) -> Versions:
    """The version of every figure in Redis."""
    found: Versions = {}
    for key in cast("Any", client).scan_iter(match=Keys(namespace).pattern("kpi"), count=1000):
        for field, value in cast("Any", client).hgetall(key).items():
            if not field.startswith(b"_"):
                found[key, field] = tuple(json.loads(value)["version"])
    return found


def served_again(cluster: Cluster) -> bool:
    """Whether each partition that found Redis down has found it again; each waits by itself before it asks."""
    said = cluster.fleet.members["w1"].process.log.read_text()
    return said.count("redis is down for") == said.count("redis is up again for")


@pytest.mark.parametrize(("late_seconds", "lost"), [(2.0, 0.0), (0.3, 0.0), (0.0, 0.3)])
def test_fault_10_a_slow_redis_slows_nothing_else(
    cluster: Cluster, proxy: SlowProxy, seed: int, late_seconds: float, lost: float
) -> None:
    """The worker goes on, events are worked off, errors are counted, and no figure in Redis goes back."""
    random = Random(seed)
    cluster.feed.start(RATE)
    clock.pause(3)
    proxy.late_seconds, proxy.lose = late_seconds, lambda: random.random() < lost

    seen: Versions = {}
    until = clock.elapsed_seconds() + SECONDS
    with Redis(port=cluster.redis.port) as client:
        while clock.elapsed_seconds() < until:
            now = versions(client, cluster.settings.namespace)
            assert not [key for key in now.keys() & seen.keys() if now[key] < seen[key]]
            seen |= now
            clock.pause(0.5)
    assert seen
    if late_seconds >= 1 or lost:
        assert total(cluster, "salespulse_sink_errors_total") > 0
    wait_until(lambda: lag(cluster) < RATE * 5, "the sources to be worked off", 30)

    proxy.late_seconds, proxy.lose = 0.0, lambda: False
    wait_until(lambda: served_again(cluster), "every partition to be published to Redis again")
    judge(cluster, least=200)
    assert not cluster.fleet.ended
