"""The demo as a user starts it: a process of its own, with nothing but the package."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.harness.whole_command import LIMIT_SECONDS, children, started, wait_until_gone

WINDOWS = {"5m", "15m", "1h", "8h", "24h", "day", "week", "month", "quarter", "year", "90d", "now"}
TEAMS = {"berlin", "london", "hotline", "new-york", "los-angeles", "singapore"}


@pytest.mark.slow
def test_the_demo_prints_one_object_and_ends(tmp_path: Path) -> None:
    """Standard output is one JSON object with figures of all teams and windows, and the exit code is 0."""
    with started("demo", tmp_path / "worker.log", "--for", "30s", "--json") as demo:
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
    """However early it comes, a signal ends the demo with code 0, and neither worker nor Redis is left behind."""
    with started("demo", tmp_path / "worker.log") as demo:
        assert demo.stderr is not None
        assert "http://127.0.0.1:" in demo.stderr.readline()
        running = children(demo.pid)
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=LIMIT_SECONDS)

    assert demo.returncode == 0
    assert len(running) == 2
    for pid in running:
        wait_until_gone(pid)
