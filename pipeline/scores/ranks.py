"""What the reps of a team are ranked by: a few counts of the KPI table."""

from collections.abc import Mapping
from typing import NamedTuple

from pipeline.scores.kpis import ALL_FAMILIES, BY_NAME, family_bits


class Ranks(NamedTuple):
    """What one rep is ranked by in one current window; None of families that the home has no data of."""

    calls: int | None
    activities: int | None
    meetings_set: int | None
    won: int | None
    bookings: int | None


RANKED = Ranks._fields
"""The KPIs."""
_OF = tuple((family_bits(frozenset({BY_NAME[name].family})), BY_NAME[name].numerator[0]) for name in RANKED)


def ranks(measures: Mapping[str, int], families: int = ALL_FAMILIES) -> Ranks:
    """Their values by a window's measures."""
    get = measures.get
    return Ranks(*[get(measure, 0) if families & bit else None for bit, measure in _OF])
