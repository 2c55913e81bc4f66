"""The nemesis: faults by name, each of which it injects and undoes."""

from collections.abc import Callable, Mapping
from random import Random

from redis import Redis

from pipeline import clock
from pipeline.kernel.failpoints import POINTS
from tests.faults.cluster import SESSION_SECONDS, Cluster

LEAVE_SECONDS = 30
"""A worker that is told to stop has a deadline of its own, which is shorter."""
UNREACHABLE = 2
"""A worker that starts while Kafka is away says so and ends with this code."""


class Nemesis:
    """Injects faults into a cluster, one at a time. `history` says when which one began."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self._cluster = cluster
        self._fleet = cluster.fleet
        self._random = Random(seed)
        self._spare = 0
        self._spared: str | None = None
        self.history: list[tuple[float, str]] = []
        self.faults: Mapping[str, Callable[[], None]] = {
            "kill": self.kill,
            "terminate": self.terminate,
            "freeze": self.freeze,
            "failpoint": self.failpoint,
            "join and leave": self.join_and_leave,
            "broker killed": self.kill_broker,
            "broker restarted": self.restart_broker,
            "broker frozen": self.freeze_broker,
            "redis killed": self.kill_redis,
            "redis flushed": self.flush_redis,
            "redis frozen": self.freeze_redis,
        }

    def torment(self, seconds: float, pause_seconds: tuple[float, float] = (2, 8), spare: str | None = None) -> None:
        """One fault after the other for so long, at random; the worker `spare` is left alone."""
        until = clock.elapsed_seconds() + seconds
        while clock.elapsed_seconds() < until:
            self.inject(self._random.choice(sorted(self.faults)), spare)
            clock.pause(min(self._random.uniform(*pause_seconds), max(until - clock.elapsed_seconds(), 0)))

    def inject(self, name: str, spare: str | None = None) -> None:
        """Inject one fault, and undo it."""
        self._spared = spare
        self.faults[name]()

    def kill(self, away_seconds: float | None = None) -> None:
        """`kill -9` of a worker in the middle of its work; it comes back at once, or when its partitions are gone."""
        name = self._victim("kill")
        self._fleet.kill(name)
        clock.pause(self._random.choice((0.2, 1, SESSION_SECONDS + 2)) if away_seconds is None else away_seconds)
        self._fleet.join(name)

    def terminate(self) -> None:
        """SIGTERM: it ends in good order, with 0, in time."""
        name = self._victim("terminate")
        self._fleet.dismiss(name, LEAVE_SECONDS)
        self._fleet.join(name)

    def freeze(self, seconds: float | None = None) -> None:
        """SIGSTOP until its partitions belong to others, then SIGCONT: without self-fencing, a zombie that writes."""
        name = self._victim("freeze")
        life = self._fleet.members[name].life
        self._fleet.freeze(name)
        clock.pause(self._random.uniform(1.3, 2) * SESSION_SECONDS if seconds is None else seconds)
        if self._fleet.members[name].life == life:
            self._fleet.thaw(name)

    def failpoint(self, point: str | None = None) -> None:
        """A worker crashes between two steps of a batch, some batches after its start."""
        name = self._victim("failpoint")
        point = point or self._random.choice(POINTS)
        self._fleet.kill(name)
        self._fleet.join(name, SALESPULSE_FAILPOINT=f"{point}#{self._random.randint(3, 40)}")

    def join_and_leave(self, stays_seconds: float | None = None) -> None:
        """One more worker comes and goes again."""
        self._note("join and leave")
        self._spare += 1
        name = f"guest-{self._spare}"
        self._fleet.join(name)
        clock.pause(self._random.uniform(3, 12) if stays_seconds is None else stays_seconds)
        self._fleet.dismiss(name, LEAVE_SECONDS)

    def kill_broker(self, away_seconds: float | None = None) -> None:
        """Kafka is killed, and comes back with what it had."""
        self._broker("broker killed", self._cluster.kafka.kill, away_seconds)

    def restart_broker(self, away_seconds: float | None = None) -> None:
        """Kafka is shut down in good order, and comes back."""
        self._broker("broker restarted", self._cluster.kafka.stop, away_seconds)

    def freeze_broker(self, seconds: float | None = None) -> None:
        """Kafka keeps all connections and answers nothing."""
        self._note("broker frozen")
        self._fleet.known.add(UNREACHABLE)
        self._cluster.kafka.pause()
        clock.pause(self._random.uniform(2, SESSION_SECONDS) if seconds is None else seconds)
        self._cluster.kafka.resume()

    def kill_redis(self, away_seconds: float | None = None) -> None:
        """Redis is killed, and comes back empty."""
        self._note("redis killed")
        self._cluster.redis.kill()
        clock.pause(self._random.uniform(0, 10) if away_seconds is None else away_seconds)
        self._cluster.redis.start()

    def flush_redis(self) -> None:
        """Redis forgets everything, unnoticed."""
        self._note("redis flushed")
        with Redis(port=self._cluster.redis.port) as client:
            client.flushall()

    def freeze_redis(self, seconds: float | None = None) -> None:
        """Redis keeps all connections and answers nothing."""
        self._note("redis frozen")
        self._cluster.redis.pause()
        clock.pause(self._random.uniform(1, 12) if seconds is None else seconds)
        self._cluster.redis.resume()

    def _broker(self, name: str, end: Callable[[], None], away_seconds: float | None) -> None:
        self._note(name)
        self._fleet.known.add(UNREACHABLE)
        end()
        clock.pause(self._random.uniform(0, 10) if away_seconds is None else away_seconds)
        self._cluster.kafka.start()

    def _note(self, fault: str) -> None:
        self.history.append((self._fleet.at_seconds, fault))

    def _victim(self, fault: str) -> str:
        self._note(fault)
        return self._random.choice([name for name in sorted(self._fleet.running) if name != self._spared])
