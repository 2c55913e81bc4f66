"""Prometheus, Alertmanager and their checkers, as Debian packages them."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.servers.components import require_command
from tests.servers.process import ServerProcess, free_port, wait_until


class _WebServer:
    """A server that says on a path of its own when it is ready."""

    ready_path = "/-/ready"

    def __init__(self, directory: Path, command: Sequence[str], name: str) -> None:
        self.process = ServerProcess(command, directory / f"{name}.log")

    port: int

    @property
    def url(self) -> str:
        """Where it is found."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and return once it is ready."""
        self.process.start(self.answers)

    def stop(self) -> None:
        """Shut it down in good order."""
        self.process.stop()

    def answers(self) -> bool:
        """Whether it says that it is ready."""
        try:
            with urllib.request.urlopen(self.url + self.ready_path, timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON found at a path of its API; AssertionError with its message when it refuses."""
        url = f"{self.url}{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path} {parameters}: {error.read().decode(errors='replace')}") from None


class Prometheus(_WebServer):
    """A Prometheus with the given configuration file, its data in `directory`."""

    def __init__(self, directory: Path, config: Path) -> None:
        self.port = free_port()
        command = (
            require_command("prometheus", "prometheus"),
            f"--config.file={config}",
            f"--storage.tsdb.path={directory / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        )
        super().__init__(directory, command, "prometheus")

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series of an instant query, now; AssertionError with its message when Prometheus refuses it."""
        result: list[dict[str, Any]] = self.get("/api/v1/query", query=expression)["data"]["result"]
        return result

    def until_scraped(self, job: str, limit_seconds: float = 60, targets: int = 1) -> None:
        """Return once so many targets of `job` were scraped with success: after some five seconds and one interval."""
        query = f'up{{job="{job}"}} == 1'
        wait_until(lambda: len(self.query(query)) >= targets, f"a scrape of {job}", limit_seconds, 0.5)


class Alertmanager(_WebServer):
    """An Alertmanager with the given configuration file, its data in `directory`, alone in its cluster."""

    def __init__(self, directory: Path, config: Path) -> None:
        self.port = free_port()
        command = (
            require_command("prometheus-alertmanager", "prometheus-alertmanager"),
            f"--config.file={config}",
            f"--storage.path={directory / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
        )
        super().__init__(directory, command, "alertmanager")

    def alerts(self) -> list[dict[str, Any]]:
        """The alerts it holds now."""
        result: list[dict[str, Any]] = self.get("/api/v2/alerts")
        return result


def promtool(*arguments: str | Path, told: str = "") -> str:
    """What promtool says, such as `promtool("test", "rules", path)`; AssertionError with that when it finds a fault.

    `told` is what it reads from its standard input.
    """
    return _checked(require_command("promtool", "prometheus"), *arguments, told=told)


def amtool(*arguments: str | Path) -> str:
    """The same for Alertmanager's amtool, such as `amtool("check-config", path)`."""
    return _checked(require_command("amtool", "prometheus-alertmanager"), *arguments)


def _checked(*command: str | Path, told: str = "") -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, input=told)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
