"""Goals: the targets of an organisation, by the home whose figures they are set for, and by period."""

from collections.abc import Mapping
from typing import Any

from pipeline.measures import COMPANY
from pipeline.organisation.overlay import Groups

Record = Mapping[str, Any]
Targets = Mapping[str, int]
"""By KPI: what is to be reached."""
Goals = Mapping[tuple[str, int], Targets]
"""By kind of period and its first local day."""
NO_GOALS: Goals = {}
FACTS, PARTS = "facts", "parts"


def places_of(target: Record | None) -> tuple[tuple[str, str], ...]:
    """The logs and homes that a target is for: nobody else is sent it. None of one that is nobody's, or of two.

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

    def of(self, home: str) -> Goals:
        """What is to be reached in each period of a home; of several targets for one thing that of the greater id.

        One of 0 is none.
        """
        told = self._told.of(home)
        if not told:
            return NO_GOALS
        found: dict[tuple[str, int], dict[str, int]] = {}
        for _, target in sorted(told.items()):
            kpi, period, first_day, value = (target.get(name) for name in ("kpi", "period", "period_start", "value"))
            if kpi is not None and period is not None and first_day is not None and value is not None:
                found.setdefault((period, first_day), {})[kpi] = value
        aims = {period: {kpi: value for kpi, value in targets.items() if value} for period, targets in found.items()}
        return {period: targets for period, targets in aims.items() if targets}
