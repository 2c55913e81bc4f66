"""A Redis server of the tests, on a port of its own, that can be stopped, killed, frozen and started again."""

from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pipeline.config.settings import SetupError
from pipeline.embedded.redis import redis_executable
from tests.servers.components import missing
from tests.servers.process import ServerProcess, free_port


class RedisServer:
    """One server without persistence: what it held is gone when it was stopped, as after a flush."""

    def __init__(self, directory: Path, *more: str) -> None:
        self.port = free_port()
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(directory)]
        if "--cluster-enabled" in more:  # its second port would be the first and 10,000, whoever holds that
            options += ["--cluster-port", str(free_port())]
        self.process = ServerProcess((require_redis(), *options, *more), directory / "redis.log")

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and return once it answers."""
        self.process.start(self.answers)

    def stop(self) -> None:
        """Shut it down in good order."""
        self.process.stop()

    def kill(self) -> None:
        """End it the hard way."""
        self.process.kill()

    def pause(self) -> None:
        """Freeze it: connections stay, nothing is answered."""
        self.process.pause()

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self.process.resume()

    def answers(self) -> bool:
        """Whether it answers a ping."""
        try:
            with redis.Redis(port=self.port, retry=Retry(NoBackoff(), 0), socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class SentinelServer:
    """A Sentinel that watches over a primary called `main`, and makes a replica of it the primary within a second."""

    def __init__(self, directory: Path, primary: RedisServer) -> None:
        self.port = free_port()
        config = directory / "sentinel.conf"
        config.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {directory}\nsentinel monitor main 127.0.0.1 {primary.port} 1\n"
            "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n"
        )
        command = (require_redis(), str(config), "--sentinel")
        self.process = ServerProcess(command, directory / "sentinel.log")

    def start(self) -> None:
        """Start it and return once it knows a replica of the primary."""
        self.process.start(lambda: self.replicas() > 0)

    def stop(self) -> None:
        """Shut it down in good order."""
        self.process.stop()

    def replicas(self) -> int:
        """How many replicas it knows."""
        try:
            with redis.Redis(port=self.port, retry=Retry(NoBackoff(), 0), socket_timeout=1) as client:
                return len(client.sentinel_slaves("main"))
        except redis.RedisError:
            return 0


def require_redis() -> str:
    """A redis-server to start, or the test is skipped or fails, as `components.missing` says."""
    try:
        return redis_executable()
    except SetupError as error:
        missing(str(error))
