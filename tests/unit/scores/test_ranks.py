"""What reps are ranked by is what their figures say."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.definition import Definition
from pipeline.scores.kpis import BY_NAME, KPIS
from pipeline.scores.ranks import RANKED, Ranking

DEFINED = Definition(KPIS)
COUNTED = sorted({name for kpi in RANKED for name in BY_NAME[kpi].numerator})


@given(st.dictionaries(st.sampled_from(COUNTED), st.integers(-(10**6), 10**6)))
def test_each_rank_is_the_value_of_its_kpi(measures: dict[str, int]) -> None:
    """Also of a KPI that counts several measures, such as bookings: what was won, and what splits give and take."""
    table = DEFINED.table
    families = table.bits(frozenset(BY_NAME[kpi].family for kpi in RANKED))
    texts = DEFINED.texts.of(measures, {}, families, "day", rep=True)
    told = {kpi: said["value"] for text in texts.values() for kpi, said in json.loads(f"{{{text}}}").items()}

    assert Ranking(table).of(measures, families)._asdict() == {kpi: told[kpi] for kpi in RANKED}


def test_of_families_without_data_nothing_is_said() -> None:
    """A rep of a home that never had a deal has no rank by deals."""
    families = DEFINED.table.bits(frozenset({BY_NAME["calls"].family}))
    calls = BY_NAME["calls"].numerator[0]
    ranks = Ranking(DEFINED.table).of({calls: 3}, families)

    assert (ranks.calls, ranks.bookings) == (3, None)
