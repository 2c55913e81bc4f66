"""The lag probe tells what a consumer group has not acknowledged, on either broker."""

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.sending.event import Outgoing
from pipeline.sending.producer import EventProducer
from pipeline.topics.check import create_topics
from pipeline.topics.lag import Lag
from pipeline.topics.log_bounds import end_offsets
from pipeline.topics.table import full_name


@pytest.fixture(params=["embedded_settings", pytest.param("kafka_settings", marks=pytest.mark.kafka)])
def settings(request: pytest.FixtureRequest) -> Settings:
    """Settings for the embedded broker, and for a real one, with their topics."""
    made: Settings = request.getfixturevalue(request.param)
    create_topics(made)
    return made


def deal(number: int) -> Outgoing:
    """An event of a deal."""
    return Outgoing({"type": "crm.deal.changed", "subject": f"deal:{number}", "id": str(number), "data": {}})


def test_all_counts_until_the_group_has_acknowledged_it(settings: Settings) -> None:
    """What was never acknowledged is behind; what was acknowledged is not; other topics can be left out."""
    with EventProducer(settings) as producer:
        producer.send_all(deal(number) for number in range(30))
    with Lag(settings) as lag, Lag(settings, ["org.changes"]) as organisation:
        assert lag.events() == 30
        assert organisation.events() == 0
        _acknowledge(settings)

        assert lag.events() == 0


def _acknowledge(settings: Settings) -> None:
    """Commit all of crm.events, as a worker's group does."""
    consumer = KafkaConsumer(**kafka_python_options(settings), group_id=settings.namespace, enable_auto_commit=False)
    name = full_name(settings.namespace, "crm.events")
    partitions = [TopicPartition(name, number) for number in range(settings.partitions)]
    consumer.assign(partitions)
    ends = end_offsets(consumer, partitions)
    consumer.commit({each: OffsetAndMetadata(ends[each], "", -1) for each in partitions})
    consumer.close()
