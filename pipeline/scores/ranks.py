"""What the reps of a team are ranked by: a few counts of the KPI table."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from pipeline.scores.kpi_table import KpiTable
from schemas.integers import LEAST, MOST


class Ranks(NamedTuple):
    """What one rep is ranked by in one current window; None of families that the home has no data of."""

    calls: int | None
    activities: int | None
    meetings_set: int | None
    won: int | None
    bookings: int | None


RANKED = Ranks._fields
"""The KPIs."""


class Ranking:
    """Reads those values for one KPI table."""

    def __init__(self, table: KpiTable) -> None:
        rows = [table.by_name[name] for name in RANKED]
        self._of = tuple((table.bits(frozenset({kpi.family})), kpi.numerator) for kpi in rows)
        self._asked = lru_cache(maxsize=256)(self._asked_of)

    def of(self, measures: Mapping[str, int], families: int) -> Ranks:
        """Their values by a window's measures, at most what 64 bits hold; None of families the home has no data of."""
        get = measures.get
        values: list[int | None] = []
        for first, more in self._asked(families):
            if first is None:
                values.append(None)
                continue
            value = get(first, 0)
            for name in more:  # All that the KPI counts: bookings are also what a split gives and takes.
                value += get(name, 0)
            values.append(value if LEAST <= value <= MOST else min(max(value, LEAST), MOST))
        return Ranks(*values)

    def _asked_of(self, families: int) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
        """The measures that are read; None in place of those of families that the home has no data of."""
        return tuple((of[0], of[1:]) if families & bit else (None, ()) for bit, of in self._of)
