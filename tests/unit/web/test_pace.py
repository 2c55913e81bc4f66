"""How often something may be done, whatever the times at which it is tried."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from pipeline.web.pace import Pace

MOST, SECONDS = 3, 60.0
GAPS = st.lists(st.floats(0, 90, allow_nan=False), max_size=60)


@given(GAPS)
def test_no_more_than_twice_as_many_in_any_span(gaps: list[float]) -> None:
    """What is saved up, and what is allowed meanwhile."""
    pace, done = Pace(MOST, SECONDS), list[float]()
    for at in accumulate(gaps):
        if pace.wait_seconds(at) == 0:
            done.append(at)

    assert all(len([each for each in done if at <= each < at + SECONDS]) <= 2 * MOST for at in done)


@given(GAPS)
def test_whoever_waits_as_told_is_let_through(gaps: list[float]) -> None:
    """And nobody waits longer than one turn takes."""
    pace = Pace(MOST, SECONDS)
    for at in accumulate(gaps):
        wait = pace.wait_seconds(at)
        assert 0 <= wait <= SECONDS / MOST
        last = at, wait
    if gaps and last[1]:
        assert pace.wait_seconds(last[0] + last[1] + 1e-6) == 0
