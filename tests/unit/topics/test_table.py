"""The table of topics, and what is said about a topic that differs from it."""

from importlib.util import find_spec
from typing import Any

import pytest

from pipeline.config.settings import Settings, SetupError, load_settings
from pipeline.topics.check import check_topics, create_topics, creation, differences
from pipeline.topics.table import DAY_MS, SOURCES, STAGES, Topic, full_name, topics

DEFAULTS = load_settings({})


def topic(name: str, settings: Settings = DEFAULTS) -> Topic:
    """The topic of the table with a logical name."""
    return next(topic for topic in topics(settings) if topic.name == name)


def as_created(name: str, **changed: str) -> dict[str, Any]:
    """What a broker would tell of the topic as it was created, with some of its settings changed."""
    made = creation(topic(name), DEFAULTS)
    configs = made["configs"] | {key.replace("_", "."): value for key, value in changed.items()}
    return {"partitions": made["num_partitions"], "replicas": made["replication_factor"], "configs": configs}


def lines(name: str, found: dict[str, Any] | None) -> list[str]:
    """The differences of one topic under the default settings."""
    return list(differences(topic(name), found, DEFAULTS))


def test_the_table_holds_every_topic_once() -> None:
    """Sources, facts, parts, one state log a stage, KPI topics, alerts, recognition, imports and dead letters."""
    names = [topic.name for topic in topics(DEFAULTS)]

    assert len(set(names)) == len(names)
    assert set(names) == {
        *SOURCES, "facts", "parts", *(f"state.{stage}" for stage in STAGES),
        "kpis.scoreboard", "kpis.rollup", "alerts", "recognition", "imports", "dead-letters",
    }  # fmt: skip


def test_every_topic_has_the_same_number_of_partitions() -> None:
    """One writer a partition, and keys that meet: the partitions are those of the settings everywhere."""
    assert {topic.partitions for topic in topics(load_settings({}, partitions=12))} == {12}


def test_sources_are_never_compacted_and_stamped_by_the_broker() -> None:
    """Changes are partial, so no record stands for another; time is the broker's."""
    for name in SOURCES:
        assert (topic(name).cleanup_policy, topic(name).timestamp_type) == ("delete", "LogAppendTime")


def test_retentions_follow_from_the_settings() -> None:
    """Calls outlive their memory by a week, facts wait for a worker, what is never forgotten stays."""
    settings = load_settings({}, activity_retention_days=60, transit_retention_days=2, dead_letter_retention_days=9)

    assert topic("telephony.events", settings).retention_ms == 67 * DAY_MS
    assert topic("facts", settings).retention_ms == topic("parts", settings).retention_ms == 2 * DAY_MS
    assert topic("dead-letters", settings).retention_ms == 9 * DAY_MS
    assert {topic(name).retention_ms for name in ("crm.events", "org.changes", "state.crm", "kpis.rollup")} == {-1}


def test_a_dead_letter_has_room_for_any_record_and_its_headers() -> None:
    """The dead-letter topic takes larger batches than any source."""
    assert topic("dead-letters").max_message_bytes > max(topic(name).max_message_bytes for name in SOURCES)


def test_dead_letters_are_packed_and_nobody_minds_how() -> None:
    """What producers get wrong they get wrong alike; a topic that was made before is no mistake."""
    assert as_created("dead-letters")["configs"]["compression.type"] == "zstd"
    assert lines("dead-letters", as_created("dead-letters", compression_type="producer")) == []
    assert as_created("crm.events")["configs"]["compression.type"] == "producer"


def test_full_names_carry_the_namespace() -> None:
    """The namespace stands before the logical name."""
    assert full_name("acme", "crm.events") == "acme.crm.events"


def test_a_topic_as_created_has_no_differences() -> None:
    """What is created from the table passes the check."""
    assert [line for made in topics(DEFAULTS) for line in lines(made.name, as_created(made.name))] == []


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"cleanup_policy": "compact"}, "cleanup.policy is compact, must be delete"),
        (
            {"message_timestamp_type": "CreateTime"},
            "message.timestamp.type is CreateTime, must be LogAppendTime",
        ),
        (
            {"retention_ms": str(7 * DAY_MS)},
            "retention.ms is 604800000 (7 days), must be at least 3628800000 (42 days), "
            "because activity_retention_days is 35 and 7 more are kept for a worker that was down",
        ),
        ({"retention_bytes": "1000000"}, "retention.bytes is 1000000, must be -1 (no limit)"),
        ({"unclean_leader_election_enable": "true"}, "unclean.leader.election.enable is true, must be false"),
        ({"max_message_bytes": "1000"}, "max.message.bytes is 1000, must be at least 1048588"),
    ],
)
def test_a_difference_is_told_exactly(changed: dict[str, str], line: str) -> None:
    """Each line names the topic, the broker's setting, what it is and what it must be."""
    assert lines("telephony.events", as_created("telephony.events", **changed)) == [
        f"topic salespulse.telephony.events: {line}"
    ]


def test_longer_is_never_wrong() -> None:
    """A retention above the least, or without limit, and larger messages are accepted."""
    assert lines("facts", as_created("facts", retention_ms=str(90 * DAY_MS), max_message_bytes="9999999")) == []
    assert lines("facts", as_created("facts", retention_ms="-1")) == []


def test_wrong_partitions_and_too_few_copies_are_told() -> None:
    """A partition count must be equal; copies must be enough."""
    found = as_created("facts") | {"partitions": 8}
    assert lines("facts", found)[0].startswith("topic salespulse.facts: partitions is 8, must be 4")

    three = load_settings({}, replication_factor=3)
    (copies, insync) = differences(topic("facts"), _with(as_created("facts"), "1"), three)
    assert copies == "topic salespulse.facts: replicas is 1, must be at least 3"
    assert insync == "topic salespulse.facts: min.insync.replicas is 1, must be at least 2"


def _with(found: dict[str, Any], min_insync: str) -> dict[str, Any]:
    return found | {"configs": found["configs"] | {"min.insync.replicas": min_insync}}


def test_a_missing_topic_is_told_with_the_remedy() -> None:
    """A topic that is not there is one line that names the command."""
    assert lines("facts", None) == ["topic salespulse.facts: missing; create it with: salespulse topics --create"]


def test_the_embedded_broker_is_excepted() -> None:
    """On the embedded broker both do nothing, and do not connect."""
    embedded = load_settings({}, embedded=True, brokers="127.0.0.1:1")

    assert check_topics(embedded) == create_topics(embedded) == []


def test_an_unreachable_broker_is_named() -> None:
    """Without a broker there is one line that names the setting and the address."""
    with pytest.raises(SetupError, match=r"^SALESPULSE_BROKERS: cannot connect to 127\.0\.0\.1:1$"):
        check_topics(load_settings({}, brokers="127.0.0.1:1"))


def test_every_topic_names_the_module_that_reads_it() -> None:
    """The schema column points at modules that exist."""
    assert [topic for topic in topics(DEFAULTS) if find_spec(topic.schema) is None] == []
