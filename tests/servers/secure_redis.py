"""A Redis server that speaks TLS only and knows the users of an ACL file."""

from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers.certificates import Certificates
from tests.servers.components import require_command
from tests.servers.process import ServerProcess, free_port


class SecureRedisServer:
    """One server without persistence; the one of the wheel speaks no TLS, so it is the one on the path."""

    def __init__(self, directory: Path, certificates: Certificates, acl_file: Path) -> None:
        self.port = free_port()
        self._certificates = certificates
        options = {
            "--port": "0",
            "--tls-port": str(self.port),
            "--bind": "127.0.0.1",
            "--save": "",
            "--dir": str(directory),
            "--tls-cert-file": str(certificates.certificate),
            "--tls-key-file": str(certificates.key),
            "--tls-ca-cert-file": str(certificates.authority),
            "--tls-auth-clients": "no",
            "--aclfile": str(acl_file),
        }
        command = require_command("redis-server", "redis-server")
        self.process = ServerProcess(
            (command, *(part for option in options.items() for part in option)), directory / "redis.log"
        )

    def url(self, user: str, password: str) -> str:
        """Where a user finds it."""
        return f"rediss://{user}:{password}@127.0.0.1:{self.port}/0"

    def client(self, user: str, password: str) -> redis.Redis:
        """A client of a user."""
        return redis.Redis.from_url(
            self.url(user, password), ssl_ca_certs=str(self._certificates.authority), retry=Retry(NoBackoff(), 0)
        )

    def start(self) -> None:
        """Start it and return once it answers."""
        self.process.start(self.answers)

    def stop(self) -> None:
        """Shut it down in good order."""
        self.process.stop()

    def answers(self) -> bool:
        """Whether it takes a connection and wants to know who it is."""
        try:
            with self.client("nobody", "nothing") as client:
                return bool(client.ping())
        except redis.AuthenticationError:
            return True
        except redis.RedisError:
            return False
