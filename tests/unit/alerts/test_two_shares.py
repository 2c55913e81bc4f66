"""Fisher's exact test: worked out with whole numbers."""

from fractions import Fraction
from math import comb

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.two_shares import Sample, is_lower


def tail(recent: Sample, before: Sample) -> Fraction:
    """The chance of so few or fewer among the recent ones."""
    everybody, with_it = recent.all + before.all, recent.some + before.some
    ways = sum(comb(with_it, n) * comb(everybody - with_it, recent.all - n) for n in range(recent.some + 1))
    return Fraction(ways, comb(everybody, recent.all))


def samples(most: int) -> st.SearchStrategy[Sample]:
    """So many of so many."""
    return st.integers(0, most).flatmap(lambda n: st.integers(0, n).map(lambda some: Sample(some, n)))


def test_a_lady_who_tastes_tea_tells_none_of_four() -> None:
    """Of eight cups four had the milk first: that she finds none of these among four has a chance of 1 in 70."""
    assert is_lower(Sample(0, 4), Sample(4, 4), 1 / 70)
    assert not is_lower(Sample(0, 4), Sample(4, 4), 0.0142)
    assert not is_lower(Sample(1, 4), Sample(3, 4), 0.2)
    assert is_lower(Sample(1, 4), Sample(3, 4), 17 / 70)


def test_nothing_is_lower_than_nothing_or_than_an_equal_share() -> None:
    """Nor where there is no sample."""
    assert not is_lower(Sample(0, 0), Sample(50, 100), 1)
    assert not is_lower(Sample(0, 50), Sample(0, 0), 1)
    assert not is_lower(Sample(10, 20), Sample(50, 100), 1)
    assert not is_lower(Sample(0, 20), Sample(0, 100), 1)


def test_samples_of_a_hundred_thousand_are_told_apart() -> None:
    """By two percentage points; not by a tenth of one."""
    assert is_lower(Sample(28_000, 100_000), Sample(150_000, 500_000), 1e-9)
    assert not is_lower(Sample(29_900, 100_000), Sample(150_000, 500_000), 0.1)


@given(samples(40), samples(120), st.sampled_from((0.001, 0.01, 0.05)))
def test_any_two_samples_are_judged_by_the_sum_of_all_ways(recent: Sample, before: Sample, chance: float) -> None:
    """Where the recent share is the lesser one. A chance so near to the bound that floats may differ is no proof."""
    expected = recent.all > 0 and before.all > 0 and recent.some * before.all < before.some * recent.all
    found = tail(recent, before)
    if abs(float(found) / chance - 1) > 1e-9:
        assert is_lower(recent, before, chance) == (expected and found <= Fraction(chance))
