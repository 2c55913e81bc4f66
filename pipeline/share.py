"""The share of the core that publishing may take: intervals stretch so that ingestion is never crowded out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.clock import core_seconds, elapsed_seconds

SHARE = 0.1
"""What is measured is the taking and rendering of figures. Handing them to the clients costs about as much again, so
this makes a fifth of the core in all."""
IDLE_SHARE = 0.5
"""Of the time in which the process does nothing, slow figures may take more: nobody is crowded out."""
SETTLE_SECONDS = 0.02
"""Debts are brought up to date at most so often: over less, how idle the process is cannot be told."""
LONGEST_PAUSE_SECONDS = 5.0
LONGEST_SLOW_PAUSE_SECONDS = 10.0


class CoreShare:
    """A debt of processor seconds, shared by all publishers of a worker: spending raises it, time pays it off.

    Live figures wait for what live figures cost only; slow ones (longer and past windows, so imports) for everything.
    """

    def __init__(
        self,
        share: float = SHARE,
        seconds: Callable[[], float] = elapsed_seconds,
        used_seconds: Callable[[], float] = core_seconds,
    ) -> None:
        self._share = share
        self._seconds = seconds
        self._used_seconds = used_seconds
        self._live_seconds = 0.0
        self._all_seconds = 0.0
        self._idle = 0.0
        self._settled_at = seconds()
        self._used_at = used_seconds()

    @contextmanager
    def spending(self, *, slow: bool = False) -> Iterator[None]:
        """Wrap work that does not await: its time is added to the debt."""
        began = self._used_seconds()
        try:
            yield
        finally:
            self._pay_off()
            spent = self._used_seconds() - began
            self._all_seconds += spent
            self._live_seconds += 0.0 if slow else spent

    def pause_seconds(self, interval_seconds: float, *, slow: bool = False) -> float:
        """How long to wait before the next round: the interval, or longer until the debt will be paid off."""
        self._pay_off()
        if slow:
            until_paid, longest = self._all_seconds / self._slow_share(self._idle), LONGEST_SLOW_PAUSE_SECONDS
        else:
            until_paid, longest = self._live_seconds / self._share, LONGEST_PAUSE_SECONDS
        return max(interval_seconds, min(until_paid, longest))

    def _slow_share(self, idle: float) -> float:
        return self._share + idle * IDLE_SHARE

    def _pay_off(self) -> None:
        now = self._seconds()
        elapsed = now - self._settled_at
        if elapsed < SETTLE_SECONDS:
            return
        used = self._used_seconds()
        idle = max(0.0, 1.0 - (used - self._used_at) / elapsed)
        self._idle += (idle - self._idle) * min(1.0, elapsed)
        self._live_seconds = max(0.0, self._live_seconds - elapsed * self._share)
        self._all_seconds = max(0.0, self._all_seconds - elapsed * self._slow_share(idle))
        self._settled_at, self._used_at = now, used
