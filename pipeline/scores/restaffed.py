"""Where others may be at work after a change of the organisation: in which teams and larger scopes, on which days."""

from typing import NamedTuple

from pipeline.scores.home import FAR_DAY, Home

LONGEST_DAYS = 366
"""No window is longer."""


class Restaffed(NamedTuple):
    """Teams, the homes that hold their reps (None: all of either), and the first and last local day that may differ."""

    teams: frozenset[str] | None
    homes: frozenset[str] | None
    first_day: int = 0
    last_day: int = FAR_DAY

    def days_in(self, home: Home, first_day: int) -> range:
        """Those of the days on which windows of a home may lie that are over: the first holds its first pane."""
        first = max(self.first_day, first_day, home.total.oldest - LONGEST_DAYS)
        return range(first, min(self.last_day, home.today - 1) + 1)
