"""A command that brings up a whole deployment, as a user starts it; nothing of it outlives a test."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import wait_until

LIMIT_SECONDS = 90


@contextmanager
def started(command: str, log: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """The command, running; whatever it has left behind when the test is over is killed."""
    whole = [sys.executable, "-m", "pipeline.cli", command, "--port", "0", "--log", str(log), *arguments]
    with subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            left = children(running.pid) if running.poll() is None else set[int]()
            running.kill()
            for pid in left:
                os.kill(pid, signal.SIGKILL)


def children(pid: int) -> set[int]:
    """The processes a process has started and not yet ended."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile
        if parent == pid:
            found.add(int(stat.parent.name))
    return found


def wait_until_gone(pid: int) -> None:
    """Wait until a process has ended."""
    wait_until(lambda: not _is_there(pid), f"process {pid} to end", 10, 0.05)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
