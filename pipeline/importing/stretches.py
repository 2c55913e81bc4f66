"""Stretches of rows, judged in their order: few of them here, more of them in a process for each core."""

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

from pipeline.config.settings import SetupError
from pipeline.importing.judging import Given, Judged, Judging, Placed

T = TypeVar("T")
STRETCH_ROWS = 500
FEW_STRETCHES = 10
"""So many are done before another process would have begun to work."""
MOST_PROCESSES = 4
"""What reads the file and keeps the events is busy with so many."""
AHEAD = 2
"""Stretches that wait for each process."""


def judged_stretches(here: Judging, rows: Iterable[Placed], processes: int | None = None) -> Iterator[Judged]:
    """What becomes of each stretch of rows, in their order; memory does not grow with them. `here` judges the first.

    It has what the other processes need.

    Raises:
        SetupError: where the system ended one of the processes.
    """
    stretches = batches(rows, STRETCH_ROWS)
    yield from map(here.rows, islice(stretches, FEW_STRETCHES))
    count = min(processes or os.cpu_count() or 1, MOST_PROCESSES)
    if count == 1:
        yield from map(here.rows, stretches)
    elif (first := next(stretches, None)) is not None:
        yield here.rows(first)
        yield from _elsewhere(here.given, stretches, count)


def _elsewhere(given: Given, stretches: Iterator[Sequence[Placed]], count: int) -> Iterator[Judged]:
    pool = ProcessPoolExecutor(count, get_context("spawn"), _begin, (given,))
    waiting: deque[Future[Judged]] = deque()
    try:
        for stretch in stretches:
            waiting.append(pool.submit(_judge, stretch))
            if len(waiting) > count * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise SetupError("a process that checks rows was ended by the system; is there memory for it?") from None
    finally:
        pool.shutdown(cancel_futures=True)


def batches(items: Iterable[T], most: int) -> Iterator[tuple[T, ...]]:
    """So many of them together, the last ones fewer."""
    left = iter(items)
    while batch := tuple(islice(left, most)):
        yield batch


_judging: Judging | None = None


def _begin(given: Given) -> None:
    """Called once in each process; an interruption is the business of the one that reads."""
    global _judging  # noqa: PLW0603 (what a pool offers to its processes)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _judging = Judging(given)


def _judge(stretch: Sequence[Placed]) -> Judged:
    assert _judging is not None
    return _judging.rows(stretch)
