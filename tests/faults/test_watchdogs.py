"""The watchdogs of a worker: each ends it with one line that says why, after the readiness probe has said so.

What a fold that raises, a log that was cut off or a loop that stands still does is tested with the engine
(tests/integration/test_engine.py, tests/faults/test_18_logs.py).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from pipeline import clock
from pipeline.engine.changelog.log_record import Claim, encode
from tests.faults.cluster import SESSION_SECONDS, Cluster
from tests.faults.conftest import Begin
from tests.faults.probe import Probe
from tests.faults.verdict import judge
from tests.servers.process import wait_until
from tests.servers.proxy import FETCH, GROUP, KafkaProxy

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

RECOVERY_SECONDS = 5
LEAST = 200


@pytest.fixture
def proxy() -> Iterator[KafkaProxy]:
    """A proxy before the broker of the cluster, which keeps nothing back yet."""
    with KafkaProxy() as made:
        yield made


@pytest.fixture
def proxied(tmp_path: Path, seed: int, proxy: KafkaProxy) -> Iterator[Cluster]:
    """One worker at work behind the proxy."""
    cluster = Cluster(
        tmp_path, seed, workers=1, kafka_options=proxy.broker_options, recovery_limit_seconds=RECOVERY_SECONDS
    )
    proxy.target = cluster.kafka.port
    with cluster:
        cluster.begin(clock.now_ms())
        cluster.feed.start(rate=60)
        yield cluster


def test_a_recovery_that_does_not_end_ends_the_worker(proxied: Cluster, proxy: KafkaProxy) -> None:
    """State logs that are not delivered: not ready, then the end at the limit; delivered again, all is right."""
    fleet = proxied.fleet
    proxy.silent = {FETCH}
    fleet.kill("w1")
    with Probe(fleet.port("w1")) as probe:
        fleet.join("w1")
        line = fleet.next_end().last_line
    proxy.silent = ()

    assert f"worker stops: recovery of partitions took longer than {RECOVERY_SECONDS} s" in line
    assert probe.said == {"not in the consumer group yet, or recovering partitions"}
    judge(proxied, LEAST)


def test_a_coordinator_that_is_silent_while_brokers_answer_ends_the_worker(proxied: Cluster, proxy: KafkaProxy) -> None:
    """Its heartbeats are not answered: the probe says so after a session, the end comes after a rebalance's time."""
    fleet = proxied.fleet
    with Probe(fleet.port("w1")) as probe:
        proxy.silent = GROUP
        wait_until(lambda: probe.heard("group coordinator silent"), "the probe", 4 * SESSION_SECONDS)
        assert not fleet.ended
        line = fleet.next_end().last_line
    proxy.silent = ()

    assert "worker stops: group coordinator silent for" in line
    assert "while brokers respond" in line
    judge(proxied, LEAST)


def test_a_worker_that_was_deposed_ends(begin: Begin) -> None:
    """A later claim in a state log: the worker ends at its next record there, before it acknowledges."""
    cluster = begin(workers=1)
    cluster.feed.start(rate=60)
    clock.pause(3)
    producer = Producer({"bootstrap.servers": cluster.settings.brokers, "log_level": 0})
    producer.produce("faults.state.crm", encode(Claim("somebody else")), partition=0)
    producer.flush()

    line = cluster.fleet.next_end().last_line
    assert "worker stops: crm.events-0: faults.state.crm-0: claimed by another worker before offset" in line
    judge(cluster, LEAST)


def test_a_spare_worker_is_ready(begin: Begin) -> None:
    """One that joined and got no partition, since there are more workers than partitions, is healthy."""
    cluster = begin(workers=2, partitions=1)
    held = [cluster.fleet.members[name].process.scrape() for name in cluster.fleet.running]

    assert sorted('salespulse_partitions_held{namespace="faults",topic="crm.events"} 1.0' in text for text in held)
