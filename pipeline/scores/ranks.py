"""What the reps of a team are ranked by: a few counts of the KPI table."""

from collections.abc import Mapping
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
        self._of = tuple((table.bits(frozenset({kpi.family})), kpi.numerator[0]) for kpi in rows)

    def of(self, measures: Mapping[str, int], families: int) -> Ranks:
        """Their values by a window's measures, at most what 64 bits hold; None of families the home has no data of."""
        get = measures.get
        values = [get(of, 0) if families & bit else None for bit, of in self._of]
        return Ranks(*[value if value is None or LEAST <= value <= MOST else _within(value) for value in values])


def _within(value: int) -> int:
    return min(max(value, LEAST), MOST)
