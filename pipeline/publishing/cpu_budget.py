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
MEASURED = 16
"""Of work that awaits, one in so many is measured, step by step; the others cost as much by their size."""
FIRST_MEASURED = 4
"""So many of a kind are measured, all of them: the first may be of another size than what follows."""
REMEMBERED = 0.75
"""What was measured before still weighs so much."""
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
        self.used_seconds = used_seconds
        self._live_seconds = 0.0
        self._all_seconds = 0.0
        self._idle = 0.0
        self._prices: dict[tuple[str, bool], _Price] = {}
        self._settled_at = seconds()
        self._used_at = used_seconds()

    @contextmanager
    def spending(self, *, slow: bool = False) -> Iterator[None]:
        """Wrap work that does not await: its time is added to the debt."""
        began = self.used_seconds()
        try:
            yield
        finally:
            self.spend(self.used_seconds() - began, slow=slow)

    def spend(self, seconds: float, *, slow: bool = False) -> None:
        """Add to the debt."""
        self._pay_off()
        self._all_seconds += seconds
        self._live_seconds += 0.0 if slow else seconds

    async def charged(self, work: Callable[[], Awaitable[T]], *, of: str = "", size: int = 1, slow: bool = False) -> T:
        """Do the work, and add what it costs to the debt: of each kind the first ones, and one in `MEASURED`, as it is.

        To measure every step of every call costs a tenth of what a worker does at a hundred events a second.
        """
        price = self._prices.setdefault((of, slow), _Price())
        price.calls += 1
        if price.is_measured:
            return await _Measured(self, work, price, size, slow=slow)
        try:
            return await work()
        finally:
            self.spend(price.seconds * size, slow=slow)

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
        used = self.used_seconds()
        idle = max(0.0, 1.0 - (used - self._used_at) / elapsed)
        self._idle += (idle - self._idle) * min(1.0, elapsed)
        paid_off = elapsed * self._share_now(idle)
        self._live_seconds = max(0.0, self._live_seconds - paid_off)
        self._all_seconds = max(0.0, self._all_seconds - paid_off)
        self._settled_at, self._used_at = now, used


class _Price:
    """What a unit of a kind of work costs, by what was measured: all of its seconds over all of its size.

    Small work costs more a unit, and says less of what large work costs: it weighs as much as it is large.
    """

    __slots__ = ("_measured_seconds", "_measured_size", "calls", "seconds")

    def __init__(self) -> None:
        self.calls = 0
        self.seconds = self._measured_seconds = self._measured_size = 0.0

    @property
    def is_measured(self) -> bool:
        """Whether the call that was counted last is to be measured."""
        return self.calls <= FIRST_MEASURED or self.calls % MEASURED == 1

    def learn(self, seconds: float, size: int) -> None:
        self._measured_seconds = self._measured_seconds * REMEMBERED + seconds
        self._measured_size = self._measured_size * REMEMBERED + size
        self.seconds = self._measured_seconds / self._measured_size


class _Measured(Generic[T]):
    """Something awaited, whose steps are measured each."""

    def __init__(
        self, budget: CpuBudget, work: Callable[[], Awaitable[T]], price: _Price, size: int, *, slow: bool
    ) -> None:
        self._budget = budget
        self._work = work
        self._price = price
        self._size = size
        self._slow = slow

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._work().__await__()
        thrown: BaseException | None = None
        spent = 0.0
        while True:
            began = self._budget.used_seconds()
            try:
                waits_for = next(steps) if thrown is None else steps.throw(thrown)
            except StopIteration as ended:
                self._price.learn(spent + self._spend_since(began), self._size)
                result: T = ended.value
                return result
            except BaseException:
                self._spend_since(began)
                raise
            spent += self._spend_since(began)
            thrown = None
            try:
                yield waits_for
            except BaseException as error:
                thrown = error

    def _spend_since(self, began: float) -> float:
        seconds = self._budget.used_seconds() - began
        self._budget.spend(seconds, slow=self._slow)
        return seconds
