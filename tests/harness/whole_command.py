"""A command that brings up a whole deployment, as a user starts it; nothing of it outlives a test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} is still there")
