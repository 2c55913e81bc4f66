"""The only place that asks the clock; everything else takes time as an argument, or one of these functions."""

import time


def now_ms() -> int:
    """The wall clock in epoch milliseconds UTC: for stamps and lag, never for what a figure is made of."""
    return time.time_ns() // 1_000_000


def elapsed_seconds() -> float:
    """A clock that never goes back, in seconds from an arbitrary start: for intervals and deadlines."""
    return time.monotonic()


def core_seconds() -> float:
    """Processor time this process has used so far, in seconds."""
    return time.process_time()


def pause(seconds: float) -> None:
    """Let time pass, outside any event loop."""
    time.sleep(seconds)
