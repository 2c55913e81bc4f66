"""Who is first, by hand and against counting who is better."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.chosen import Chosen
from pipeline.views.asked import AskedError
from pipeline.views.ranking import Ranked, as_json, board_window, ranked, ranked_home, ranked_kpi
from pipeline.views.readings import Reading, WindowReading


def _readings(kpi: str, told: dict[str, dict[str, Any]]) -> dict[str, Reading]:
    found = {rep: WindowReading("month:2026-11", "", 0, {kpi: each}) for rep, each in told.items()}
    return {rep: Reading(f"rep:{rep}@north", "team:north", "EUR", {"month": each}) for rep, each in found.items()}


def test_equal_values_share_a_place_and_the_next_is_further_on() -> None:
    """1, 1, 3; by id among equals."""
    board = ranked(
        _readings("won", {"c": {"value": 2}, "b": {"value": 5}, "a": {"value": 5}, "d": {"value": 0}}), "month", "won"
    )

    assert [(row.place, row.rep) for row in board] == [(1, "a"), (1, "b"), (3, "c"), (4, "d")]


def test_a_small_sample_has_no_place() -> None:
    """One win of one is no better than seven of ten; who has no value has none either."""
    told: dict[str, dict[str, Any]] = {
        "lucky": {"value": 1.0, "n": 1}, "good": {"value": 0.7, "n": 10}, "new": {"value": None, "n": 0},
        "fair": {"value": 0.5, "n": 5},
    }  # fmt: skip

    placed = [Ranked("good", 1, 0.7, 10), Ranked("fair", 2, 0.5, 5)]
    without = [Ranked("lucky", None, 1.0, 1), Ranked("new", None, None, 0)]
    assert ranked(_readings("win_rate", told), "month", "win_rate") == placed + without
    assert ranked(_readings("win_rate", told), "month", "win_rate", least=1)[0].rep == "lucky"


def test_who_is_in_ramp_has_no_place() -> None:
    """And takes nobody's: the next one is second, the new one last, and said to be new."""
    readings = _readings("won", {"new": {"value": 7}, "b": {"value": 5}, "a": {"value": 2}})
    readings["new"] = replace(readings["new"], in_ramp=True)
    board = ranked(readings, "month", "won")

    assert board == [Ranked("b", 1, 5), Ranked("a", 2, 2), Ranked("new", None, 7, ramping=True)]
    assert as_json(board, "team:north", "month", "won", "EUR")["ranks"][2] == {
        "rep": "new", "place": None, "value": 7, "ramping": True,
    }  # fmt: skip


def test_where_less_is_better_the_least_is_first() -> None:
    """A sales cycle of ten days beats one of twenty."""
    told = {"slow": {"value": 20, "n": 9}, "quick": {"value": 10, "n": 9}}

    assert [row.rep for row in ranked(_readings("sales_cycle", told), "month", "sales_cycle")] == ["quick", "slow"]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.none() | st.integers(-3, 3)))
def test_a_place_is_one_more_than_those_who_are_better(values: dict[str, int | None]) -> None:
    """Everybody is on the board once, whatever ties there are."""
    board = ranked(_readings("won", {rep: {"value": value} for rep, value in values.items()}), "month", "won")

    assert sorted(row.rep for row in board) == sorted(values)
    for row in board:
        own = values[row.rep]
        better = sum(1 for value in values.values() if value is not None and own is not None and value > own)
        assert row.place == (None if own is None else better + 1)


@pytest.mark.parametrize("kpi", ["talk_times", "avg_talk_time", "cost", "stage_entries", "enps"])
def test_nobody_is_ranked_by_what_has_no_better(kpi: str) -> None:
    """Nor by what reps do not have."""
    with pytest.raises(AskedError, match="allowed are those of reps"):
        ranked_kpi(kpi)


def test_only_what_is_published_of_reps_has_a_board() -> None:
    """A group's reps are in its teams; a window that is not published has no board."""
    assert (ranked_home("company"), ranked_home("team:north")) == ("company", "team:north")
    with pytest.raises(AskedError, match="allowed: company, or a team"):
        ranked_home("group:emea")
    assert board_window("team:north", "month", Chosen()) == "month"
    with pytest.raises(AskedError, match="minute is not published of reps of team:north; allowed: "):
        board_window("team:north", "minute", Chosen())


def test_a_program_gets_places_and_samples() -> None:
    """A count has no sample."""
    assert as_json([Ranked("a", 1, 5), Ranked("b", None, 0.5, 2)], "team:north", "month", "won", "EUR") == {
        "home": "team:north", "window": "month", "kpi": "won", "currency": "EUR", "currency_digits": 2,
        "ranks": [{"rep": "a", "place": 1, "value": 5}, {"rep": "b", "place": None, "value": 0.5, "n": 2}],
    }  # fmt: skip
