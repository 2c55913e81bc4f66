"""Fault 11: what was read is read again, and what was told is told again."""

import pytest

from pipeline import clock
from tests.faults.conftest import Begin
from tests.faults.groups import reset
from tests.faults.scrapes import total
from tests.faults.sent import MINUTE_MS, event
from tests.faults.verdict import judge
from tests.servers.process import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


def test_fault_11_offsets_set_back_to_0_change_no_figure(begin: Begin) -> None:
    """After the group's committed offsets were set back to the beginning, nothing is counted a second time."""
    cluster = begin()
    cluster.feed.start(rate=400)
    clock.pause(15)
    judge(cluster)
    for name in cluster.fleet.running:
        assert cluster.fleet.leave(name) == 0
    reset(cluster)
    for name in ("w1", "w2"):
        cluster.fleet.join(name)
    cluster.fleet.until_ready()
    cluster.feed.start(rate=400)
    clock.pause(5)
    judge(cluster)


def test_fault_11_an_event_told_five_times_counts_once(begin: Begin) -> None:
    """The same event id five times: one call in every figure, four duplicates in the metric."""
    cluster = begin(workers=1)
    now_ms = clock.now_ms()
    calls = [
        event(
            "call", f"five-{n}", now_ms, 10**6 + n, source="dialer-1", rep_id="rep-000", direction="outbound",
            outcome="answered", started_at=now_ms - MINUTE_MS, ended_at=now_ms,
        )
        for n in range(100)
    ]  # fmt: skip
    before = total(cluster, "salespulse_duplicates_total")
    cluster.feed.send(calls * 5)
    cluster.feed.flush()
    wait_until(
        lambda: total(cluster, "salespulse_duplicates_total") == before + 400,
        f"400 duplicates, there are {total(cluster, 'salespulse_duplicates_total') - before}",
    )
    wait_until(
        lambda: total(cluster, "salespulse_kpi_calls", scope="company", window="1h") == 100, "100 calls of the company"
    )
    judge(cluster, least=100)
