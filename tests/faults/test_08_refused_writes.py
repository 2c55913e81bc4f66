"""Fault 8: the broker refuses what a state log must hold. A right that was taken away is in test_25_rights.py."""

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from pipeline import clock
from pipeline.config.kafka_options import kafka_python_options
from pipeline.engine.kafka import fail_stop
from pipeline.topics.check import create_topics
from tests.faults.cluster import Cluster
from tests.faults.conftest import Begin
from tests.faults.offsets import commits_are_behind_the_state
from tests.faults.probe import Probe
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

TOPIC = "faults.state.crm"
SET_UP = 2


def allow(cluster: Cluster, max_message_bytes: int) -> None:
    """Change the largest batch that the state log takes."""
    admin = KafkaAdminClient(**kafka_python_options(cluster.settings))
    admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, TOPIC, {"max.message.bytes": str(max_message_bytes)})]
    )
    admin.close()


def test_fault_08_records_that_are_too_large_stop_the_worker(begin: Begin) -> None:
    """It ends before it acknowledges, and does not start until the topic is as it must be; then nothing is missing."""
    cluster = begin(workers=1)
    fleet = cluster.fleet
    fleet.known.add(SET_UP)
    cluster.feed.start(rate=100)
    clock.pause(3)
    allow(cluster, 150)

    line = fleet.next_end().last_line
    assert "worker stops: crm.events-" in line
    assert f"{TOPIC}-" in line
    assert "rejects a record: MessageSizeTooLargeError" in line
    refused = fleet.next_end()
    assert refused.code == SET_UP
    assert f"topic {TOPIC}: max.message.bytes is 150, must be at least 1048588" in refused.said
    fleet.kill("w1")
    assert commits_are_behind_the_state(cluster, "crm.events", "crm")

    allow(cluster, 1_048_588)
    fleet.join("w1")
    judge(cluster, least=200)


def test_fault_08_a_state_log_that_is_deleted_stops_the_worker(begin: Begin) -> None:
    """Within a minute, as the probe said before. Created again, it follows from the source: no figure changes."""
    cluster = begin(workers=1)
    fleet = cluster.fleet
    fleet.known.add(SET_UP)
    cluster.feed.start(rate=100)
    clock.pause(3)
    with Probe(fleet.port("w1")) as probe:
        admin = KafkaAdminClient(**kafka_python_options(cluster.settings))
        admin.delete_topics([TOPIC])
        admin.close()
        ended = fleet.next_end(60)
    assert ended.code == fail_stop.EXIT_CODE
    assert f"worker stops: topic {TOPIC} is gone: it was deleted while the worker was running" in ended.last_line
    assert probe.heard(f"topic {TOPIC} is gone")
    refused = fleet.next_end()
    assert refused.code == SET_UP
    assert f"topic {TOPIC}: missing; create it with: salespulse topics --create" in refused.said

    create_topics(cluster.settings)
    judge(cluster, least=200)
