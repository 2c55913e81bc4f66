"""The windows that there are: the one list. The audit has its own, on purpose."""

from collections.abc import Iterable

ROLLING: tuple[tuple[str, int], ...] = (("5m", 5), ("15m", 15), ("1h", 60), ("8h", 480), ("24h", 1440))
"""Rolling windows, shortest first: their id and how many full minutes they hold beside the running one."""
NOW = "now"
"""The window of standing figures."""
CALENDAR = ("day", "week", "month", "quarter", "year")
"""Kinds of calendar windows, shortest first."""
TRAILING = "90d"
"""The last 90 local days with today."""
TRAILING_DAYS = 90

CURRENT = (*(window for window, _ in ROLLING), *CALENDAR, TRAILING)
"""The windows of a period that every scope has at any time, by the name a reader asks for; beside them there is `NOW`.

Past ones are calendar windows, by id.
"""


def least_pane_hours(rolling: Iterable[tuple[str, int]] = ROLLING) -> int:
    """For how many hours panes of a minute have to be kept at least, for the widest rolling window to decay."""
    return max(minutes for _, minutes in rolling) // 60 + 1


def title(window: str) -> str:
    """A current window in the words of a person: `5 min`, `8 h`, `today`, `month`."""
    minutes = dict(ROLLING).get(window)
    if minutes is not None:
        return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
    return {"day": "today", TRAILING: f"{TRAILING_DAYS} days"}.get(window, window)
