"""Fault 4: a worker is told to stop while something hangs, whatever it is.

A Redis that hangs is in tests/integration/test_end_to_end.py as well, in every run of all tests.
"""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import clock
from pipeline.engine.kafka import fail_stop
from tests.faults.cluster import Cluster
from tests.faults.verdict import judge
from tests.servers.process import wait_until
from tests.servers.proxy import FETCH, GROUP, KafkaProxy

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

LIMIT_SECONDS = 15
LATE = "shutdown took longer than 14 s"
Hang = Callable[[Cluster, KafkaProxy], None]


@pytest.fixture
def proxy() -> Iterator[KafkaProxy]:
    """A proxy before the broker of the cluster, which keeps nothing back yet."""
    with KafkaProxy() as made:
        yield made


@pytest.fixture
def proxied(tmp_path: Path, seed: int, proxy: KafkaProxy) -> Iterator[Cluster]:
    """Two workers at work behind the proxy."""
    cluster = Cluster(tmp_path, seed, kafka_options=proxy.broker_options)
    proxy.target = cluster.kafka.port
    with cluster:
        cluster.begin(clock.now_ms())
        cluster.feed.start(rate=100)
        clock.pause(2)
        yield cluster


def redis_frozen(cluster: Cluster, _proxy: KafkaProxy) -> None:
    """Redis keeps its connections and answers nothing."""
    cluster.redis.pause()
    wait_until(lambda: "Redis does not respond" in cluster.fleet.members["w1"].process.missing(), "the probe", 90)


def broker_frozen(cluster: Cluster, _proxy: KafkaProxy) -> None:
    """Kafka keeps its connections and answers nothing."""
    cluster.kafka.pause()
    clock.pause(2)


def all_frozen(cluster: Cluster, proxy: KafkaProxy) -> None:
    """Both of them."""
    redis_frozen(cluster, proxy)
    broker_frozen(cluster, proxy)


def in_recovery(cluster: Cluster, proxy: KafkaProxy) -> None:
    """Its partitions are being taken over, and their state logs are not delivered."""
    proxy.silent = {FETCH}
    cluster.fleet.kill("w1")
    cluster.fleet.join("w1")
    said = cluster.fleet.members["w1"].process
    wait_until(lambda: "not in the consumer group yet" in _missing(said.missing), "the probe", 90)
    clock.pause(5)


def in_a_rebalance(cluster: Cluster, proxy: KafkaProxy) -> None:
    """It has given its partitions back, and the coordinator does not go on."""
    cluster.fleet.join("w3")
    proxy.silent = GROUP
    clock.pause(3)


def before_the_group(cluster: Cluster, proxy: KafkaProxy) -> None:
    """The topics have been checked, and the coordinator has not let it in."""
    cluster.fleet.kill("w1")
    proxy.silent = GROUP
    cluster.fleet.join("w1")
    wait_until(
        lambda: "not in the consumer group yet" in _missing(cluster.fleet.members["w1"].process.missing),
        "the probe",
        90,
    )


def before_the_check(cluster: Cluster, _proxy: KafkaProxy) -> None:
    """Kafka does not answer when it asks what the topics are like."""
    cluster.fleet.kill("w1")
    cluster.kafka.pause()
    cluster.fleet.join("w1")
    pid = cluster.fleet.members["w1"].process.pid
    wait_until(lambda: _takes_signals(pid), "the worker to take signals", 90)


def _takes_signals(pid: int) -> bool:
    """Whether the process has begun to take SIGTERM itself, so that it does not simply die of it."""
    status = Path(f"/proc/{pid}/status").read_text()
    [blocked] = [line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:")]
    return bool(int(blocked, 16) >> (signal.SIGTERM - 1) & 1)


def _missing(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except OSError:
        return ""


@pytest.mark.parametrize(
    ("hang", "codes"),
    [
        (redis_frozen, {0}),
        (broker_frozen, {fail_stop.EXIT_CODE}),
        (all_frozen, {fail_stop.EXIT_CODE}),
        (in_recovery, {0, fail_stop.EXIT_CODE}),
        (in_a_rebalance, {0, fail_stop.EXIT_CODE}),
        (before_the_group, {0, fail_stop.EXIT_CODE}),
        (before_the_check, {0}),
    ],
)
def test_fault_04_a_worker_told_to_stop_leaves_in_time(
    proxied: Cluster, proxy: KafkaProxy, hang: Hang, codes: set[int]
) -> None:
    """Within 15 seconds, in order or with one line; once nothing hangs any more, every figure is right."""
    cluster, fleet = proxied, proxied.fleet
    fleet.known.add(2)
    hang(cluster, proxy)

    began = clock.elapsed_seconds()
    code = fleet.leave("w1", LIMIT_SECONDS)
    assert clock.elapsed_seconds() - began < LIMIT_SECONDS
    assert code in codes, fleet.said()
    assert (LATE in fleet.members["w1"].process.tail()) == (code != 0)

    proxy.silent = ()
    cluster.redis.resume()
    cluster.kafka.resume()
    fleet.join("w1")
    judge(cluster, least=200)
