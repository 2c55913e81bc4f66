"""The consumer group of a deployment, as an operator sees it."""

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from pipeline.topics.table import full_name
from tests.faults.cluster import Cluster

READ = ("crm.events", "telephony.events", "org.changes", "facts", "parts")


def committed(cluster: Cluster) -> int:
    """The sum of all committed offsets: it grows while the deployment makes progress."""
    admin = AdminClient(cluster.kafka.admin_options)
    group = cluster.settings.namespace
    found = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result()
    return sum(max(place.offset, 0) for place in found.topic_partitions or ())


def reset(cluster: Cluster) -> None:
    """Set all committed offsets back to the beginning; the group must be empty."""
    admin = AdminClient(cluster.kafka.admin_options)
    settings = cluster.settings
    group = settings.namespace
    places = [
        TopicPartition(full_name(settings.namespace, topic), n, 0) for topic in READ for n in range(settings.partitions)
    ]
    admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, places)])[group].result()
