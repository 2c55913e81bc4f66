"""A server process of a test: started with a log file, waited for, stopped, killed, frozen and thawed."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import SystemRandom

_RANGE = range(10_000, 32_000)
_PORTS = SystemRandom()
_given: set[int] = set()


def free_port() -> int:
    """A port of the loopback that nothing listens on, and that no test of this process was given before.

    It lies below those that Linux gives to outgoing connections, and is drawn at random, so that tests in several
    processes do not get one port twice.
    """
    while True:
        port = _PORTS.choice(_RANGE)
        with socket.socket() as probe:
            if port not in _given and probe.connect_ex(("127.0.0.1", port)):
                _given.add(port)
                return port


def wait_until(
    condition: Callable[[], object], what: str, limit_seconds: float = 30, pause_seconds: float = 0.1
) -> None:
    """Return once `condition` holds; fail, naming `what`, when it has not within the limit."""
    deadline = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit_seconds} s for: {what}")
        time.sleep(pause_seconds)


class ServerProcess:
    """One child process, in a session of its own so that a signal to the tests does not reach it.

    `command` is run by `start`, with `env` added to the environment; both streams go to `log`.
    """

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.command = list(command)
        self.log = log
        self.env = dict(env or {})
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self, ready: Callable[[], object], limit_seconds: float = 60) -> None:
        """Start the process and return once `ready` holds; fail with the end of the log when it ends before."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.env},
                start_new_session=True,
            )

        def ready_or_gone() -> object:
            return not self.running or ready()

        try:
            wait_until(ready_or_gone, f"{self.command[0]} to be ready", limit_seconds)
        except AssertionError:
            self.kill()
            raise AssertionError(f"not ready within {limit_seconds} s: {self.tail()}") from None
        if not self.running:
            raise AssertionError(f"ended at once with {self.process.returncode}: {self.tail()}")

    def stop(self, limit_seconds: float = 30) -> int:
        """Ask it to end (SIGTERM), kill it after the limit; gives the exit code. Nothing happens when it is gone."""
        if self.process is None:
            return 0
        if self.running:
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """End it the hard way (SIGKILL); gives the exit code."""
        if self.process is None:
            return 0
        if self.running:
            self.signal(signal.SIGKILL)
        return self.process.wait()

    def pause(self) -> None:
        """Freeze it (SIGSTOP): it keeps its connections and answers nothing."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the running process."""
        assert self.process is not None, "not started"
        self.process.send_signal(number)

    def tail(self, lines: int = 20) -> str:
        """The end of its log, for a failure's message."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
