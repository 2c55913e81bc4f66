"""Fault 3: a rolling restart under load."""

import pytest

from tests.faults.conftest import Begin
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
TIMES = 10


def test_fault_03_a_worker_told_to_stop_under_load_ends_with_0_in_time(begin: Begin) -> None:
    """Ten times SIGTERM, by turns: each worker ends with 0 within 15 s, and all figures are those of the batch."""
    cluster = begin()
    cluster.feed.start(rate=400)
    codes = []
    for number in range(TIMES):
        name = f"w{1 + number % 2}"
        codes.append(cluster.fleet.leave(name, limit_seconds=15))
        cluster.fleet.join(name)
        cluster.fleet.until_ready()

    assert codes == [0] * TIMES
    judge(cluster)
