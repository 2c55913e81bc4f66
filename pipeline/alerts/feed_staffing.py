"""How many reps whom a feed serves are at work, beside how many usually are by then: fewer make it speak less."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from pipeline.organisation.days import DAY_MS

DAYS_BEFORE = 7


class Staffing(NamedTuple):
    """Reps by the working hours of their teams: now, and at this time on the middle one of the seven days before."""

    at_work: int
    usual: int

    def stretched(self, limit_minutes: int) -> int:
        """What is let pass: as many times more as fewer are at work than usual. A holiday of others is no silence."""
        return limit_minutes * max(self.usual, self.at_work, 1) // max(self.at_work, 1)


class Roll:
    """The reps of teams who are at work at an instant and at the same time of the days before, each team once."""

    def __init__(self, at_ms: int, of_team: Callable[[str, int], int]) -> None:
        """`of_team` says how many reps of a team are at work at an instant."""
        self._times_ms = [at_ms - day * DAY_MS for day in range(DAYS_BEFORE + 1)]
        self._of_team = of_team
        self._known: dict[str, list[int]] = {}

    def staffing(self, teams: Iterable[str]) -> Staffing:
        """Of all these teams together."""
        now, *before = (sum(counts) for counts in zip(*(self._of(team) for team in teams), strict=True))
        return Staffing(now, sorted(before)[DAYS_BEFORE // 2])

    def _of(self, team: str) -> list[int]:
        if team not in self._known:
            self._known[team] = [self._of_team(team, at_ms) for at_ms in self._times_ms]
        return self._known[team]
