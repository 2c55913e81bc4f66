"""The watchdog beside the event loop: what it ends a process for."""

import asyncio
import threading
import time
from typing import NoReturn

import pytest

from pipeline.engine.supervision.loop_watchdog import LoopWatchdog


class Reasons:
    """A fail-stop that keeps the reason, and holds its thread as the end of the process would."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.called = threading.Event()

    def __call__(self, reason: str) -> NoReturn:
        self.given.append(reason)
        self.called.set()
        while True:
            threading.Event().wait()


async def test_a_loop_that_stands_still_is_noticed_by_the_thread() -> None:
    """The thread ends the process while the loop is still blocked."""
    reasons = Reasons()
    watchdog = LoopWatchdog(reasons, pause_limit_seconds=0.6)
    watchdog.start()
    beat = asyncio.create_task(watchdog.beat(lambda: None))
    await asyncio.sleep(1)
    assert not reasons.given
    assert reasons.called.wait(10)
    assert "event loop blocked" in reasons.given[0]
    beat.cancel()


@pytest.mark.parametrize("pause_limit_seconds", [None, 60.0])
async def test_a_deadline_that_is_not_met_ends_the_process(pause_limit_seconds: float | None) -> None:
    """What has a limit and is not met in time is named, with or without a fence."""
    reasons = Reasons()
    watchdog = LoopWatchdog(reasons, pause_limit_seconds)
    watchdog.start()
    watchdog.limit("the recovery", 0.1)
    watchdog.limit("a rebalance", 0.1)
    watchdog.met("a rebalance")
    assert await asyncio.to_thread(reasons.called.wait, 10)
    assert reasons.given == ["the recovery took longer than 0.1 s"]


async def test_what_begins_anew_before_it_is_done_has_no_more_time() -> None:
    """A group that changes again and again without ever settling is ended, too."""
    reasons = Reasons()
    watchdog = LoopWatchdog(reasons, None)
    watchdog.start()
    watchdog.limit("a rebalance", 0.2)
    watchdog.limit("a rebalance", 60)
    assert await asyncio.to_thread(reasons.called.wait, 10)
    assert reasons.given == ["a rebalance took longer than 0.2 s"]


async def test_a_stopped_watch_ends_nothing() -> None:
    """After an orderly stop no deadline matters."""
    reasons = Reasons()
    watchdog = LoopWatchdog(reasons, 0.1)
    watchdog.start()
    watchdog.limit("the recovery", 0)
    watchdog.stop()
    time.sleep(0.6)  # blocks the loop on purpose, longer than the limit
    assert not reasons.given


async def test_each_beat_checks() -> None:
    """The check runs in the loop, again and again."""
    watchdog = LoopWatchdog(Reasons(), None)
    checked = asyncio.Event()
    beat = asyncio.create_task(watchdog.beat(checked.set))
    for _ in range(2):
        await asyncio.wait_for(checked.wait(), 10)
        checked.clear()
    beat.cancel()
