"""A watchdog: ends a process whose event loop blocks, or whose recovery or rebalance hangs."""

import asyncio
import threading
from collections.abc import Callable

from pipeline.clock import elapsed_seconds
from pipeline.engine.kafka.fail_stop import FailStop

BEAT_SECONDS = 0.25


class LoopWatchdog:
    """A thread beside the event loop, so that it also sees a loop that never comes back.

    After a pause (a stopped process, a blocked loop) of more than `pause_limit_seconds` the partitions may belong to
    others; None for a worker that is not to fence itself. `limit` sets a deadline by name until `met` is called.
    """

    def __init__(self, fail_stop: FailStop, pause_limit_seconds: float | None) -> None:
        self._fail_stop = fail_stop
        self._pause_limit_seconds = pause_limit_seconds
        self._beat_at: float | None = None
        self._deadlines: dict[str, tuple[float, float]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="loop-watchdog", daemon=True)

    def start(self) -> None:
        """Called once, before anything that has a limit."""
        self._thread.start()

    def stop(self) -> None:
        """Called when the worker has stopped in order."""
        self._ended.set()

    def limit(self, name: str, seconds: float) -> None:
        """From now on `name` has so long; where it is under way already, its deadline stays."""
        self._deadlines.setdefault(name, (elapsed_seconds() + seconds, seconds))

    def met(self, name: str) -> None:
        """`name` is done."""
        self._deadlines.pop(name, None)

    async def beat(self, check: Callable[[], None]) -> None:
        """Task: show the thread that the loop turns, and call `check` each time."""
        while True:
            # After a pause either the loop or the thread comes first.
            self._check_pause()
            self._beat_at = elapsed_seconds()
            check()
            await asyncio.sleep(BEAT_SECONDS)

    def _look(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            self._check_pause()
            for name, (deadline, seconds) in sorted(self._deadlines.items()):
                if elapsed_seconds() > deadline:
                    self._fail_stop(f"{name} took longer than {seconds:g} s")

    def _check_pause(self) -> None:
        limit, beat_at = self._pause_limit_seconds, self._beat_at
        if limit is None or beat_at is None:
            return
        paused_seconds = elapsed_seconds() - beat_at
        if paused_seconds > limit:
            self._fail_stop(f"event loop blocked for {paused_seconds:.1f} s; partition ownership may have been lost")
