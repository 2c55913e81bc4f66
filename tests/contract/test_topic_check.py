"""The topic check against a real Apache Kafka."""

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings, load_settings
from pipeline.topics.check import check_topics, create_topics
from pipeline.topics.table import full_name, topics
from tests.servers.process import wait_until

pytestmark = pytest.mark.kafka


def test_created_topics_pass_the_check(kafka_settings: Settings) -> None:
    """All topics are missing at first, created once, and then as they must be."""
    table = [full_name(kafka_settings.namespace, topic.name) for topic in topics(kafka_settings)]

    assert [line.split()[1].rstrip(":") for line in check_topics(kafka_settings)] == table
    assert create_topics(kafka_settings) == sorted(table)
    assert check_topics(kafka_settings) == []
    assert create_topics(kafka_settings) == []


def test_differences_are_told_line_by_line(kafka_settings: Settings) -> None:
    """What somebody else created or changed differently is told exactly, topic by topic."""
    namespace = kafka_settings.namespace
    with _admin(kafka_settings) as admin:
        configs = {"cleanup.policy": "compact", "message.timestamp.type": "CreateTime"}
        crm = {"num_partitions": 3, "replication_factor": 1, "configs": configs}
        admin.create_topics({full_name(namespace, "crm.events"): crm}, wait_for_metadata=True)
        create_topics(kafka_settings)
        admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, full_name(namespace, "facts"), {"retention.ms": "86400000"})]
        )

    wait_until(lambda: any(".facts:" in line for line in check_topics(kafka_settings)), "the change to be in force")
    assert check_topics(kafka_settings) == [
        f"topic {namespace}.crm.events: partitions is 3, must be 4 "
        "(setting partitions; never add partitions to a topic in use, replay into a new namespace)",
        f"topic {namespace}.crm.events: cleanup.policy is compact, must be delete",
        f"topic {namespace}.crm.events: message.timestamp.type is CreateTime, must be LogAppendTime",
        f"topic {namespace}.crm.events: retention.ms is 604800000 (7 days), must be -1 (no limit), "
        "because open deals and accounts are never forgotten",
        f"topic {namespace}.facts: retention.ms is 86400000 (1 days), must be at least 345600000 (4 days), "
        "because transit_retention_days is 4",
    ]


def test_a_longer_memory_asks_for_a_longer_retention(kafka_settings: Settings) -> None:
    """When a setting is raised, the topic whose retention follows from it is named."""
    create_topics(kafka_settings)
    longer = load_settings({}, **kafka_settings.model_dump() | {"activity_retention_days": 90})

    (line,) = check_topics(longer)
    assert line.endswith(
        "telephony.events: retention.ms is 3628800000 (42 days), must be at least 8380800000 (97 days), "
        "because activity_retention_days is 90 and 7 more are kept for a worker that was down"
    )


def _admin(settings: Settings) -> KafkaAdminClient:
    return KafkaAdminClient(**kafka_python_options(settings))
