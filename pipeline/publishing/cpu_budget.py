"""The CPU budget of publishing: intervals stretch so that ingestion is never crowded out."""

from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from pipeline.clock import core_seconds, elapsed_seconds

SHARE = 0.17
"""What is measured is all that the publishers do themselves. What the producer's and the client's own tasks add makes a
fifth of the core in all."""
IDLE_SHARE = 0.5
"""Of the time in which the process does nothing, publishing may take more: nobody is crowded out."""
SETTLE_SECONDS = 0.02
"""Debts are brought up to date at most so often: over less, how idle the process is cannot be told."""
LONGEST_PAUSE_SECONDS = 5.0
LONGEST_SLOW_PAUSE_SECONDS = 10.0
T = TypeVar("T")


class CpuBudget:
    """A debt of processor seconds, shared by all publishers of a worker: spending raises it, time pays it off.

    Live figures wait for what live figures cost only; slow ones (all windows, past ones too, so imports) for all.
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

    def charged(self, work: Callable[[], Awaitable[T]], *, slow: bool = False) -> Awaitable[T]:
        """Do the work when this is awaited: whenever its turn has come, the time it takes is added to the debt."""
        return _Charged(self, work, slow=slow)

    def pause_seconds(self, interval_seconds: float, *, slow: bool = False) -> float:
        """How long to wait before the next round: the interval, or longer until the debt will be paid off."""
        self._pay_off()
        if slow:
            debt_seconds, longest = self._all_seconds, LONGEST_SLOW_PAUSE_SECONDS
        else:
            debt_seconds, longest = self._live_seconds, LONGEST_PAUSE_SECONDS
        return max(interval_seconds, min(debt_seconds / self._share_now(self._idle), longest))

    def _share_now(self, idle: float) -> float:
        return self._share + idle * IDLE_SHARE

    def _pay_off(self) -> None:
        now = self._seconds()
        elapsed = now - self._settled_at
        if elapsed < SETTLE_SECONDS:
            return
        used = self._used_seconds()
        idle = max(0.0, 1.0 - (used - self._used_at) / elapsed)
        self._idle += (idle - self._idle) * min(1.0, elapsed)
        paid_off = elapsed * self._share_now(idle)
        self._live_seconds = max(0.0, self._live_seconds - paid_off)
        self._all_seconds = max(0.0, self._all_seconds - paid_off)
        self._settled_at, self._used_at = now, used


class _Charged(Generic[T]):
    """Something awaited, step by step."""

    def __init__(self, budget: CpuBudget, work: Callable[[], Awaitable[T]], *, slow: bool) -> None:
        self._budget = budget
        self._work = work
        self._slow = slow

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._work().__await__()
        thrown: BaseException | None = None
        while True:
            with self._budget.spending(slow=self._slow):
                try:
                    waits_for = next(steps) if thrown is None else steps.throw(thrown)
                except StopIteration as ended:
                    result: T = ended.value
                    return result
            thrown = None
            try:
                yield waits_for
            except BaseException as error:
                thrown = error
