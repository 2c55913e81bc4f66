"""All topics in one table: name, key, partitions, clean-up, retention, timestamp type, schema.

Logical names (`crm.events`) are used in the code; `full_name` adds the namespace. `topics` gives the table for the
settings of a deployment, `pipeline/topics/check.py` creates and compares it.
"""

from dataclasses import dataclass
from typing import Literal

from pipeline.config.settings import Settings

SOURCES = ("crm.events", "telephony.events", "org.changes")
STAGES = ("crm", "telephony", "org", "scoreboard", "rollup")
DAY_MS = 86_400_000
UNLIMITED = -1
STATE_SCHEMA = "pipeline.engine.changelog.log_record"
KAFKA_BATCH_BYTES = 1_048_588
"""Kafka's own limit of a record batch: a MiB and its overhead."""
COMPRESSION = "compression.type"
COMPACTION_LAG = "min.compaction.lag.ms"
NOT_COMPARED = (COMPRESSION, COMPACTION_LAG)
"""Settings with which topics are created; those that were made without them do as well."""
TELEPHONY_MARGIN_DAYS = 7
"""Calls stay readable a week longer than they are remembered, so that a stopped worker finds what it has not read."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it must be. `retention_ms` is the least it may be kept (-1: without limit), because of `follows`.

    `schema` names the module that reads the values. `max_message_bytes` is the least size of a record
    batch that the broker must take. `compression` is what the broker packs it with; nothing depends on that.
    `whole_days` is for how long a compacted topic keeps every record, where it is a log of changes too; whoever reads
    later misses what lay between.
    """

    name: str
    key: str
    schema: str
    partitions: int
    retention_ms: int
    follows: str
    cleanup_policy: Literal["delete", "compact"] = "delete"
    timestamp_type: Literal["LogAppendTime", "CreateTime"] = "LogAppendTime"
    max_message_bytes: int = KAFKA_BATCH_BYTES
    compression: Literal["producer", "zstd"] = "producer"
    whole_days: int = 0

    @property
    def configs(self) -> dict[str, str]:
        """The broker's settings for this topic. Nothing is dropped by size, and nothing with a leader that is lost."""
        kept = {"retention.bytes": str(UNLIMITED), "retention.ms": str(self.retention_ms)}
        return {
            "cleanup.policy": self.cleanup_policy,
            COMPRESSION: self.compression,
            "max.message.bytes": str(self.max_message_bytes),
            "message.timestamp.type": self.timestamp_type,
            "unclean.leader.election.enable": "false",
            **(kept if self.cleanup_policy == "delete" else {}),
            **({COMPACTION_LAG: str(self.whole_days * DAY_MS)} if self.whole_days else {}),
        }


def full_name(namespace: str, name: str) -> str:
    """The topic's name on the broker."""
    return f"{namespace}.{name}"


def state_log(stage: str) -> str:
    """The logical name of a stage's state log."""
    return f"state.{stage}"


def topics(settings: Settings) -> tuple[Topic, ...]:
    """Every topic of a deployment, sources first; partitions and retentions follow from the settings."""
    n = settings.partitions
    calls_ms = (settings.activity_retention_days + TELEPHONY_MARGIN_DAYS) * DAY_MS
    transit_ms = settings.transit_retention_days * DAY_MS
    refused_ms = settings.dead_letter_retention_days * DAY_MS
    transit = f"transit_retention_days is {settings.transit_retention_days}"
    refused = f"dead_letter_retention_days is {settings.dead_letter_retention_days}"
    calls = (
        f"activity_retention_days is {settings.activity_retention_days} and {TELEPHONY_MARGIN_DAYS} more are kept "
        "for a worker that was down"
    )
    open_deals = "open deals and accounts are never forgotten"
    scope = "scope and window, such as team:north 1h"
    return (
        Topic("crm.events", "object, such as deal:123", "schemas.crm", n, UNLIMITED, open_deals),
        Topic("telephony.events", "call:… or agent:…", "schemas.telephony", n, calls_ms, calls),
        Topic(
            "org.changes",
            "team:…, rep:… and the like",
            "schemas.org",
            n,
            UNLIMITED,
            "the organisation is never forgotten",
        ),
        Topic("facts", "partition of team:<id>", "schemas.facts", n, transit_ms, transit),
        Topic("parts", "partition of the larger scope", "schemas.parts", n, transit_ms, transit),
        *(
            Topic(state_log(stage), "none", STATE_SCHEMA, n, UNLIMITED, "the worker trims it itself")
            for stage in STAGES
        ),
        *(
            Topic(f"kpis.{stage}", scope, "schemas.kpis", n, UNLIMITED, "the latest figure stays", "compact")
            for stage in ("scoreboard", "rollup")
        ),
        Topic("alerts", "alert id", "schemas.alerts", n, UNLIMITED, "the latest state stays", "compact", whole_days=7),
        Topic(
            "recognition",
            "such as contest:<name>",
            "schemas.recognition",
            n,
            UNLIMITED,
            "the latest state stays",
            "compact",
        ),
        Topic(
            "imports",
            "run, or run, object and part",
            "pipeline.importing.manifest",
            n,
            UNLIMITED,
            "an import can be taken back at any time",
            "compact",
        ),
        Topic(
            "dead-letters",
            "as it came",
            "schemas.dead_letters",
            n,
            refused_ms,
            refused,
            max_message_bytes=2 * KAFKA_BATCH_BYTES,
            compression="zstd",
        ),
    )
