"""A rep beside peers and past, by hand and against sorting."""

from dataclasses import replace
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.chosen import Chosen
from pipeline.views.asked import Asked, AskedError
from pipeline.views.benchmarks import (
    BEFORE,
    LEAST_PEERS,
    Benchmark,
    as_json,
    asked_window,
    benchmarked_kpis,
    benchmarks,
    place_of,
)
from pipeline.views.industry import IndustryFigure
from pipeline.views.readings import Reading, WindowReading

NOW = "month:2026-11"


def _reading(rep: str, **windows: float | None) -> Reading:
    """A rep's months, by name without the hyphen: `m11` is November."""
    made = {
        f"month:2026-{name[1:]}": WindowReading(f"month:2026-{name[1:]}", "", 0, {"won": {"value": value}})
        for name, value in windows.items()
    }
    return Reading(f"rep:{rep}@north", "team:north", "EUR", made)


def _team(**won: float | None) -> dict[str, Reading]:
    found = {}
    for rep, value in won.items():
        window = WindowReading(NOW, "", 0, {"won": {"value": value}, "sales_cycle": {"value": value}})
        found[rep] = Reading(f"rep:{rep}@north", "team:north", "EUR", {"month": window})
    return found


def test_a_rep_beside_five_peers() -> None:
    """Better than three of five and equal to one: 70 of a hundred; the median is of all six."""
    team = _team(own=4, a=1, b=2, c=3, d=4, e=9)

    assert benchmarks("own", team, _reading("own", m09=2, m10=None, m11=4), "month", ["won"]) == [
        Benchmark("won", 4, [2, None], 5, 3.5, 70.0)
    ]


def test_nobody_is_compared_with_who_is_in_ramp() -> None:
    """A new rep is no peer; and has the others' median, of which it is no part, and no percentile."""
    team = _team(own=4, a=1, b=2, c=3, d=4, e=9, new=0)
    team["new"] = replace(team["new"], in_ramp=True)

    assert benchmarks("own", team, _reading("own"), "month", ["won"]) == [Benchmark("won", 4, [], 5, 3.5, 70.0)]
    assert benchmarks("new", team, _reading("new"), "month", ["won"]) == [Benchmark("won", 0, [], 6, 3.5, None)]


def test_where_less_is_better_the_slower_are_worse() -> None:
    """Of five peers four took longer."""
    team = _team(own=10, a=20, b=30, c=40, d=50, e=5)

    assert benchmarks("own", team, _reading("own"), "month", ["sales_cycle"])[0].percentile == 80


def test_four_peers_are_no_yardstick() -> None:
    """Those without a value are no peers."""
    team = _team(own=4, a=1, b=2, c=3, d=4, e=None)

    assert benchmarks("own", team, _reading("own"), "month", ["won"]) == [Benchmark("won", 4, [], 4, None, None)]


def test_a_rep_without_a_value_has_no_percentile() -> None:
    """The team has its median all the same."""
    team = _team(own=None, a=1, b=2, c=3, d=4, e=5)

    assert benchmarks("own", team, _reading("own"), "month", ["won"]) == [Benchmark("won", None, [], 5, 3, None)]


@given(st.integers(0, 9), st.lists(st.integers(0, 9), min_size=LEAST_PEERS, max_size=12))
def test_the_percentile_is_where_the_rep_stands(own: int, others: list[int]) -> None:
    """Half way between the share of those who are worse and the share of those who are not better."""
    team = _team(own=own, **{f"r{number}": value for number, value in enumerate(others)})
    (found,) = benchmarks("own", team, _reading("own"), "month", ["won"])
    worse = sum(other < own for other in others) / len(others)
    not_better = sum(other <= own for other in others) / len(others)

    assert found.percentile == pytest.approx(50 * (worse + not_better))
    assert found.team_median == median([own, *others])


def test_the_trend_is_the_six_windows_before() -> None:
    """Without the current one, oldest first."""
    months = {f"m{number:02d}": number for number in range(1, 12)}
    (found,) = benchmarks("own", _team(own=11), _reading("own", **months), "month", ["won"])

    assert found.before == list(range(11 - BEFORE, 11))


def test_a_window_in_which_nothing_was_told_is_in_the_trend_too() -> None:
    """A count was 0 then, and of a mean there is none; before the first window that is kept nobody knows anything."""
    past = _reading("own", m03=2, m06=4)
    won, cycle = benchmarks("own", _team(own=11), past, "month", ["won", "sales_cycle"])

    assert won.before == [0, 4, 0, 0, 0, 0]
    assert cycle.before == [None] * 6
    late = benchmarks("own", _team(own=11), _reading("own", m08=7), "month", ["won"])[0]
    assert late.before == [7, 0, 0]


def test_whom_a_scope_names() -> None:
    """Within a team the peers are of the team, else of all teams."""
    assert place_of("rep:7@north") == ("7", "team:north")
    assert place_of("rep:7") == ("7", "company")
    for scope in ("team:north", "company", "rep:"):
        with pytest.raises(AskedError, match="is no rep"):
            place_of(scope)


def test_what_is_not_compared_is_refused() -> None:
    """A KPI without a better, and a window without a board."""
    assert benchmarked_kpis(benchmarked_kpis([])) == benchmarked_kpis([])
    with pytest.raises(AskedError, match="neither more nor less of it is better"):
        benchmarked_kpis(["avg_talk_time"])
    assert asked_window("team:north", "month", Chosen()) == Asked(kind="month")
    with pytest.raises(AskedError, match="no kind of calendar window"):
        asked_window("team:north", "1h", Chosen())


def test_a_program_gets_all_of_it() -> None:
    """By KPI."""
    told = IndustryFigure(3.0, None, 4.5, "Survey of nobody", None, "2026-01-01")
    found = Benchmark("won", 4, [2, None], 5, 3.5, 70.0, told)
    assert as_json([found], "rep:7@north", NOW, "EUR") == {
        "scope": "rep:7@north", "window": NOW, "currency": "EUR", "currency_digits": 2,
        "kpis": {
            "won": {
                "value": 4, "before": [2, None], "peers": 5, "team_median": 3.5, "percentile": 70.0,
                "industry": {
                    "median": 3.0, "lower_quartile": None, "upper_quartile": 4.5, "source_name": "Survey of nobody",
                    "source_url": None, "effective_on": "2026-01-01",
                },
            },
        },
    }  # fmt: skip
