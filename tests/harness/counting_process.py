"""Workers of the counting stages as processes, a producer for them, and the comparison with what was produced."""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from confluent_kafka import Producer
from kafka.admin import KafkaAdminClient

from tests.harness.counting import expected_sums, values
from tests.harness.state import read_state
from tests.servers.process import ServerProcess, wait_until

PARTITIONS = 4
TOPICS = ("crm.events", "facts", "state.crm", "state.scoreboard")
ROOT = Path(__file__).parents[2]


def create_topics(bootstrap: str, namespace: str, names: Sequence[str] = TOPICS) -> None:
    """The topics of the counting stages, or some of them, on a real broker."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        topic = {
            "num_partitions": PARTITIONS,
            "replication_factor": 1,
            "configs": {"message.timestamp.type": "LogAppendTime"},
        }
        admin.create_topics({f"{namespace}.{name}": topic for name in names})
    finally:
        admin.close()


class CountingProcess(ServerProcess):
    """One worker; `options` as `tests.harness.counting_worker` takes them."""

    def __init__(self, directory: Path, namespace: str, bootstrap: str, **options: object) -> None:
        name = str(options.setdefault("worker", "one"))
        settings = {"namespace": namespace, "brokers": bootstrap, **options}
        command = (sys.executable, "-m", "tests.harness.counting_worker", json.dumps(settings))
        super().__init__(command, directory / f"{name}.log", {"PYTHONPATH": str(ROOT)})
        self._begun_at = 0

    def begin(self) -> None:
        """Start it, without waiting for anything."""
        self._begun_at = len(self._said())
        self.start(lambda: True)

    def until_holding(self, partitions: int | None = None) -> None:
        """Return once it has said since its start that it holds partitions (so many)."""
        said = "holding " if partitions is None else f"holding {partitions} partitions"

        def holds() -> bool:
            if not self.running:
                raise AssertionError(f"the worker ended: {self.tail()}")
            return any(said in line for line in self._said()[self._begun_at :])

        wait_until(holds, f"a worker {said}", 60)

    def until_ended(self, limit_seconds: float = 60) -> int:
        """Wait for its end; the exit code."""
        assert self.process is not None
        try:
            return self.process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {limit_seconds} s: {self.tail()}") from None

    def _said(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines() if self.log.exists() else []


class Tally:
    """Produces records of random keys, and knows what the stages must make of them."""

    def __init__(self, bootstrap: str, namespace: str, *, embedded: bool = False) -> None:
        self.bootstrap = bootstrap
        self.namespace = namespace
        self.embedded = embedded
        self.expected: Counter[str] = Counter()
        self._random = random.Random(namespace)
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "linger.ms": 5, "log_level": 0}
        )

    def produce(self, records: int) -> None:
        """Produce so many records, and return when they are there."""
        for _ in range(records):
            key = f"key-{self._random.randrange(1000)}"
            self.expected[key] += 1
            self._producer.produce(f"{self.namespace}.crm.events", b"x", key.encode())
            self._producer.poll(0)
        self._producer.flush()

    def agrees(self) -> bool:
        """Whether the state logs of both stages say what was produced."""
        counts, sums = (
            values(read_state(self.bootstrap, f"{self.namespace}.{log}", PARTITIONS))
            for log in ("state.crm", "state.scoreboard")
        )
        return counts == self.expected and sums == expected_sums(self.expected)

    def until_agreed(self, limit_seconds: float = 60) -> None:
        """Return once the state logs agree."""
        wait_until(self.agrees, "the states to equal what was produced", limit_seconds, 0.5)
