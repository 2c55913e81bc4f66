"""The servers of a run and the cores they use: one core for the job that is measured, the rest for all else."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers.kafka import KafkaServer, fetch_jars
from tests.servers.redis import RedisServer

BROKER = ("-Xmx1g", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
"""How Java runs the broker: as fast as it can, unlike that of the tests, which starts quickly."""


@dataclass(frozen=True, slots=True)
class Servers:
    """A real Apache Kafka and a Redis, empty, and the core that is kept free for the job."""

    brokers: str
    redis_url: str
    directory: Path
    job_core: int | None
    """None where there is only one core, all are for everything, or the system does not let us choose."""

    def on_job_core(self, command: list[str]) -> list[str]:
        """The command, kept on the job's core from its first thread on."""
        return command if self.job_core is None else ["taskset", "--cpu-list", str(self.job_core), *command]


@contextmanager
def servers(*, one_core: bool = True) -> Iterator[Servers]:
    """Start both, away from the job's core; they are stopped and their data is gone at the end.

    With `one_core` off, workers and all else run wherever there is room.
    """
    with (
        _one_core_left() if one_core else nullcontext() as job_core,
        TemporaryDirectory(prefix="salespulse-bench-", ignore_cleanup_errors=True) as name,
    ):
        directory = Path(name)
        kafka, redis = KafkaServer(directory, fetch_jars(), jvm_options=BROKER), RedisServer(directory)
        try:
            kafka.start()
            redis.start()
            yield Servers(kafka.bootstrap, redis.url, directory, job_core)
        finally:
            redis.stop()
            kafka.stop()


@contextmanager
def _one_core_left() -> Iterator[int | None]:
    """Keep this process, and so what it starts, away from the last core meanwhile; gives that core."""
    if not hasattr(os, "sched_setaffinity") or shutil.which("taskset") is None:
        yield None
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        yield None
        return
    os.sched_setaffinity(0, set(cores[:-1]))
    try:
        yield cores[-1]
    finally:
        os.sched_setaffinity(0, set(cores))
