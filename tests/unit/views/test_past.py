"""History as rows, and what is said where there is none."""

from pipeline.scores.chosen import Chosen
from pipeline.scores.kpis import KPIS
from pipeline.scores.windows import CALENDAR, NOW, ROLLING, TRAILING
from pipeline.views.past import GIVEN_IN, nothing_told


def test_every_kpi_says_where_it_is_given() -> None:
    """In words for each of the places that a row of the table may name."""
    assert {kpi.where for kpi in KPIS} <= GIVEN_IN.keys()
    assert not {*CALENDAR, *(window for window, _ in ROLLING)} & {GIVEN_IN["now"], GIVEN_IN["90d"]}
    assert NOW in GIVEN_IN["now"]
    assert TRAILING in GIVEN_IN["90d"]
    said = "company has no pipeline_velocity there: it is given in the window 90d, once anything of its family was told"
    assert nothing_told("company", "pipeline_velocity", Chosen()) == said
