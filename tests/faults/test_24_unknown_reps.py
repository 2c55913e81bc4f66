"""Fault 24: somebody sends two hundred thousand rep ids that nobody knows."""

import os
from collections.abc import Sequence
from random import Random

import pytest
from redis import Redis

from pipeline import clock
from pipeline.sinks.redis_keys import Keys
from tests.faults.conftest import Begin
from tests.faults.scrapes import samples
from tests.faults.sent import HOUR_MS, event
from tests.faults.verdict import judge
from tests.faults.vitals import Vitals

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
IDS = int(os.environ.get("FAULT_IDS", "200000"))
SPREAD_MIB = 100
"""What the memory of two workers differs by for other reasons."""
BYTES_PER_OBJECT = 2000
"""A remembered call takes some hundred bytes: what grows follows from the calls, not from the ids."""


def test_fault_24_unknown_reps_make_neither_series_nor_scopes(begin: Begin, seed: int) -> None:
    """200,000 calls, each of another unknown rep, are all in the one scope for what is unassigned: memory grows by no
    more than remembered calls do, and there is not a series and not a key more than for one of them.
    """
    random = Random(seed)
    cluster = begin(prometheus_reps=True)

    def calls(numbers: range) -> None:
        now_ms = clock.now_ms()
        cluster.feed.send(
            event(
                "call", f"bomb-{n}", at_ms := now_ms - random.randrange(5 * HOUR_MS), 10**6 + n, source="dialer-1",
                rep_id=f"r{random.getrandbits(64):x}", direction="outbound", outcome="answered", state="ended",
                started_at=at_ms, ended_at=at_ms,
            )
            for n in numbers
        )  # fmt: skip

    def shown() -> tuple[int, int]:
        series = sum(each.name.startswith("salespulse_kpi_") for each in samples(cluster))
        kpis = Keys(cluster.settings.namespace).pattern("kpi")
        with Redis(port=cluster.redis.port, decode_responses=True) as client:
            return series, sum(1 for _ in client.scan_iter(match=kpis, count=1000))

    cluster.feed.start(rate=50)
    calls(range(1000))
    judge(cluster)
    before, memory = shown(), _memory_mib(cluster.fleet.samples)
    calls(range(1000, IDS))
    judge(cluster)

    assert shown() == before
    grown = _memory_mib(cluster.fleet.samples) - memory
    assert grown < SPREAD_MIB + IDS * BYTES_PER_OBJECT / (1 << 20), f"{grown:.0f} MiB more"


def _memory_mib(found: Sequence[Vitals]) -> float:
    """What all workers have together, of each the last sample."""
    return float(sum({each.worker: each.rss_mib for each in found}.values()))
