"""Where a period is going to end, by a curve: worked out by hand, and rules that hold for every curve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.curves import POINTS, WHOLE, Curve
from pipeline.scores.projection import expected_share, projected

RISING = {
    "learnt_on": 738_000,
    "typical": 100,
    "shares": [100 * n * n // 4 for n in range(1, 20)],
    "low": [8_000] * 19,
    "high": [13_000] * 19,
}
"""After a share x of the time x squared of the total is usually there: a rush towards the end."""


def rising(**other: object) -> Curve:
    """The curve of a rush, otherwise in some fields."""
    found = Curve.read({**RISING, **other})
    assert found is not None
    return found


@pytest.mark.parametrize(("worked", "share"), [(0, 0), (5, 0.0025), (50, 0.25), (95, 0.9025), (100, 1), (120, 1)])
def test_at_its_points_a_curve_is_as_it_was_told(worked: int, share: float) -> None:
    """In hundredths of the time; before the first point it begins at nothing, after the last it ends at all."""
    assert expected_share(rising(), worked, 100) == pytest.approx(share)


def test_between_two_points_it_goes_straight() -> None:
    """After 52.5 % of the time, between 25 % and 30.25 %."""
    assert expected_share(rising(), 525, 1000) == pytest.approx(0.27625)


def test_a_projection_leans_on_a_usual_period() -> None:
    """Half of the time has passed and 40 are there, of which there usually are 25 of 100.

    What is still to come is 75 %, a tenth of that is 7.5: (40 + 7.5) / (0.25 + 0.075).
    """
    found = projected(rising(), 40, 50, 100)

    assert found.total == pytest.approx(146.1538)
    assert found.low == pytest.approx(146.1538 * 0.8)
    assert found.high == pytest.approx(146.1538 * 1.3)


def test_who_has_nothing_yet_has_a_projection() -> None:
    """(0 + 7.5) / 0.325: a weak period, and not one of nothing."""
    assert projected(rising(), 0, 50, 100).total == pytest.approx(7.5 / 0.325)


def test_no_less_is_expected_than_there_is() -> None:
    """Of what was reached nothing is taken back: 90 there, 95 expected, at least 76 by former periods."""
    found = projected(rising(low=[5_000] * 19), 90, 95, 100)

    assert found.low == 90


def test_at_the_end_what_was_reached_is_the_total() -> None:
    """Whatever was told of the points before."""
    assert projected(rising(), 70, 100, 100) == (70, 70, 70)


def test_a_total_below_zero_lies_between_its_bounds() -> None:
    """Adjustments may take back more than was booked."""
    found = projected(rising(), -400, 50, 100)

    assert found.low is not None
    assert found.total is not None
    assert found.high is not None
    assert found.low < found.total < found.high


@pytest.mark.parametrize("lacking", ["learnt_on", "typical", "shares", "low", "high"])
def test_a_record_that_leaves_something_out_is_no_curve(lacking: str) -> None:
    """Half of a curve would be a guess."""
    assert Curve.read({**RISING, lacking: None}) is None


STEPS = st.lists(st.integers(0, WHOLE), min_size=POINTS - 1, max_size=POINTS - 1).map(sorted)
DOWN = st.lists(st.integers(0, WHOLE), min_size=POINTS - 1, max_size=POINTS - 1)
UP = st.lists(st.integers(WHOLE, 10**7), min_size=POINTS - 1, max_size=POINTS - 1)
TIME = st.integers(1, 10**10).flatmap(lambda work: st.tuples(st.integers(0, work), st.just(work)))


@given(STEPS, TIME, TIME)
def test_as_time_passes_no_less_is_expected(shares: list[int], one: tuple[int, int], other: tuple[int, int]) -> None:
    """Between 0 and 1, and never less than before."""
    curve = rising(shares=shares)
    earlier, later = sorted((one, other), key=lambda each: each[0] / each[1])

    assert 0 <= expected_share(curve, *earlier) <= expected_share(curve, *later) + 1e-12 <= 1 + 1e-9


@given(STEPS, DOWN, UP, TIME, st.integers(1, 10**15), st.integers(0, 10**12))
def test_a_projection_lies_between_its_bounds(
    shares: list[int], low: list[int], high: list[int], time: tuple[int, int], typical: int, actual: int
) -> None:
    """And is no less than what was reached."""
    found = projected(rising(shares=shares, low=low, high=high, typical=typical), actual, *time)

    assert found.low is not None
    assert found.total is not None
    assert found.high is not None
    assert actual <= found.low * (1 + 1e-9) + 1e-9
    assert found.low <= found.total * (1 + 1e-9) <= found.high * (1 + 2e-9) + 1e-9
