"""Fault 20: topics that are not as they must be, at the start and under a running worker.

Every difference by itself is in tests/unit/topics/test_table.py and tests/contract/test_topic_check.py.
"""

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewPartitions

from pipeline import clock
from pipeline.config.kafka_options import kafka_python_options
from pipeline.engine.kafka import fail_stop
from tests.faults.conftest import Begin
from tests.faults.probe import Probe

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

TOPIC = "faults.crm.events"


def test_fault_20_a_topic_that_grows_under_a_worker_halts_it(begin: Begin) -> None:
    """Within a minute, and again at each start: keys have moved to other partitions, so nothing may go on."""
    cluster = begin(workers=1)
    fleet = cluster.fleet
    cluster.feed.start(rate=60)
    clock.pause(2)
    with Probe(fleet.port("w1")) as probe:
        admin = KafkaAdminClient(**kafka_python_options(cluster.settings))
        admin.create_partitions({TOPIC: NewPartitions(8)})
        admin.close()
        began = clock.elapsed_seconds()
        ended = fleet.next_end()
        took_seconds = clock.elapsed_seconds() - began
    assert took_seconds < 60
    assert ended.code == fail_stop.EXIT_CODE
    assert TOPIC in ended.last_line
    assert "partitions, expected 4: it was resized while the worker was running" in ended.last_line
    # Where the group notices first, it is too quick to be seen.
    assert all(TOPIC in said or "not in the consumer group" in said for said in probe.said)

    refused = fleet.next_end()
    assert refused.code == 2
    assert f"topic {TOPIC}: partitions is 8, must be 4" in refused.said


def test_fault_20_too_few_copies_are_refused(begin: Begin) -> None:
    """A worker that is to have three copies of everything does not start on topics with one."""
    cluster = begin(workers=0)
    cluster.fleet.join("w1", SALESPULSE_REPLICATION_FACTOR="3")
    refused = cluster.fleet.next_end()

    assert refused.code == 2
    assert "topic faults.alerts: replicas is 1, must be at least 3" in refused.said
