"""Where reps of a team stand, over any values: what holds of all of them together, and beside SQL."""

from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.views.benchmarks import LEAST_PEERS, Benchmark, benchmarks
from pipeline.views.readings import Reading, WindowReading

VALUES = st.lists(st.integers(-9, 9) | st.sampled_from([0.5, 1e9]), min_size=LEAST_PEERS + 1, max_size=12)
IN_SQL = """
    SELECT 50 * (percent_rank() OVER (ORDER BY value) + 1 - percent_rank() OVER (ORDER BY value DESC)),
        quantile_cont(value, 0.5) OVER ()
    FROM (SELECT unnest($1::DOUBLE[]) AS value, unnest(range(len($1))) AS place) ORDER BY place
"""


def _compared(values: Sequence[float], kpi: str = "won") -> list[Benchmark]:
    """Each rep of a team who has one of the values, beside the others."""
    team = {}
    for number, value in enumerate(values):
        window = WindowReading("month:2026-11", "", 0, {kpi: {"value": value}})
        team[f"r{number}"] = Reading(f"rep:r{number}@north", "team:north", "EUR", {"month": window})
    return [benchmarks(rep, team, Reading("", ""), "month", [kpi])[0] for rep in team]


@given(VALUES)
def test_sql_comes_to_the_same(values: list[float]) -> None:
    """In the middle between the share of the others who are below and that of those who are not above."""
    expected = duckdb.execute(IN_SQL, [values]).fetchall()
    found = _compared(values)

    assert [each.percentile for each in found] == pytest.approx([percentile for percentile, _ in expected])
    assert [each.team_median for each in found] == pytest.approx([median for _, median in expected])


@given(VALUES)
def test_all_reps_together_stand_in_the_middle(values: list[float]) -> None:
    """Whoever is better than somebody makes that one worse: the mean of all percentiles is 50."""
    percentiles = [each.percentile or 0 for each in _compared(values)]

    assert sum(percentiles) / len(percentiles) == pytest.approx(50)


@given(VALUES)
def test_where_less_is_better_each_stands_the_other_way_round(values: list[float]) -> None:
    """With the same median."""
    more, less = _compared(values), _compared(values, "sales_cycle")

    assert [100 - (each.percentile or 0) for each in more] == pytest.approx([each.percentile for each in less])
    assert [each.team_median for each in more] == [each.team_median for each in less]


@given(VALUES)
def test_as_many_have_more_than_the_median_as_have_less(values: list[float]) -> None:
    """At most half of the reps on either side of it."""
    median = _compared(values)[0].team_median

    assert median is not None
    assert 2 * sum(value < median for value in values) <= len(values)
    assert 2 * sum(value > median for value in values) <= len(values)
