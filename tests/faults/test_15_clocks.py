"""Fault 15: clocks that are wrong, in events and of workers."""

from typing import Any

import pytest

from pipeline import clock
from tests.faults.cluster import Cluster
from tests.faults.conftest import Begin
from tests.faults.sent import DAY_MS, HOUR_MS, Sent, event
from tests.faults.verdict import judge
from tests.servers.faketime import faked

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

CENTURY_MS = 36_525 * DAY_MS


def skewed(now_ms: int) -> list[Sent]:
    """A call and a deal of each wrong clock. A deal of long ago is no mistake: it may have been told late."""
    instants = {"hour": now_ms + HOUR_MS, "century": now_ms + CENTURY_MS, "1970": 1000}
    made = []
    for number, (name, at_ms) in enumerate(instants.items(), 10**7):
        reasons = ("late", None) if name == "1970" else ("future", "future")
        for kind, field, reason in zip(("call", "deal"), ("started_at", "created_at"), reasons, strict=True):
            said: dict[str, Any] = {field: at_ms}
            made.append(event(kind, f"skew-{name}", at_ms, number, refused=reason, **said))
    return made


def test_fault_15_events_of_another_time_drag_no_window(begin: Begin) -> None:
    """An hour and a century ahead are refused, 1970 is late: every window of every figure is right."""
    cluster: Cluster = begin(workers=1)
    cluster.feed.start(rate=100)
    clock.pause(2)
    records = skewed(clock.now_ms())
    cluster.feed.send(records)
    cluster.stream.refused.update(sent.refused for sent in records if sent.refused is not None)
    clock.pause(5)
    judge(cluster, least=200)
    assert not cluster.fleet.ended


def test_fault_15_the_clock_of_a_worker_changes_no_figure(begin: Begin) -> None:
    """Of two workers one is an hour ahead and one behind, and then they take over from each other."""
    cluster: Cluster = begin(workers=0, session_timeout_seconds=30)
    clocks = {"w1": faked("+1h"), "w2": faked("-1h")}
    for name, environment in clocks.items():
        cluster.fleet.join(name, **environment)
    cluster.fleet.until_ready()
    cluster.feed.start(rate=100)
    clock.pause(10)
    for name, environment in clocks.items():
        assert cluster.fleet.leave(name) == 0
        clock.pause(3)
        cluster.fleet.join(name, **environment)
        cluster.fleet.until_ready()
    judge(cluster)
    assert not cluster.fleet.ended
