"""The share of the core that publishing may take."""

import asyncio
from functools import partial

import pytest

from pipeline.publishing.cpu_budget import (
    FIRST_MEASURED,
    IDLE_SHARE,
    LONGEST_PAUSE_SECONDS,
    LONGEST_SLOW_PAUSE_SECONDS,
    MEASURED,
    REMEMBERED,
    CpuBudget,
)


class Core:
    """A core whose time a test lets pass, used or not."""

    def __init__(self) -> None:
        self.now = 0.0
        self.used = 0.0
        self.budget = CpuBudget(0.2, lambda: self.now, lambda: self.used)

    def work(self, seconds: float) -> None:
        """The process is busy so long, with something else than publishing."""
        self.now += seconds
        self.used += seconds

    def rest(self, seconds: float) -> None:
        """The process does nothing so long."""
        self.now += seconds

    def publish(self, seconds: float, *, slow: bool = False) -> None:
        """It publishes so long."""
        with self.budget.spending(slow=slow):
            self.work(seconds)


@pytest.fixture
def core() -> Core:
    """A core that was busy so far."""
    core = Core()
    core.work(10)
    core.budget.pause_seconds(0)
    return core


def test_without_work_the_interval_stands(core: Core) -> None:
    """Who spent nothing waits no longer than the interval."""
    assert core.budget.pause_seconds(0.05) == 0.05


def test_work_stretches_the_pause(core: Core) -> None:
    """On a busy core the pause is as long as it takes for publishing to be its share of the time."""
    core.publish(0.1)

    assert core.budget.pause_seconds(0.05) == pytest.approx(0.5)


def test_time_pays_the_debt_off(core: Core) -> None:
    """Once the time has passed, the interval stands again."""
    core.publish(0.1)
    core.work(0.5)

    assert core.budget.pause_seconds(0.05) == 0.05


@pytest.mark.parametrize("slow", [False, True])
def test_an_idle_core_may_publish_more(core: Core, slow: bool) -> None:
    """Where the process has nothing else to do, figures are not held up for nobody."""
    core.rest(10)
    core.budget.pause_seconds(0)
    core.publish(0.1, slow=slow)

    assert core.budget.pause_seconds(0.01, slow=slow) < 0.1 / (0.2 + 0.8 * IDLE_SHARE)


def test_all_publishers_share_one_debt(core: Core) -> None:
    """What one spends, all wait for: the share is the worker's, not the lease's."""
    for _ in range(4):
        core.publish(0.05)

    # The first 0.05 s were spent without a debt; while the others were, 0.15 s of it were paid off.
    assert core.budget.pause_seconds(0.05) == pytest.approx(4 * 0.05 / 0.2 - 0.15)


def test_live_figures_do_not_wait_for_slow_ones(core: Core) -> None:
    """What an import costs stretches the slow interval only; what live figures cost stretches both."""
    core.publish(0.1, slow=True)
    assert core.budget.pause_seconds(0.05) == 0.05
    assert core.budget.pause_seconds(0.05, slow=True) == pytest.approx(0.5)

    core.publish(0.1)
    assert core.budget.pause_seconds(0.05) == pytest.approx(0.5)
    assert core.budget.pause_seconds(0.05, slow=True) == pytest.approx(0.9)


def test_no_pause_is_endless(core: Core) -> None:
    """However much was spent, figures go out every few seconds."""
    core.publish(100)

    assert core.budget.pause_seconds(0.05) == LONGEST_PAUSE_SECONDS
    assert core.budget.pause_seconds(0.05, slow=True) == LONGEST_SLOW_PAUSE_SECONDS


async def test_what_is_awaited_is_charged_step_by_step(core: Core) -> None:
    """The time that work takes is spent, the time that it waits is not; results and errors are its own."""

    async def work(fails: bool) -> str:
        core.work(0.05)
        await asyncio.sleep(0)
        core.work(0.05)
        if fails:
            raise ValueError("as it is")
        return "done"

    task = asyncio.ensure_future(core.budget.charged(partial(work, fails=False)))
    await asyncio.sleep(0)
    core.work(0.25)
    assert await task == "done"
    # What the first step cost was paid off while the work waited.
    assert core.budget.pause_seconds(0.05) == pytest.approx(0.05 / 0.2)

    with pytest.raises(ValueError, match="as it is"):
        await core.budget.charged(partial(work, fails=True))


async def charged(core: Core, seconds: float, size: int, of: str = "redis") -> float:
    """Do work that takes so long, on a busy core without a debt; the debt in seconds that comes of it."""

    async def work() -> None:
        core.work(seconds)

    for passes in (core.rest, core.work):
        passes(100)
        core.budget.pause_seconds(0)
    await core.budget.charged(work, of=of, size=size)
    return core.budget.pause_seconds(0) * 0.2


async def test_what_is_not_measured_costs_as_much_by_its_size(core: Core) -> None:
    """The first ones and one in sixteen of a kind are measured; what it costs is learned by and by."""
    for _ in range(FIRST_MEASURED):
        assert await charged(core, 0.04, 4) == pytest.approx(0.04)
    for size in range(FIRST_MEASURED, MEASURED):
        assert await charged(core, 0.01, size) == pytest.approx(0.01 * size, abs=0.001)
    assert await charged(core, 0.12, 4) == pytest.approx(0.12)
    before = sum(REMEMBERED**age for age in range(1, FIRST_MEASURED + 1))
    learned = (0.04 * before + 0.12) / (4 * before + 4)
    assert await charged(core, 0.01, 2) == pytest.approx(2 * learned, abs=0.001)
    assert await charged(core, 0.05, 1, of="topic") == pytest.approx(0.05)


async def test_a_small_call_does_not_tell_what_a_large_one_costs(core: Core) -> None:
    """An empty batch costs a call all the same. A thousand figures do not cost a thousand calls."""

    def cost(size: int) -> float:
        return 0.001 + 0.00001 * size

    sizes = [1, 1001] * (FIRST_MEASURED // 2) + [1, *(1001 for _ in range(10))] * 20
    debts = [await charged(core, cost(size), size) for size in sizes]

    assert sum(debts) == pytest.approx(sum(map(cost, sizes)), rel=0.3)


@pytest.mark.parametrize("calls", [1, FIRST_MEASURED + 1])
async def test_what_is_charged_can_be_cancelled(core: Core, calls: int) -> None:
    """Cancelling reaches the work itself, measured or not."""
    ended = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    for _ in range(calls - 1):
        await core.budget.charged(partial(asyncio.sleep, 0))
    task = asyncio.ensure_future(core.budget.charged(work))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert task.cancelled()
    assert ended == ["cancelled"]
