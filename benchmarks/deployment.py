"""Salespulse as it is shipped, on the servers of a run: its topics, its workers, and what they tell of themselves."""

import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Self

import redis
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.events import Arrival
from benchmarks.expected import Figures
from benchmarks.load import send
from benchmarks.measure import Outcome, Round, measure, rounds
from benchmarks.published import compared, parse_record, read_redis
from benchmarks.readback import KpiTopicReader
from benchmarks.scene import Scene
from benchmarks.servers import Servers
from pipeline.config.settings import PREFIX, load_settings
from pipeline.topics.check import create_topics
from pipeline.topics.lag import Lag
from pipeline.topics.table import full_name
from tests.harness.proofs import CONTROL_KEYS
from tests.servers.process import ServerProcess, free_port, wait_until

NAMESPACE = "bench"
KPI_TOPICS = tuple(full_name(NAMESPACE, topic) for topic in ("kpis.scoreboard", "kpis.rollup"))
START_SECONDS = 120
SETTLE_SECONDS = 600
SCRAPE_SECONDS = 300


class Deployment(AbstractContextManager["Deployment"]):
    """One namespace and its workers, all on the job's core; `options` are settings. All are stopped at the end.

    `named` workers have names of their own in the group: one that is back in time finds its partitions waiting.
    """

    def __init__(self, servers: Servers, *, workers: int = 1, named: bool = False, **options: Any) -> None:
        self.servers = servers
        self.settings = load_settings(
            {},
            namespace=NAMESPACE,
            brokers=servers.brokers,
            redis_url=servers.redis_url,
            control_keys=CONTROL_KEYS,
            **options,
        )
        environment = {
            f"{PREFIX}NAMESPACE": NAMESPACE,
            f"{PREFIX}BROKERS": servers.brokers,
            f"{PREFIX}REDIS_URL": servers.redis_url,
            f"{PREFIX}CONTROL_KEYS": CONTROL_KEYS,
            **{f"{PREFIX}{name.upper()}": str(value) for name, value in options.items()},
        }
        self.ports = [free_port() for _ in range(workers)]
        command = servers.on_job_core([sys.executable, "-m", "pipeline.cli", "worker"])
        names = [{f"{PREFIX}WORKER_ID": f"worker-{number}"} if named else {} for number in range(1, workers + 1)]
        self.workers = [
            ServerProcess(
                command,
                servers.directory / f"worker-{port}.log",
                {**environment, **name, f"{PREFIX}HEALTH_PORT": str(port)},
            )
            for port, name in zip(self.ports, names, strict=True)
        ]

    def __enter__(self) -> Self:
        create_topics(self.settings)
        try:
            for number in range(len(self.workers)):
                self.start(number)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, number: int = 0) -> None:
        """Start one of the workers and return once it is ready."""
        address = f"http://127.0.0.1:{self.ports[number]}/readyz"
        self.workers[number].start(lambda: _answers(address), START_SECONDS)

    def stop(self) -> None:
        """End all workers in good order."""
        for worker in self.workers:
            worker.stop()

    def settle(self, organisation: list[Arrival]) -> None:
        """Send the organisation, and wait until it has reached every partition."""
        send(self.servers.brokers, NAMESPACE, organisation)
        self.until_idle()

    def until_idle(self) -> None:
        """Wait until nothing is left to read: twice, as the first look may miss copies that are on their way."""
        with Lag(self.settings) as lag:
            for _ in range(2):
                wait_until(lambda: lag.events() == 0, "all events to be taken in", SETTLE_SECONDS, 0.5)

    def run(self, given: Scene, limit_seconds: float) -> Outcome:
        """Take in the organisation, warm up with the first events, and time the others."""
        self.settle(given.organisation)
        return self._measure(rounds(self.servers.brokers, NAMESPACE, given, compared), limit_seconds)

    def check(self, wanted: Figures, limit_seconds: float = 120) -> int:
        """Wait until the figures of what was sent are right; gives how many were compared, or raises VoidError."""
        return self._measure([Round(lambda: None, 1, compared(wanted))], limit_seconds).figures_checked

    def _measure(self, played: list[Round], limit_seconds: float) -> Outcome:
        with (
            redis.Redis.from_url(self.servers.redis_url) as client,
            KpiTopicReader(self.servers.brokers, list(KPI_TOPICS), parse_record) as reader,
        ):
            return measure(
                self.workers,
                played,
                read_redis=lambda places: read_redis(client, NAMESPACE, places),
                reader=reader,
                limit_seconds=limit_seconds,
            )

    def scrape(self, number: int = 0, path: str = "/metrics") -> bytes:
        """The text of one worker's `/metrics`, or of another path."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[number]}{path}", timeout=SCRAPE_SECONDS) as answer:
            return bytes(answer.read())

    def counted(self, metric: str, **labels: str) -> float:
        """A counter, added up over all workers and all series with these labels."""
        return sum(self._samples(metric, labels))

    def most(self, metric: str, **labels: str) -> float:
        """The greatest value of a gauge."""
        return max(self._samples(metric, labels), default=0.0)

    def _samples(self, metric: str, labels: dict[str, str]) -> Iterator[float]:
        for number in range(len(self.workers)):
            of_it = [line for line in self.scrape(number).decode().splitlines() if line.startswith(metric)]
            for family in text_string_to_metric_families("\n".join([*of_it, ""])):
                for sample in family.samples:
                    if sample.name == metric and labels.items() <= sample.labels.items():
                        yield sample.value


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
