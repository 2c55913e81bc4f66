"""Dirty bits (marks): which KPI families changed in which current windows of a scope, in one int.

Windows are numbered as in `pipeline/scores/panes.py`, families as in the KPI table.
"""

from functools import lru_cache

from pipeline.scores.kpis import ALL_FAMILIES, FAMILIES, family_bits, given_in
from pipeline.scores.panes import EVERYTHING as EVERY_WINDOW
from pipeline.scores.panes import FAST as LIVE_WINDOWS
from pipeline.scores.windows import CALENDAR, NOW, ROLLING, TRAILING

KINDS = (*("rolling" for _ in ROLLING), NOW, *CALENDAR, TRAILING)
"""The kind of each window."""
_WIDTH = len(FAMILIES)
_GIVEN = sum(
    family_bits(frozenset(kpi.family for kpi in given_in(kind))) << _WIDTH * number for number, kind in enumerate(KINDS)
)


@lru_cache(maxsize=4096)
def _spread(windows: int) -> int:
    return sum(1 << _WIDTH * number for number in range(len(KINDS)) if windows >> number & 1)


def marks(windows: int, families: int = ALL_FAMILIES) -> int:
    """The marks of these families in each of these windows, where it has KPIs of them."""
    return _spread(windows) * families & _GIVEN


def families_in(marked: int, window: int) -> int:
    """The families that are marked in one window."""
    return marked >> _WIDTH * window & ALL_FAMILIES


EVERYTHING = marks(EVERY_WINDOW)
LIVE = marks(LIVE_WINDOWS)
