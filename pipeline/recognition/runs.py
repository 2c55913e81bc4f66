"""The latest run of days: working days one after another on which enough was done. Pure."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

LEAST_DAYS = 3
"""Fewer days one after another are no streak."""


class Run(NamedTuple):
    """So many working days one after another, from the first one to the last."""

    days: int
    first_day: int
    last_day: int


def latest_run(enough: Iterable[int], misses: Callable[[int, int], bool], since: int = 0) -> Run | None:
    """The run that ends last, of those that end on a day or later.

    `enough` are the working days on which enough was done, the latest first; no more of them are asked for than it
    takes. `misses` tells whether any other working day lies between two days.
    """
    run: Run | None = None
    for day in enough:
        if run is not None and not misses(day, run.first_day):
            run = Run(run.days + 1, day, run.last_day)
            continue
        if (run is not None and run.days >= LEAST_DAYS) or day < since:
            break
        run = Run(1, day, day)
    return run if run is not None and run.days >= LEAST_DAYS else None
