"""A whole deployment on one machine, with nothing else needed: broker, Redis and a worker."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.control_keys import generated_keys
from pipeline.config.settings import PREFIX, Settings, SetupError, load_settings
from pipeline.embedded.broker import API_VERSION, embedded_broker
from pipeline.embedded.redis import embedded_redis

STOP_SECONDS = 15
LOG_LINES = 12


@dataclass(frozen=True, slots=True)
class Deployment:
    """A running deployment; `environment` is what its processes get."""

    settings: Settings
    environment: Mapping[str, str]
    worker: "subprocess.Popen[bytes]"
    log: Path

    def check(self) -> None:
        """Called now and then; SetupError with the end of its log where the worker has ended."""
        if (code := self.worker.poll()) is not None:
            last = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
            raise SetupError("\n".join([f"the worker exited with code {code}; last lines of its log:", *last]))


@contextmanager
def running_deployment(environment: Mapping[str, str], log: Path | None, **given: str) -> Iterator[Deployment]:
    """Start broker, Redis and worker, and stop them again. `given` are settings beside those of `environment`.

    The worker's log goes to `log`, or to a file that is gone afterwards.

    Raises:
        SetupError: where something it needs is missing.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="salespulse-")))
        variables = {
            "EMBEDDED": "true",
            "BROKERS": stack.enter_context(embedded_broker()),
            "REDIS_URL": stack.enter_context(embedded_redis()),
            "KAFKA_API_VERSION": API_VERSION,
            "HEALTH_PORT": "0",
            "CONTROL_KEYS": generated_keys(),
            **given,
        }
        whole = {**environment, **{PREFIX + name: value for name, value in variables.items()}}
        settings = load_settings(whole)
        worker = stack.enter_context(_worker(whole, log or folder / "worker.log"))
        yield Deployment(settings, whole, worker, log or folder / "worker.log")


@contextmanager
def _worker(environment: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        # A session of its own: Ctrl-C ends the command, and that ends the worker while the broker still answers.
        worker = subprocess.Popen(
            [sys.executable, "-m", "pipeline.cli", "worker"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield worker
        finally:
            worker.terminate()
            try:
                worker.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
