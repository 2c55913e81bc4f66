"""Callers who wait now: those of the last hour whom nobody has answered yet, and since when the first of them waits.

A caller stands in the minute of the call. The sums of the last hour so hold all who wait, and whoever called earlier is
out of them: a call of which no dialer ever tells the end waits no longer than that.
"""

from collections.abc import Iterator

from pipeline import measures as m
from pipeline.kinds.call import RING_SECONDS
from pipeline.scores.cold_panes import Measures, measures_of
from pipeline.scores.panes import Panes
from schemas.windows import ROLLING

SINCE = "callers_waiting_since"
"""Under this name stands when the first of them called, where a figure is read."""
LONGEST_MINUTES = 60
"""So many full minutes back somebody may have called who waits now."""
HOUR = next(number for number, (_, minutes) in enumerate(ROLLING) if minutes == LONGEST_MINUTES)
"""The number of that window."""


def with_waiting(now: Measures, panes: Panes, minute: int) -> Measures:
    """What stands, and under the names without a second how many callers wait and since when the first of them does."""
    waiting = dict(waiting_since(panes, minute))
    if not waiting:
        return now
    return {**now, m.CALLERS_WAITING: sum(waiting.values()), SINCE: min(waiting) * 1000}


def first_waiting(panes: Panes, minute: int) -> int | None:
    """The second in which the caller called who has waited longest; None where nobody waits."""
    return min((second for second, _ in waiting_since(panes, minute)), default=None)


def waiting_since(panes: Panes, minute: int) -> Iterator[tuple[int, int]]:
    """By the second in which they called, since the epoch: how many callers wait in a running minute."""
    first = (minute - LONGEST_MINUTES) * 60
    running = panes.minutes.get(minute)
    bands = [panes.band(number, minute) for number in range(HOUR + 1)]
    for sums in (*bands, measures_of(running) if running else {}):
        for name, callers in sums.items():
            if name.startswith(m.CALLERS_WAITING) and callers > 0:
                second = int(name.removeprefix(m.CALLERS_WAITING))
                yield first + (second - first) % RING_SECONDS, callers
