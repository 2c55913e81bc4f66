"""What one worker's engine is told: how to reach the broker, and how to read, write and give up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.engine.kafka.fail_stop import FailStop, end_process
from pipeline.engine.kafka.metrics import EngineMetrics, NoMetrics
from pipeline.kernel.failpoints import Failpoints
from pipeline.kernel.proofs import Proofs, Seal

CLIENT_ID = "salespulse"
FETCH_WAIT_MS = 250
"""A partition that was full waits at most so long for a fetch without it to end."""
METADATA_AGE_MS = 15_000
"""A topic that was gone for a moment, and with it its partitions, is noticed again so soon."""
LOOK_SECONDS = 15.0
"""How often the brokers are looked at; what is wrong twice ends the process, so within a minute."""
PARTITION_FETCH_BYTES = 1024 * 1024
POLL_RECORDS = 50_000
"""More than full fetches of a dozen partitions hold, unless their records are tiny: then the rest waits packed."""
EMBEDDED_SHARD_PACE = 4
"""The embedded broker keeps 5 MB a partition: whole rounds have to follow each other closely."""
EMBEDDED_STATE_BYTES = 1_500_000
EMBEDDED_COMPRESSION = 3
"""How many times smaller state gets at least when it is compressed."""


@dataclass(frozen=True, slots=True)
class WriterPolicy:
    """How a log is written: size of a part, bytes of shards per byte of deltas, most bytes of state (0: no limit)."""

    part_bytes: int = 512 * 1024
    shard_pace: float = 1 / 3
    state_limit_bytes: int = 0


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What one worker's engine needs to know. Durations are in the unit of their name.

    `group` is the consumer group and Faust's app id; `security` are aiokafka's own options (`security_protocol`,
    `ssl_context`, `sasl_…`). `topics` are those written to besides the stages' own, by logical name.
    `proofs` are those of ticks and answers: without them ticks bear none, and no answer is heeded.
    `recovery_limit_seconds` is how long a recovery may last before the process ends. `jump_limit_ms` is how far an
    append time may be ahead of everything before the process ends.
    """

    brokers: Sequence[str]
    group: str
    full_name: Callable[[str], str]
    partitions: int
    topics: Sequence[str] = ()
    embedded: bool = False
    worker: str = "worker"
    instance_id: str | None = None
    security: Mapping[str, Any] = field(default_factory=dict)
    proofs: Proofs | None = None
    session_timeout_seconds: float = 10.0
    rebalance_timeout_seconds: float = 30.0
    recovery_limit_seconds: float = 300.0
    look_seconds: float = LOOK_SECONDS
    tick_seconds: float = 5.0
    jump_limit_ms: int = 6 * 3_600_000
    linger_ms: int = 20
    turn_ms: int = 50
    batch_records: int = 4000
    waiting_records: int = 16_000
    pipe_depth: int = 2
    compression: str | None = None
    policy: WriterPolicy | None = None
    self_fence: bool = True
    fail_stop: FailStop = end_process
    failpoints: Failpoints = field(default_factory=Failpoints)
    metrics: EngineMetrics = field(default_factory=NoMetrics)

    def seal(self, topic: str, partition: int) -> Seal | None:
        """The seal of a partition of a source topic, by its logical name."""
        return None if self.proofs is None else self.proofs.at(topic, partition)

    @property
    def writer_policy(self) -> WriterPolicy:
        """How state logs are written: as given, or the default for this kind of broker."""
        if self.policy is not None or not self.embedded:
            return self.policy or WriterPolicy()
        times = EMBEDDED_COMPRESSION if self.compression else 1
        return WriterPolicy(shard_pace=EMBEDDED_SHARD_PACE, state_limit_bytes=EMBEDDED_STATE_BYTES * times)

    @property
    def coordinator_limit_seconds(self) -> float:
        """How long the group's coordinator may be silent while brokers answer; a join waits for all other members."""
        return self.rebalance_timeout_seconds + 2 * self.session_timeout_seconds

    @property
    def client_options(self) -> dict[str, Any]:
        """Keyword options of every aiokafka client."""
        return {"bootstrap_servers": list(self.brokers), **self.security}

    @property
    def group_options(self) -> dict[str, Any]:
        """Keyword options of the consumer in the group."""
        return {
            **self.client_options,
            "group_id": self.group,
            "group_instance_id": self.instance_id,
            "client_id": CLIENT_ID,
            "session_timeout_ms": int(self.session_timeout_seconds * 1000),
            "heartbeat_interval_ms": int(self.session_timeout_seconds * 250),
            "rebalance_timeout_ms": int(self.rebalance_timeout_seconds * 1000),
            "max_poll_interval_ms": int((self.recovery_limit_seconds + 60) * 1000),
            "metadata_max_age_ms": METADATA_AGE_MS,
            "fetch_max_wait_ms": FETCH_WAIT_MS,
            "max_partition_fetch_bytes": PARTITION_FETCH_BYTES,
            "max_poll_records": POLL_RECORDS,
        }
