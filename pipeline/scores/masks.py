"""Masks: what of each scope is published, as marks, so that nothing else is ever marked, rendered or sent."""

from functools import lru_cache
from typing import NamedTuple

from pipeline.scores.chosen import Chosen, ChosenWindows, name_of
from pipeline.scores.home import Scope
from pipeline.scores.kpi_table import KpiTable
from pipeline.scores.marks import NAMES, Marks
from schemas.windows import CALENDAR


class Mask(NamedTuple):
    """What is published of one kind of scope: marks and families as bits, windows by name, kinds of past windows."""

    marks: int
    families: int
    current: frozenset[str]
    past: frozenset[str]

    def shows(self, kind: str, window: str, *, over: bool) -> bool:
        """Whether a window is published, while it is current or once it is over."""
        return kind in self.past if over else name_of(kind, window) in self.current


class Masks:
    """The masks of one choice, for one KPI table."""

    def __init__(self, table: KpiTable, marks: Marks, chosen: Chosen) -> None:
        self._table = table
        self._marks = marks
        every = table.all_families
        of_reps = every if chosen.families is None else table.bits(frozenset(chosen.families))
        self._days = {rep: marks.given(CALENDAR[:1], rep=rep) for rep in (False, True)}
        self._teams = self._mask(chosen.teams, every, rep=False)
        self._reps = self._mask(chosen.reps, of_reps, rep=True)
        self._members = self._mask(chosen.members, of_reps, rep=True)
        self._shows_any = lru_cache(maxsize=1024)(self._has_any)

    def of(self, scope: Scope) -> Mask:
        """That of a scope, which follows from its name: `rep:7@north`, `rep:7`, or any larger one."""
        if not scope.name.startswith("rep:"):
            return self._teams
        return self._members if "@" in scope.name else self._reps

    def known(self, scope: Scope) -> int:
        """The families that are published of a scope, and that its home has data of.

        Those of goals are its home's own, what is usual is of those whose activities are kept by the hour; a timeline
        is of reps within a team.
        """
        known = self._table.bits(scope.home.families) & self.of(scope).families
        if not scope.home.by_hours:
            known &= ~self._table.usual
        return known & ~(self._table.timeline if scope is scope.home.total else self._table.goals)

    def past(self, scope: Scope) -> frozenset[str]:
        """The kinds of windows that are published of a scope once they are over, if any family has KPIs in them."""
        known = self.known(scope)
        return self.of(scope).past if self._marks.within(self._days[bool(scope.rep)], known) else frozenset()

    def shows_any(self, scope: Scope) -> bool:
        """Whether there is a current window with any family to publish of a scope."""
        return self._shows_any(self.of(scope), scope.home.families)

    def _has_any(self, mask: Mask, families: frozenset[str]) -> bool:
        known = self._table.bits(families)
        return any(marked & known for marked in self._marks.by_window(mask.marks).values())

    def _mask(self, windows: ChosenWindows, families: int, *, rep: bool) -> Mask:
        """Of the windows only those in which any of the families has a KPI."""
        marks = self._marks.within(self._marks.given(windows.current, rep=rep), families)
        current = frozenset(NAMES[number] for number in self._marks.by_window(marks))
        past = windows.past if self._marks.within(self._days[rep], families) else ()
        return Mask(marks, families, current, frozenset(past))
