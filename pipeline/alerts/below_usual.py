"""The rule of who does far less than usual: the last working hour beside the same hour of the weekday's last days."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.alerts.lower_tail import is_below
from pipeline.scores.usual import spread_of

SHARE = 0.001
"""One hour in a thousand is as low by chance."""
SHARE_AGAIN = 0.01
"""Of an hour that is not among one in a hundred it is over."""


class Hour(NamedTuple):
    """A working hour: the activities in it, and those in the same hours of the days that it is usual by."""

    seen: int
    usual: Sequence[int]


def opens(hours: Sequence[Hour]) -> bool:
    """Whether each of the working hours that ended with the last two quarter-hours was far below the usual."""
    return len(hours) >= 2 and all(_is_below(hour, SHARE) for hour in hours[-2:])


def closes(last: Hour) -> bool:
    """Whether the last working hour is no longer below the usual; of one of which nothing is usual nobody knows."""
    return spread_of(last.usual) is not None and not _is_below(last, SHARE_AGAIN)


def _is_below(hour: Hour, share: float) -> bool:
    spread = spread_of(hour.usual)
    return spread is not None and is_below(spread, hour.seen, share)
