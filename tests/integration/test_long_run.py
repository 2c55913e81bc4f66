"""A small floor live for two days, in one process without a broker: Redis shows what the audit reads in the logs."""

import pytest

from tests.harness.long_floor import LongFloor, Plot
from tests.servers.redis import RedisServer

SMALL = (
    Plot(reps=20, teams=2, partitions=4, days=2, a_day=10),
    Plot(reps=6, teams=3, partitions=1, days=45, a_day=1, restart_days=20, step_ms=7_200_000),
)
WINDOWS_AT_ONCE = 300


@pytest.mark.parametrize("plot", SMALL, ids=["two days", "longer than activities are remembered"])
async def test_a_long_run_has_no_differences(plot: Plot, redis_server: RedisServer, namespace: str) -> None:
    """Midnights in three zones, copies, and all workers ended and begun again; `benchmarks.long_run` does it at length.

    The second floor outlives what it remembers. Both are audited some homes at a time.
    """
    floor = LongFloor(plot, redis_server.url, namespace)
    try:
        await floor.run()
        differences, numbers = floor.audit(WINDOWS_AT_ONCE)
    finally:
        await floor.close()

    assert differences == []
    assert numbers > 10_000
    assert floor.letters == {}
