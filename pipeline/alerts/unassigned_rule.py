"""A rule about activities that no team can be given: they lie in a home of their own, for which no hours are set."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from pipeline.alerts.rule import LooksBack, Reason, Rule, is_back
from pipeline.measures import ACTIVITIES, UNASSIGNED
from pipeline.organisation.days import MINUTE_MS
from pipeline.scores.home import Home
from pipeline.scores.windows import ROLLING

HOME = f"team:{UNASSIGNED}"
OF_UNKNOWN_REPS = f"rep:{UNASSIGNED}@{UNASSIGNED}"
OF_NOBODY = f"rep:@{UNASSIGNED}"
"""Of which no rep is told."""
WINDOW, MINUTES = ROLLING[2]
LAST_HOUR = LooksBack(days=2, worked_days=0, feeds=False)
"""What these rules look back on: the hour, and a day in which what was open is over or seen again."""


@dataclass(frozen=True, slots=True)
class UnassignedRule(Rule):
    """A rule that no more than `limit_count` such activities happened in the last hour; asked at any time of day.

    `counted` tells how many did, of the home and its running minute.
    """

    _: KW_ONLY
    counted: Callable[[Home, int], int]

    def opens(self, home: Home, minute: int, limit: int) -> Reason | None:
        """The reason for which the alert opens; None where nothing is wrong."""
        count = self.counted(home, minute)
        return Reason((minute - MINUTES) * MINUTE_MS, count, limit, ACTIVITIES, WINDOW) if count > limit else None

    def closes(self, home: Home, minute: int, limit: int) -> bool:
        """Whether the number is back by some way."""
        return is_back(self.counted(home, minute), limit)


def activities(home: Home, scope: str, minute: int) -> int:
    """The activities of a scope in the last hour, the running minute among it; 0 of a scope that there is not."""
    if scope not in home.scopes:
        return 0
    windows = zip(ROLLING, home.scopes[scope].rolling(minute), strict=True)
    return next(sums.get(ACTIVITIES, 0) for (window, _), sums in windows if window == WINDOW)
