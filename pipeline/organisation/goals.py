"""Goals: the targets of an organisation, by the home whose figures they are set for, and by period."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from pipeline.measures import COMPANY
from pipeline.organisation.overlay import Groups
from schemas.goals import day_after

Record = Mapping[str, Any]
Targets = Mapping[str, int]
"""By KPI: what is to be reached."""
Goals = Mapping[tuple[str, int], Targets]
"""By kind of period and its first local day."""
NO_GOALS: Goals = {}
FACTS, PARTS = "facts", "parts"
PLACED = frozenset({"target", "curve"})
"""The kinds of records that go to the homes that they are for, and not to everybody."""


def places_of(target: Record | None) -> tuple[tuple[str, str], ...]:
    """The logs and homes that a target or curve is for. None of one that is nobody's, or of two.

    A rep's goal is over all teams. A team's is that of all who work in it and below it: which of the two homes shows it
    follows from the tree of teams.
    """
    team, rep = (target or {}).get("team_id"), (target or {}).get("rep_id")
    if (team is None) == (rep is None):
        return ()
    if rep is not None:
        return ((PARTS, f"rep:{rep}"),)
    if team == COMPANY:
        return ((PARTS, COMPANY),)
    return ((FACTS, f"team:{team}"), (PARTS, f"group:{team}"))


def watching(target: Record | None) -> str | None:
    """The log whose every partition is sent a target besides, since what stands above it may lie in any of them.

    A rep's team is not known where targets are sent from, nor what a team belongs to. Nothing stands above the company.
    """
    team, rep = (target or {}).get("team_id"), (target or {}).get("rep_id")
    if (team is None) == (rep is None) or team == COMPANY:
        return None
    return PARTS if rep is None else FACTS


class Sum(NamedTuple):
    """What the targets of several add up to, and how many of these have one."""

    target: int
    n: int


Below = Mapping[str, Sum]
"""By KPI: the targets of all who stand directly below somebody, for one period."""


class GoalBook:
    """The targets by home. A home without any costs nothing."""

    def __init__(self, told: Groups[str, Record] | None = None) -> None:
        self._told: Groups[str, Record] = told or Groups()

    def over(self) -> "GoalBook":
        """A book that begins as this one is, and changes without it."""
        return GoalBook(self._told.over())

    def put(self, name: str, old: Record | None, new: Record | None) -> None:
        """Take in the present record of a target in place of the former one; None where there is none."""
        for _, home in places_of(old):
            self._told.take(home, name)
        for _, home in places_of(new):
            self._told.put(home, name, dict(new or {}))

    def of(self, home: str, day: int) -> Goals:
        """What is to be reached in each period of a home, as of a local day.

        Of several targets for one thing that holds which began last by then, at the end of a period that is over; then
        that of the greater id. One of 0 is none.
        """
        found: dict[tuple[str, int], dict[str, int]] = {}
        for kpi, period, first_day, value in self._told_of(home, day):
            found.setdefault((period, first_day), {})[kpi] = value
        aims = {period: {kpi: value for kpi, value in targets.items() if value} for period, targets in found.items()}
        return {period: targets for period, targets in aims.items() if targets} or NO_GOALS

    def added_up(self, homes: Iterable[str], period: str, first_day: int, day: int) -> Below:
        """What the targets of several homes for one period add up to, as of a local day."""
        found: dict[str, Sum] = {}
        for home in homes:
            for kpi, value in self._aims(home, period, first_day, day).items():
                so_far = found.get(kpi, Sum(0, 0))
                found[kpi] = Sum(so_far.target + value, so_far.n + 1)
        return found

    def _aims(self, home: str, period: str, first_day: int, day: int) -> Targets:
        told = {kpi: value for kpi, *when, value in self._told_of(home, day) if when == [period, first_day]}
        return {kpi: value for kpi, value in told.items() if value}

    def _told_of(self, home: str, day: int) -> Iterator[tuple[str, str, int, int]]:
        """KPI, period, first day and value of each target that says all of them and has begun, those that hold last."""
        for _, target in sorted(self._told.of(home).items(), key=since_and_id):
            kpi, period, first_day, value = (target.get(name) for name in ("kpi", "period", "period_start", "value"))
            if kpi is None or period is None or first_day is None or value is None:
                continue
            since = target.get("effective_on")
            if since is None or since <= first_day or (since <= day and since < _end(period, first_day)):
                yield kpi, period, first_day, value


def since_and_id(named: tuple[str, Record]) -> tuple[int, str]:
    """In which order targets of one period come to hold; one from before its first day does so on that."""
    name, target = named
    return max(target.get("effective_on") or 0, target.get("period_start") or 0), name


def _end(period: str, first_day: int) -> int:
    return day_after(period, date.fromordinal(first_day)).toordinal()
