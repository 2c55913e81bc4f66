"""The demo as a user starts it: a process of its own, with nothing but the package."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

WINDOWS = {"5m", "15m", "1h", "8h", "24h", "day", "week", "month", "quarter", "year", "90d", "now"}
TEAMS = {"berlin", "london", "hotline", "new-york", "los-angeles", "singapore"}
LIMIT_SECONDS = 90


def start(log: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start the demo."""
    command = [sys.executable, "-m", "pipeline.cli", "demo", "--port", "0", "--log", str(log), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


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


@pytest.mark.slow
def test_the_demo_prints_one_object_and_ends(tmp_path: Path) -> None:
    """Standard output is one JSON object with figures of all teams and windows, and the exit code is 0."""
    demo = start(tmp_path / "worker.log", "--for", "30s", "--json")
    out, err = demo.communicate(timeout=LIMIT_SECONDS)
    log = (tmp_path / "worker.log").read_text()

    assert demo.returncode == 0, err + log
    whole: dict[str, Any] = json.loads(out)
    assert whole["as_of"].endswith("Z")
    kpis = whole["kpis"]
    assert set(kpis["company"]) == WINDOWS
    assert {f"team:{team}" for team in TEAMS} <= set(kpis)
    assert kpis["company"]["90d"]["calls"]["value"] > 0
    assert kpis["company"]["90d"]["win_rate"]["n"] > 0
    assert kpis["company"]["now"]["open_deals"]["value"] > 0
    assert kpis["team:berlin"]["day"]["connect_rate"].keys() == {"value", "numerator", "denominator", "n"}
    assert "[error" not in log


@pytest.mark.slow
def test_a_signal_ends_it_all(tmp_path: Path) -> None:
    """A signal ends the demo with code 0, and neither the worker nor Redis is left behind."""
    demo = start(tmp_path / "worker.log")
    assert demo.stdout is not None
    assert demo.stderr is not None
    assert "http://127.0.0.1:" in demo.stderr.readline()
    started = children(demo.pid)
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=LIMIT_SECONDS)

    assert demo.returncode == 0
    assert len(started) == 2
    for pid in started:
        _wait_until_gone(pid)


def _wait_until_gone(pid: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} is still there")
