"""Shares: the parts of an amount add up to it, and each is as near its share as whole units allow."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.shares import parted

AMOUNTS = st.integers(-100, 100) | st.integers(-(10**15), 10**15)
BOUNDS = st.lists(st.integers(1, 9_999), max_size=19, unique=True)


@pytest.mark.parametrize(
    ("minor", "shares", "parts"),
    [
        (100_001, [6_000, 4_000], [60_001, 40_000]),  # 60,000.6 and 40,000.4
        (100, [3_333, 3_333, 3_334], [33, 33, 34]),
        (1, [5_000, 5_000], [1, 0]),  # of equal remainders the first
        (-1, [5_000, 5_000], [-1, 0]),
        (2, [3_000, 3_000, 4_000], [1, 0, 1]),  # 0.6, 0.6 and 0.8
        (0, [1, 9_999], [0, 0]),
        (7, [10_000], [7]),
        (10, [1, 2], [3, 7]),  # in any ratio: 3.33 and 6.67
    ],
)
def test_parts_by_hand(minor: int, shares: list[int], parts: list[int]) -> None:
    """What rounding down leaves goes to the largest remainders."""
    assert parted(minor, shares) == parts


@given(AMOUNTS, BOUNDS)
def test_parts_add_up(minor: int, bounds: list[int]) -> None:
    """To the amount, whatever the shares; each is less than a unit from its share, and negated with the amount."""
    shares = [end - begin for begin, end in pairwise([0, *sorted(bounds), 10_000])]
    parts = parted(minor, shares)

    assert sum(parts) == minor
    assert all(abs(part - Fraction(minor * share, 10_000)) < 1 for part, share in zip(parts, shares, strict=True))
    assert parted(-minor, shares) == [-part for part in parts]
