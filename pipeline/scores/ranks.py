"""What the reps of a team are ranked by: a few counts of the KPI table."""

from collections.abc import Mapping

from pipeline.scores.kpis import ALL_FAMILIES, BY_NAME, family_bits

RANKED = ("calls", "activities", "meetings_set", "won", "bookings")
"""The KPIs."""
_OF = tuple((family_bits(frozenset({BY_NAME[name].family})), BY_NAME[name].numerator[0]) for name in RANKED)


def ranks(measures: Mapping[str, int], families: int = ALL_FAMILIES) -> tuple[int | None, ...]:
    """Their values, in the order of `RANKED`; None of families that the home has no data of."""
    get = measures.get
    return tuple([get(measure, 0) if families & bit else None for bit, measure in _OF])
