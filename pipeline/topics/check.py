"""Creating the topics, and comparing what the broker has with what the table says. Blocking: never in the event loop.

The embedded broker has no admin calls and makes topics up as they are used: there both do nothing.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import TopicAlreadyExistsError

from pipeline.config.kafka_options import kafka_python_options, require_listener
from pipeline.config.settings import Settings
from pipeline.topics.answering import answering
from pipeline.topics.table import DAY_MS, NOT_COMPARED, UNLIMITED, Topic, full_name, topics

AT_LEAST = ("max.message.bytes", "min.insync.replicas", "retention.bytes", "retention.ms")


def check_topics(settings: Settings) -> list[str]:
    """Every difference between the broker's topics and the table, one line each; empty when all is as it must be.

    A worker calls it before it joins the group, and does not start when there is a line.

    Raises:
        SetupError: when the broker cannot be reached or refuses to tell.
    """
    if settings.embedded:
        return []
    with admin_of(settings) as admin:
        return [line for topic, found in _described(admin, settings) for line in differences(topic, found, settings)]


def create_topics(settings: Settings) -> list[str]:
    """Create the topics that are missing, and wait until they can be used; gives their full names.

    Existing ones stay as they are: `check_topics` tells what is wrong with them.

    Raises:
        SetupError: when the broker cannot be reached or refuses.
    """
    if settings.embedded:
        return []
    with admin_of(settings) as admin:
        missing = {
            full_name(settings.namespace, topic.name): creation(topic, settings)
            for topic, found in _described(admin, settings)
            if found is None
        }
        if missing:
            _create(admin, missing)
        return sorted(missing)


def visible_topics(settings: Settings) -> set[str] | None:
    """The full names of all topics that the broker shows to us; None where it makes them up as they are used.

    That is the embedded broker, also somebody else's: no other needs to be told the protocol's version. Raises
    SetupError as `check_topics` does.
    """
    if settings.embedded or settings.kafka_api_version is not None:
        return None
    with admin_of(settings) as admin:
        return set(admin.list_topics())


def differences(topic: Topic, found: dict[str, Any] | None, settings: Settings) -> Iterator[str]:
    """What is wrong with a topic as the broker describes it: `partitions`, `replicas` and `configs`, or None."""
    where = f"topic {full_name(settings.namespace, topic.name)}"
    if found is None:
        yield f"{where}: missing; create it with: salespulse topics --create"
        return
    if found["partitions"] != topic.partitions:
        yield (
            f"{where}: partitions is {found['partitions']}, must be {topic.partitions} "
            f"(setting partitions; never add partitions to a topic in use, replay into a new namespace)"
        )
    if found["replicas"] < settings.replication_factor:
        yield f"{where}: replicas is {found['replicas']}, must be at least {settings.replication_factor}"
    configs = found["configs"]
    for name, wanted in sorted(creation(topic, settings)["configs"].items()):
        if name in AT_LEAST:
            if not _reaches(int(configs[name]), int(wanted)):
                yield f"{where}: {name} is {_said(name, configs[name])}, must be {_least(topic, name, wanted)}"
        elif name not in NOT_COMPARED and configs[name] != wanted:
            yield f"{where}: {name} is {configs[name]}, must be {wanted}"


def creation(topic: Topic, settings: Settings) -> dict[str, Any]:
    """A topic as kafka-python creates it."""
    configs = topic.configs
    if settings.replication_factor >= 3:
        configs["min.insync.replicas"] = str(settings.replication_factor - 1)
    return {
        "num_partitions": topic.partitions,
        "replication_factor": settings.replication_factor,
        "configs": configs,
    }


def _reaches(found: int, wanted: int) -> bool:
    """Whether a limit is wide enough; -1 is no limit."""
    return found == UNLIMITED or (wanted != UNLIMITED and found >= wanted)


def _least(topic: Topic, name: str, wanted: str) -> str:
    least = "-1 (no limit)" if wanted == str(UNLIMITED) else f"at least {_said(name, wanted)}"
    return f"{least}, because {topic.follows}" if name == "retention.ms" else least


def _said(name: str, value: str) -> str:
    """A limit for people: a retention also in days."""
    if name != "retention.ms" or int(value) < 0:
        return value
    return f"{value} ({int(value) / DAY_MS:g} days)"


def _described(admin: KafkaAdminClient, settings: Settings) -> list[tuple[Topic, dict[str, Any] | None]]:
    """The table, each topic with what the broker has under its name."""
    table = topics(settings)
    existing = set(admin.list_topics())
    names = [name for topic in table if (name := full_name(settings.namespace, topic.name)) in existing]
    if not names:
        return [(topic, None) for topic in table]
    partitions = {topic["name"]: topic["partitions"] for topic in admin.describe_topics(names)}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    configs = admin.describe_configs(resources, config_filter="all")["topic"]
    found = {
        name: {
            "partitions": len(partitions[name]),
            "replicas": min(len(partition["replica_nodes"]) for partition in partitions[name]),
            "configs": {key: config["value"] for key, config in configs[name].items()},
        }
        for name in names
    }
    return [(topic, found.get(full_name(settings.namespace, topic.name))) for topic in table]


def _create(admin: KafkaAdminClient, missing: dict[str, Any]) -> None:
    try:
        admin.create_topics(missing)
    except TopicAlreadyExistsError:
        # Somebody created some of them at the same time; what they are like is for the check to say.
        admin.create_topics(missing, raise_errors=False)
    admin.wait_for_topics(sorted(missing), timeout_ms=30_000)


@contextmanager
def admin_of(settings: Settings) -> Iterator[KafkaAdminClient]:
    """A client that asks and changes; SetupError where no broker answers, or one refuses what is asked within."""
    require_listener(settings)
    with (
        answering(settings),
        closing(KafkaAdminClient(**kafka_python_options(settings), bootstrap_timeout_ms=10_000)) as admin,
    ):
        yield admin
