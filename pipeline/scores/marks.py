"""Dirty bits (marks): which KPI families changed in which current windows of a scope, in one int.

Windows are numbered as in `pipeline/scores/panes.py`, families as in the KPI table.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache

from pipeline.scores.kpi_table import KpiTable
from pipeline.scores.panes import EVERYTHING as EVERY_WINDOW
from pipeline.scores.panes import FAST as LIVE_WINDOWS
from pipeline.scores.panes import NOW_BIT
from pipeline.scores.waiting import HOUR
from schemas.windows import CALENDAR, NOW, ROLLING, TRAILING

HOUR_BIT = 1 << HOUR
KINDS = (*("rolling" for _ in ROLLING), NOW, *CALENDAR, TRAILING)
"""The kind of each window."""
NAMES = (*(window for window, _ in ROLLING), NOW, *CALENDAR, TRAILING)
"""What readers call each current window, by its number."""


class Marks:
    """Makes and reads the marks for one KPI table."""

    def __init__(self, table: KpiTable) -> None:
        self._width = len(table.families)
        self._all_families = table.all_families
        self._table = table
        self._given = self.given(NAMES, rep=False)
        self._spread = _spread(self._width)
        self._waiting = table.waiting
        self._now_waiting = self._spread[NOW_BIT] * table.waiting & self._given
        """Whoever waits now called within the last hour: what changes in that window changes it."""
        self.by_window = lru_cache(maxsize=16_384)(self._by_window)
        self.everything = self.of(EVERY_WINDOW)
        self.live = self.of(LIVE_WINDOWS) & ~self.of(NOW_BIT, table.stall)
        """Where prospects stall follows from 207 days: it changes with the slow figures."""

    def of(self, windows: int, families: int | None = None) -> int:
        """The marks of these families (None: all) in each of these windows, where it has KPIs of them."""
        wanted = self._all_families if families is None else families
        found = self._spread[windows] * wanted & self._given
        if wanted & self._waiting and windows & HOUR_BIT:
            found |= self._now_waiting
        return found

    def given(self, windows: Collection[str], *, rep: bool) -> int:
        """The marks of all families that have KPIs in these windows, named as readers do; of reps, or of others."""
        return sum(
            self._table.bits(frozenset(kpi.family for kpi in self._table.given_in(kind, rep=rep)))
            << self._width * number
            for number, kind in enumerate(KINDS)
            if NAMES[number] in windows
        )

    def within(self, marks: int, families: int) -> int:
        """Those of the marks that are of these families."""
        return marks & self._spread[EVERY_WINDOW] * families

    def _by_window(self, marked: int) -> Mapping[int, int]:
        """By number of each window in which anything is marked: its families, as bits. To be read."""
        by_number = ((number, marked >> self._width * number & self._all_families) for number in range(len(KINDS)))
        return {number: families for number, families in by_number if families}


def _spread(width: int) -> tuple[int, ...]:
    """By any windows as bits: the same bits, each so far apart that all families have room."""
    found = [0]
    for number in range(len(KINDS)):
        found += [1 << width * number | lower for lower in found]
    return tuple(found)
