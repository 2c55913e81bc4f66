"""The workers of a test, and their supervisor: what ends by itself is started again, and its end is written down."""

import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from pipeline import clock
from pipeline.engine.kafka import fail_stop
from pipeline.kernel import failpoints
from tests.faults.vitals import Vitals, vitals
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port, wait_until

LOOK_SECONDS = 0.25
SAMPLE_SECONDS = 2.0
ASKED_SECONDS = 1.0
"""So long a worker has to say what it holds: one that is frozen does not."""
HELD = "salespulse_partitions_held"
KILLED = -9
BY_DESIGN = (fail_stop.EXIT_CODE, failpoints.EXIT_CODE)
"""Exit codes of a worker that stopped itself before it could do wrong, or was made to crash."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a worker's process that nobody asked for."""

    at_seconds: float
    worker: str
    code: int
    said: str

    @property
    def last_line(self) -> str:
        """The reason that it gave: it stopped itself, and understood why."""
        assert self.code == fail_stop.EXIT_CODE, self
        assert "Traceback" not in self.said, self
        return self.said.splitlines()[-1]


@dataclass(slots=True)
class Member:
    """One worker. `wanted`: it is to run, so that it is started again when it ends; `life` counts its starts."""

    name: str
    process: WorkerProcess
    wanted: bool = False
    life: int = 0


class WorkerFleet:
    """Workers by name. A context: leaving it kills them all.

    `ended` are the ends that nobody asked for; `known` says which of their exit codes belong to the faults of the test.
    """

    def __init__(self, env: Mapping[str, str], folder: Path, *, named: bool) -> None:
        self._env = env
        self.folder = folder
        self._named = named
        self._began = clock.elapsed_seconds()
        self._lock = threading.RLock()
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, name="supervisor", daemon=True)
        self._asking = threading.Thread(target=self._ask, name="asking what is held", daemon=True)
        self._held: dict[tuple[str, int], int] = {}
        self.members: dict[str, Member] = {}
        self.ended: list[Ended] = []
        self.samples: list[Vitals] = []
        self.known: set[int] = set(BY_DESIGN)

    def __enter__(self) -> "WorkerFleet":
        self._watch.start()
        self._asking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join(10)
        self._asking.join(10)
        for member in self.members.values():
            if member.life and member.process.ended is None:
                member.process.resume()
                member.process.kill()

    @property
    def at_seconds(self) -> float:
        """Time since the fleet came together."""
        return clock.elapsed_seconds() - self._began

    @property
    def running(self) -> list[str]:
        """The workers that are to run."""
        return [name for name, member in self.members.items() if member.wanted]

    def join(self, name: str, **more: str) -> None:
        """A worker is started (once more); `more` is in the environment of this life only."""
        with self._lock:
            if name not in self.members:
                env = {**self._env, "SALESPULSE_WORKER_ID": name} if self._named else self._env
                self.members[name] = Member(name, WorkerProcess(env, self.folder / f"{name}.log", free_port()))
            member = self.members[name]
            member.wanted = True
            self._start(member, **more)

    def kill(self, name: str) -> None:
        """`kill -9`; it stays away until `join`."""
        with self._lock:
            self.members[name].wanted = False
        if self.members[name].process.ended is None:
            self.members[name].process.kill()

    def leave(self, name: str, limit_seconds: float = 15) -> int:
        """SIGTERM; its exit code. An error where it takes longer."""
        with self._lock:
            self.members[name].wanted = False
        return self.members[name].process.stop(limit_seconds)

    def dismiss(self, name: str, limit_seconds: float) -> None:
        """SIGTERM at any moment of its life; how it ended is written down where that is not with 0.

        One that has not begun to listen for signals just goes.
        """
        try:
            code = self.leave(name, limit_seconds)
        except subprocess.TimeoutExpired:
            code = KILLED
        if code not in (0, -signal.SIGTERM):
            self.ended.append(Ended(self.at_seconds, name, code, self.members[name].process.tail(1500)))

    def freeze(self, name: str) -> None:
        """SIGSTOP."""
        self.members[name].process.pause()

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        if self.members[name].process.ended is None:
            self.members[name].process.resume()

    def until_ready(self, limit_seconds: float = 240) -> None:
        """Return once every worker that is to run is ready."""

        def ready() -> bool:
            members = [self.members[name] for name in self.running]
            return all(member.process.ended is None and _ready(member.process) for member in members)

        self._until(ready, f"{self.running} to be ready", limit_seconds)

    def until_ended(self, name: str, life: int, limit_seconds: float = 240) -> None:
        """Return once a worker's life has ended, and the next has begun."""
        self._until(lambda: self.members[name].life > life, f"{name} to end", limit_seconds)

    def next_end(self, limit_seconds: float = 90) -> Ended:
        """The next end that nobody asks for."""
        known = len(self.ended)
        wait_until(lambda: len(self.ended) > known, f"the end of a worker: {self.said()}", limit_seconds)
        return self.ended[known]

    def port(self, name: str) -> int:
        """Where a worker's probes and metrics are."""
        return self.members[name].process.health_port

    def surprises(self) -> list[Ended]:
        """The ends that nobody asked for and that no fault of the test explains."""
        return [ended for ended in self.ended if ended.code not in self.known]

    def times_said(self, text: str) -> int:
        """How often all workers together have said this."""
        return sum(member.process.log.read_text().count(text) for member in self.members.values())

    def said(self) -> str:
        """The ends of all logs, for a failure's message."""
        return "\n".join(
            f"{name} ({_missing(member.process)}): …{member.process.tail(600)}"
            for name, member in self.members.items()
            if member.life
        )

    def _until(self, condition: Callable[[], object], what: str, limit_seconds: float) -> None:
        try:
            wait_until(condition, what, limit_seconds, 0.3)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said()}") from None

    def _start(self, member: Member, **more: str) -> None:
        member.process.start(**more)
        member.life += 1

    def _ask(self) -> None:
        """Keep up with what the workers hold, apart from `_look`: that must not wait for one that is frozen."""
        while not self._done.wait(SAMPLE_SECONDS):
            with self._lock:
                asked = [(member, member.life) for member in self.members.values() if member.wanted]
            for member, life in asked:
                with suppress(OSError, HTTPException):
                    shown = member.process.samples(ASKED_SECONDS)
                    self._held[member.name, life] = sum(int(each.value) for each in shown if each.name == HELD)

    def _look(self) -> None:
        sample_due = 0.0
        while not self._done.wait(LOOK_SECONDS):
            sample = self.at_seconds >= sample_due
            if sample:
                sample_due = self.at_seconds + SAMPLE_SECONDS
            with self._lock:
                for member in [member for member in self.members.values() if member.wanted]:
                    code = member.process.ended
                    if code is not None:
                        self.ended.append(Ended(self.at_seconds, member.name, code, member.process.tail(1500)))
                        self._start(member)
                    elif sample:
                        held = self._held.get((member.name, member.life), 0)
                        found = vitals(self.at_seconds, member.name, member.life, member.process.pid, held)
                        self.samples += [found] if found else []


def _ready(process: WorkerProcess) -> bool:
    return not _missing(process)


def _missing(process: WorkerProcess) -> str:
    try:
        return process.missing()
    except OSError as error:
        return str(error) or "no answer"
