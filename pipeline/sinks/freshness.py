"""Whether what a partition says of now is about the present. Pure."""

STALE_MS = 60_000
"""The limit of SalespulseFiguresStale; ticks move a partition's now on every few seconds."""


def is_present(now_ms: int, clock_ms: int) -> bool:
    """Called for each scrape, with a partition's now and the wall clock.

    A worker that reads history again passes through alerts, missed feeds and working hours that are long over: none of
    them is for those on duty. Nor are those of a partition that stands still: nobody knows whether they hold.
    """
    return clock_ms - now_ms <= STALE_MS
