"""The share of the core that publishing may take: intervals stretch so that ingestion is never crowded out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.clock import elapsed_seconds

SHARE = 0.1
"""What is measured is the taking and rendering of figures. Handing them to the clients costs about as much again, so
this makes a fifth of the core in all."""
LONGEST_PAUSE_SECONDS = 5.0


class CoreShare:
    """A debt of processor seconds, shared by all publishers of a worker: spending raises it, time pays it off."""

    def __init__(self, share: float = SHARE, seconds: Callable[[], float] = elapsed_seconds) -> None:
        self._share = share
        self._seconds = seconds
        self._debt_seconds = 0.0
        self._settled_at = seconds()

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Wrap work that does not await: its time is added to the debt."""
        began = self._seconds()
        try:
            yield
        finally:
            self._pay_off()
            self._debt_seconds += self._seconds() - began

    def pause_seconds(self, interval_seconds: float) -> float:
        """How long to wait before the next round: the interval, or longer until the debt is paid off."""
        self._pay_off()
        return max(interval_seconds, min(self._debt_seconds / self._share, LONGEST_PAUSE_SECONDS))

    def _pay_off(self) -> None:
        now = self._seconds()
        self._debt_seconds = max(0.0, self._debt_seconds - (now - self._settled_at) * self._share)
        self._settled_at = now
