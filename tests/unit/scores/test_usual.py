"""What is usual: worked out by hand, and what holds of any counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.usual import NORMAL, spread_of, usual_of

COUNTS = st.lists(st.integers(0, 500), min_size=4, max_size=8)


def test_of_fewer_than_four_days_nothing_is_usual() -> None:
    """Three Mondays say nothing; how many there are is told."""
    assert usual_of([5, 6, 7]) == {"value": None, "low": None, "high": None, "n": 3}


def test_the_band_is_two_spreads_to_either_side() -> None:
    """Of 20, 30, 34 and 50 the middle is 32, of the distances 12, 2, 2 and 18 it is 7: more than chance has."""
    assert usual_of([20, 30, 34, 50]) == {
        "value": 32,
        "low": pytest.approx(32 - 2 * 7 * 1.4826),
        "high": pytest.approx(32 + 2 * 7 * 1.4826),
        "n": 4,
    }


def test_equal_days_spread_as_chance_does() -> None:
    """Nine activities on each Monday: seven of the next one are no news."""
    assert usual_of([9] * 8) == {"value": 9, "low": 3, "high": 15, "n": 8}


def test_no_band_begins_below_zero() -> None:
    """Two activities an hour: none is within the band."""
    assert usual_of([2, 2, 2, 2])["low"] == 0
    assert usual_of([0, 0, 0, 0]) == {"value": 0, "low": 0, "high": 0, "n": 4}


@given(COUNTS)
def test_the_order_of_days_says_nothing(counts: list[int]) -> None:
    """The same days are usual, whichever came first."""
    assert usual_of(counts) == usual_of(sorted(counts)) == usual_of(counts[::-1])


@given(st.lists(st.integers(0, 500), min_size=3, max_size=7), st.integers(0, 10**9))
def test_one_odd_day_does_not_matter(others: list[int], odd: int) -> None:
    """However odd it is, the middle stays among the others, and the spread within what they span."""
    spread = spread_of([*others, odd])

    assert spread is not None
    assert min(others) <= spread.median <= max(others)
    assert spread.deviation <= max(NORMAL * (max(others) - min(others)), spread.median**0.5) + 1e-9
