"""Kafka as an installation needs it: its release, the topics and their partitions, rights, and its clock."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.config.settings import Settings, SetupError
from pipeline.doctor.finding import Examined, Finding, fault, warning
from pipeline.topics.check import admin_of, check_topics
from pipeline.topics.table import full_name, topics

PART = "kafka"
OLDEST = (2, 6)
"""Of brokers, what clients and topics need: deleting records, static members, batches as they are written."""
RIGHTS = "authorized_operations"
TOPIC_RIGHTS = frozenset({"READ", "WRITE", "DESCRIBE"})
WRITES_ONLY = ("alerts", "recognition", "dead-letters")
NOT_OF_WORKERS = ("imports",)
"""Topics of which a worker needs nothing but to see that they are there."""


@dataclass(frozen=True)
class Cluster:
    """What the brokers tell."""

    version: tuple[int, ...]
    brokers: int
    differences: Sequence[str] = ()
    """Of the topics from what they must be, as a worker tells them when it does not start."""
    partitions: Sequence[Mapping[str, Any]] = ()
    """topic, partition, leader, replicas and in-sync replicas."""
    rights: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What the user may do with each topic, where the brokers tell."""


def examine_kafka(settings: Settings) -> Examined:
    """Ask the brokers; one that does not answer is a finding."""
    if settings.embedded:
        return Examined(PART, "the embedded broker: for the demo and for tests, without replicas or rights")
    try:
        cluster = _cluster(settings)
    except SetupError as error:
        cure = "is Kafka running, and are address, encryption and login right?"
        return Examined(PART, f"no answer from {settings.brokers}", (fault(str(error), cure),), answered=False)
    release = ".".join(map(str, cluster.version))
    many = "s" if cluster.brokers != 1 else ""
    summary = f"{release}, {cluster.brokers} broker{many}, {len(topics(settings))} topics"
    return Examined(PART, summary, tuple(findings_of_kafka(cluster, settings)))


def findings_of_kafka(cluster: Cluster, settings: Settings) -> Iterator[Finding]:
    """What is wrong with what the brokers tell. Pure."""
    if cluster.version < OLDEST:
        release = ".".join(map(str, cluster.version))
        yield fault(f"the brokers are of release {release}", f"use {'.'.join(map(str, OLDEST))} or later")
    for line in cluster.differences:
        wrong, _, create = line.partition("; create")
        yield fault(wrong, f"create{create}" if create else "change the topic, or the setting it follows")
    if settings.replication_factor == 1 and cluster.brokers > 1:
        yield warning(
            f"topics have one replica, on {cluster.brokers} brokers",
            "set SALESPULSE_REPLICATION_FACTOR to 3, and add replicas: one disk that fails loses the figures",
        )
    yield from _of_partitions(cluster)
    yield from _of_rights(cluster, settings)


def _of_partitions(cluster: Cluster) -> Iterator[Finding]:
    gone = [each for each in cluster.partitions if each["leader"] < 0]
    behind = [each for each in cluster.partitions if each["leader"] >= 0 and each["in_sync"] < each["replicas"]]
    if gone:
        yield fault(f"{_named(gone)}: no broker leads it", "start the brokers that hold it")
    if behind:
        yield warning(f"{_named(behind)}: replicas are missing or behind", "see to the broker that is down or slow")


def _named(partitions: Sequence[Mapping[str, Any]], most: int = 3) -> str:
    names = [f"{each['topic']} {each['partition']}" for each in partitions]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _of_rights(cluster: Cluster, settings: Settings) -> Iterator[Finding]:
    lacking: dict[frozenset[str], list[str]] = {}
    for topic in topics(settings):
        name = full_name(settings.namespace, topic.name)
        if name not in cluster.rights or topic.name in NOT_OF_WORKERS:
            continue
        needed = TOPIC_RIGHTS - ({"READ"} if topic.name in WRITES_ONLY else set())
        if topic.name.startswith("state."):
            needed |= {"DELETE"}
        if missing := needed - cluster.rights[name]:
            lacking.setdefault(missing, []).append(name)
    for missing, names in sorted(lacking.items(), key=lambda each: each[1]):
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        user = settings.kafka_sasl_username or "the user"
        yield fault(
            f"{user} lacks {', '.join(sorted(missing))} on {', '.join(names[:3])}{more}",
            "grant a worker's rights as docs/security.md lists them",
        )


def _cluster(settings: Settings) -> Cluster:
    differences = check_topics(settings)
    with admin_of(settings) as admin:
        brokers = admin.describe_cluster()["brokers"]
        version = admin.get_broker_version_data(brokers[0]["broker_id"]).broker_version
        ours = {full_name(settings.namespace, topic.name) for topic in topics(settings)}
        described = [each for each in admin.describe_topics() if each["name"] in ours]
    return Cluster(
        tuple(version), len(brokers), differences,
        [_partition(topic["name"], each) for topic in described for each in topic["partitions"]],
        {each["name"]: frozenset(each[RIGHTS]) for each in described if each.get(RIGHTS)},
    )  # fmt: skip


def _partition(topic: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "topic": topic, "partition": told["partition_index"], "leader": told["leader_id"],
        "replicas": len(told["replica_nodes"]), "in_sync": len(told["isr_nodes"]),
    }  # fmt: skip
