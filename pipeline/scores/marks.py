"""Dirty bits (marks): which KPI families changed in which current windows of a scope, in one int.

Windows are numbered as in `pipeline/scores/panes.py`, families as in the KPI table.
"""

from functools import lru_cache

from pipeline.scores.kpi_table import KpiTable
from pipeline.scores.panes import EVERYTHING as EVERY_WINDOW
from pipeline.scores.panes import FAST as LIVE_WINDOWS
from schemas.windows import CALENDAR, NOW, ROLLING, TRAILING

KINDS = (*("rolling" for _ in ROLLING), NOW, *CALENDAR, TRAILING)
"""The kind of each window."""


class Marks:
    """Makes and reads the marks for one KPI table."""

    def __init__(self, table: KpiTable) -> None:
        self._width = len(table.families)
        self._all_families = table.all_families
        self._given = sum(
            table.bits(frozenset(kpi.family for kpi in table.given_in(kind))) << self._width * number
            for number, kind in enumerate(KINDS)
        )
        self._spread = _spread(self._width)
        self.numbers = lru_cache(maxsize=4096)(self._numbers)
        self.everything = self.of(EVERY_WINDOW)
        self.live = self.of(LIVE_WINDOWS)

    def of(self, windows: int, families: int | None = None) -> int:
        """The marks of these families (None: all) in each of these windows, where it has KPIs of them."""
        return self._spread[windows] * (self._all_families if families is None else families) & self._given

    def families_in(self, marked: int, window: int) -> int:
        """The families that are marked in one window."""
        return marked >> self._width * window & self._all_families

    def _numbers(self, marked: int) -> tuple[int, ...]:
        """The numbers of the windows in which anything is marked."""
        return tuple(number for number in range(len(KINDS)) if self.families_in(marked, number))


def _spread(width: int) -> tuple[int, ...]:
    """By any windows as bits: the same bits, each so far apart that all families have room."""
    found = [0]
    for number in range(len(KINDS)):
        found += [1 << width * number | lower for lower in found]
    return tuple(found)
