"""A whole deployment of a test: Kafka and Redis of its own, workers under a supervisor, a seeded stream of events."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from redis import Redis

from pipeline.config.settings import Settings, load_settings
from pipeline.topics.check import create_topics
from tests.faults.feed import Feed
from tests.faults.stream import Stream
from tests.faults.worker_fleet import WorkerFleet
from tests.harness.proofs import CONTROL_KEYS
from tests.servers.kafka import KafkaServer, require_jars
from tests.servers.redis import RedisServer

SESSION_SECONDS = 10
"""What is lost goes to another worker soon; half of it a worker may stand still, on a machine that is busy."""
QUICK = {
    "self_fence": True,
    "session_timeout_seconds": SESSION_SECONDS,
    "slow_publish_interval_ms": 500,
}


class Cluster:
    """A context: entering it starts all, leaving it ends all. `options` are settings by name.

    `env` is set for the workers only, and wins there. `named` workers are static members of the group: one that comes
    back in time finds its partitions waiting.
    """

    def __init__(
        self, folder: Path, seed: int, *, workers: int = 2, named: bool = False, stream: Stream | None = None,
        kafka_options: dict[str, str] | None = None, env: Mapping[str, str] | None = None, **options: Any,
    ) -> None:  # fmt: skip
        self.seed = seed
        self.kafka = KafkaServer(_made(folder / "kafka"), require_jars(), kafka_options)
        self.redis = RedisServer(_made(folder / "redis"))
        given = {**QUICK, **options, "brokers": self.kafka.bootstrap, "redis_url": self.redis.url, "health_port": 0}
        given["control_keys"] = CONTROL_KEYS
        self.settings: Settings = load_settings({}, namespace="faults", **given)
        given_env = {f"SALESPULSE_{name.upper()}": str(value) for name, value in given.items() if name != "health_port"}
        more = {"SALESPULSE_NAMESPACE": "faults", **(env or {})}
        self.fleet = WorkerFleet({**given_env, **more}, _made(folder / "workers"), named=named)
        self.stream = stream or Stream(seed)
        self._first = [f"w{n}" for n in range(1, workers + 1)]
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self._end_servers)
            self.kafka.start()
            self.redis.start()
            create_topics(self.settings)
            self.feed = stack.enter_context(Feed(self.settings, self.stream))
            stack.enter_context(self.fleet)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def begin(self, now_ms: int, *, organised: bool = True) -> None:
        """The organisation is told, where it is to be known, and all workers are started and get ready."""
        if organised:
            self.feed.send(self.stream.organisation(now_ms))
            self.feed.flush()
        for name in self._first:
            self.fleet.join(name)
        self.fleet.until_ready()

    @property
    def scrapes(self) -> list[str]:
        """Where the metrics of the running workers are, those of reps too."""
        ports = [self.fleet.members[name].process.health_port for name in self.fleet.running]
        return [f"http://127.0.0.1:{port}{path}" for port in ports for path in ("/metrics", "/metrics/reps")]

    def redis_version(self) -> str:
        """What Redis says it is."""
        with Redis(port=self.redis.port, decode_responses=True) as client:
            return str(cast("Any", client).info("server")["redis_version"])

    def _end_servers(self) -> None:
        for server in (self.kafka, self.redis):
            if server.process.running:
                server.resume()
            server.kill()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
