"""How long figures stand still, from the instants at which they changed."""

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.stillness import Span, next_boundary_ms, stillness, stillness_of_all, times_baseline

INSTANTS = st.lists(st.floats(0, 100), max_size=20).map(sorted)


def test_the_ends_of_the_span_count() -> None:
    """Figures that stood still when one began to look, or still do at the end, stood still.

    span:      10 ........................ 20
    changes:         12  13       17
    """
    assert stillness([12, 13, 17], Span(10, 20)) == 4
    assert stillness([16, 17], Span(10, 20)) == 6
    assert stillness([11, 13], Span(10, 20)) == 7


def test_what_never_changes_stands_still_all_the_time() -> None:
    """Changes outside the span do not count."""
    assert stillness([], Span(10, 20)) == 10
    assert stillness([9, 21], Span(10, 20)) == 10


@given(INSTANTS, st.floats(0, 100))
def test_another_change_never_makes_it_longer(changed_at: list[float], more: float) -> None:
    """And it lies between nothing and the whole span."""
    span = Span(20, 80)
    before, after = stillness(changed_at, span), stillness(sorted([*changed_at, more]), span)

    assert 0 <= after <= before <= span.seconds


def test_homes_are_told_by_the_longest_and_the_median() -> None:
    """And in multiples of what it was before."""
    changes = {"team:a": [1.0, 2, 3, 4], "team:b": [2.0, 4], "team:c": [4.0]}
    before = stillness_of_all(changes, Span(0, 5))
    during = stillness_of_all(changes, Span(0, 12))

    assert before == {"longest_seconds": 4, "median_seconds": 2, "seconds": 5}
    assert during == {"longest_seconds": 8, "median_seconds": 8, "seconds": 12}
    assert times_baseline(during, before) == {"longest_ratio": 2, "median_ratio": 4}


@given(st.integers(0, 10**13), st.integers(1, 10**8), st.integers(0, 10**7))
def test_a_boundary_is_the_next_one_after_the_lead(now_ms: int, period_ms: int, lead_ms: int) -> None:
    """A multiple of the period, not too soon and no later than it must be."""
    boundary_ms = next_boundary_ms(now_ms, period_ms, lead_ms)

    assert boundary_ms % period_ms == 0
    assert 0 <= boundary_ms - (now_ms + lead_ms) < period_ms
