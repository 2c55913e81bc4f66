"""Tuning of the garbage collector for a large state: with its defaults, the cyclic collector takes 40 % of the core."""

import ctypes
import gc
from collections.abc import Callable

THRESHOLDS = (50_000, 20, 50)
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's `mallopt`, from its malloc.h."""
OWN_PAGES_BYTES = 256 << 10
"""Buffers from this size on, fetched records above all, have pages of their own, which go back when they are freed."""
KEPT_BYTES = 4 << 20
"""What may stay free at the top of the heap."""


def tune() -> None:
    """Called once when a worker starts: collect rarely, and give back what a peak has taken up."""
    gc.set_threshold(*THRESHOLDS)
    # Left alone, glibc raises both to tens of MiB with the largest buffer it ever saw.
    if (set_option := _libc("mallopt")) is not None:
        set_option(M_MMAP_THRESHOLD, OWN_PAGES_BYTES)
        set_option(M_TRIM_THRESHOLD, KEPT_BYTES)


def settle() -> None:
    """Called after a recovery: collect everything once, then never look again at what is there: it lives long.

    What froze at an earlier recovery is looked at too: it may be garbage since, a partition given away with all that
    belongs to it. What reading the logs took up beyond the state goes back to the system.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    if (trim := _libc("malloc_trim")) is not None:
        trim(0)


def _libc(name: str) -> Callable[..., int] | None:
    """A function that glibc has, and other C libraries lack."""
    return getattr(ctypes.CDLL(None), name, None)
