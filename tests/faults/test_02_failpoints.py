"""Fault 2: a worker crashes between each two steps of a batch, of a round of shards, and of publishing."""

import pytest

from pipeline.kernel.failpoints import EXIT_CODE, POINTS
from tests.faults.conftest import Begin
from tests.faults.stream import Stream
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


@pytest.mark.parametrize(
    ("times", "rate"),
    [pytest.param((5,), 100, marks=pytest.mark.quick_fault, id="once"), pytest.param((1, 2, 11, 40), 300, id="often")],
)
def test_fault_02_a_crash_between_any_two_steps_neither_loses_nor_doubles(
    begin: Begin, seed: int, times: tuple[int, ...], rate: float
) -> None:
    """Facts sent and acked, delta sent and acked, source acked, shards acked, trimmed, figures taken and published:
    wherever a worker crashes, at the n-th time it gets there, every figure equals the batch over the logs.
    """
    # A worker with a name finds its partitions waiting: the next crash comes before the session would be over.
    cluster = begin(workers=1, named=True, stream=Stream(seed, teams=4, reps=15))
    fleet = cluster.fleet
    cluster.feed.start(rate)
    for number in times:
        for point in POINTS:
            fleet.kill("w1")
            fleet.join("w1", SALESPULSE_FAILPOINT=f"{point}#{number}")
            fleet.until_ended("w1", fleet.members["w1"].life)

    assert [ended.code for ended in fleet.ended] == [EXIT_CODE] * len(POINTS) * len(times)
    judge(cluster)
