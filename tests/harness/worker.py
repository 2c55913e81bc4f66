"""A worker as a process of its own, which a test may kill."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed


class WorkerProcess:
    """`salespulse worker` with its settings in the environment; its output goes to a file beside the test's."""

    def __init__(self, env: Mapping[str, str], log: Path, health_port: int) -> None:
        self.log = log
        self.health_port = health_port
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SALESPULSE_")},
            **env,
            "SALESPULSE_HEALTH_PORT": str(health_port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id, while it runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """Its exit code; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def start(self, **more: str) -> None:
        """Start it, without waiting until it is ready; with `more` in its environment, this time."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pipeline.cli", "worker"], env={**self._env, **more}, stdout=out, stderr=out
            )

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def pause(self) -> None:
        """Freeze it (SIGSTOP)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self, limit_seconds: float = 20) -> int:
        """SIGTERM; its exit code. Killed where it does not end in time, which is an error of its own."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def until_ready(self, limit_seconds: float = 60) -> None:
        """Wait for `/readyz`; an error with the end of its log where it stopped or does not get ready."""

        @retry(
            stop=stop_after_delay(limit_seconds),
            wait=wait_fixed(0.2),
            retry=retry_if_exception_type((OSError, urllib.error.URLError)),
            reraise=True,
        )
        def ask() -> None:
            assert self._process is not None
            assert self._process.poll() is None, f"worker ended with {self._process.returncode}: {self.tail()}"
            with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/readyz", timeout=2) as answer:
                assert answer.status == 200

        ask()

    def missing(self) -> str:
        """What `/readyz` says is missing; nothing when it is ready."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/readyz", timeout=5):
                return ""
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.read().decode()

    def scrape(self, limit_seconds: float = 10, path: str = "/metrics") -> str:
        """The text of `/metrics`, or of another path."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}{path}", timeout=limit_seconds) as answer:
            return str(answer.read().decode())

    def samples(self, limit_seconds: float = 10, path: str = "/metrics") -> Iterator[Sample]:
        """What it says, sample by sample."""
        for family in text_string_to_metric_families(self.scrape(limit_seconds, path)):
            yield from family.samples

    def tail(self, characters: int = 4000) -> str:
        """The end of what it printed."""
        return self.log.read_text(errors="replace")[-characters:]
